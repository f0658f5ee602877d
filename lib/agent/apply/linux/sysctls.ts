import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HostObject } from '../host-object';
import type { LinuxPlace } from './linux-place';
import { output } from './run-process';

/** Values of settings of the host before the agent changed them, by name. */
type Kept = Readonly<Record<string, string>>;

const write = 'printf %s "$2" >"/proc/sys/$1"';

/** Changes a setting; what it was before is kept, the first time. A setting of one interface goes with it. */
export async function writeSysctl(place: LinuxPlace, name: string, value: string): Promise<void> {
  const kept = readKept(place);
  const ofInterface = /^net\/ipv[46]\/conf\/(?!all\/|default\/)/.test(name);
  if (!ofInterface && !(name in kept)) {
    const now = await readSysctls(place, [name]);
    if (!now.has(name)) throw new Error(`no setting ${name}`);
    keep(place, { ...kept, [name]: now.get(name)! });
  }
  await put(place, name, value);
}

/** Without a process where we are on the host ourselves: a tunnel has several, and each look reads all. */
async function put({ prefix }: LinuxPlace, name: string, value: string): Promise<void> {
  if (prefix.length === 0) writeFileSync(`/proc/sys/${name}`, value);
  else await output([...prefix, 'sh', '-c', write, 'sh', name, value]);
}

/** Gives a setting back its value from before. */
export async function restoreSysctl(place: LinuxPlace, name: string): Promise<void> {
  const { [name]: before, ...others } = readKept(place);
  if (before === undefined) return;
  await put(place, name, before);
  keep(place, others);
}

/** The settings as they are; what the kernel does not have is left out. */
export async function observeSysctls(
  place: LinuxPlace,
  names: readonly string[],
  kind: 'sysctl' | 'deviceSysctl',
): Promise<HostObject[]> {
  const kept = readKept(place);
  return [...(await readSysctls(place, names))].map(([key, value]) => ({
    kind,
    key,
    value,
    ...(key in kept ? { also: 'kept' } : {}),
  }));
}

async function readSysctls(
  { prefix, look }: LinuxPlace,
  names: readonly string[],
): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  if (prefix.length === 0) {
    return new Map(
      names.flatMap((name): [string, string][] => {
        const value = tryRead(`/proc/sys/${name}`);
        return value === undefined ? [] : [[name, value.trim()]];
      }),
    );
  }
  const files = names.map((name) => `/proc/sys/${name}`);
  // Exit code 2: some are not there.
  const { stdout } = await look([...prefix, 'grep', '-s', '-H', '', ...files]);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(':');
      return [line.slice('/proc/sys/'.length, at), line.slice(at + 1)];
    }),
  );
}

/** undefined: the kernel does not have it. */
function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const fileName = 'sysctls.json';
/**
 * What could not be written, by folder: settings are changed all the same, and given back by this agent
 * alone.
 */
const unwritten = new Map<string, Kept>();

function readKept({ folder, onWrite }: LinuxPlace): Kept {
  const here = unwritten.get(folder);
  if (here) return here;
  try {
    const kept: unknown = JSON.parse(readFileSync(path.join(folder, fileName), 'utf8'));
    const entries = Object.entries(kept as Record<string, unknown>);
    return Object.fromEntries(
      entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch (error) {
    // Of one that is damaged nothing is known: what is there now counts as what was there before.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      onWrite(fileName, new Error(`it cannot be read: ${(error as Error).message}`));
    }
    return {};
  }
}

function keep({ folder, onWrite }: LinuxPlace, values: Kept): void {
  const file = path.join(folder, fileName);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, `${JSON.stringify(values)}\n`);
    renameSync(`${file}.new`, file);
    unwritten.delete(folder);
    onWrite(fileName, null);
  } catch (error) {
    unwritten.set(folder, values);
    onWrite(fileName, error as Error);
  }
}
