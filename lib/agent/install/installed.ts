import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { replaceFile, syncFolder } from '../files/replace-file';

/** The agent's unit in a release, and its name in systemd. */
export const agentUnit = 'dwcp-agent.service';
const agentProgram = 'dwcp-agent.cjs';
/** The unit that tells others on the host what is ours. Releases of before it have none. */
export const hostUnit = 'dwcp-host.service';

/** Where a gateway's installation lies. */
export interface InstallPlaces {
  /** Folder of `current`, `endpoints.json` and `releases`. */
  readonly home: string;
  /** Folder of `unseal`, in memory. */
  readonly runDir: string;
  /** systemd's folder of units. */
  readonly units: string;
}

/** What the agent starts with. */
export interface Installed {
  /** Folder of an unpacked bundle. */
  readonly release: string;
  /** Content of `endpoints.json`. */
  readonly endpoints: string;
  /** The unsealing secrets, a line an epoch. */
  readonly unseal: string;
}

/** What is installed; null: nothing whole. */
export function readInstalled({ home, runDir }: InstallPlaces): Installed | null {
  try {
    return {
      release: path.resolve(home, readlinkSync(path.join(home, 'current'))),
      endpoints: readFileSync(path.join(home, 'endpoints.json'), 'utf8'),
      unseal: readFileSync(path.join(runDir, 'unseal'), 'utf8'),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Each file is replaced whole, where it differs; `current`, last, decides which plan a restart takes. */
export function writeInstalled(places: InstallPlaces, wanted: Installed): void {
  const { home, runDir, units } = places;
  for (const name of [agentUnit, hostUnit]) {
    const unit = path.join(wanted.release, name);
    if (name === agentUnit || existsSync(unit)) {
      replaceWhereOther(path.join(units, name), readFileSync(unit, 'utf8'), 0o644);
    }
  }
  replaceWhereOther(path.join(runDir, 'unseal'), wanted.unseal);
  replaceWhereOther(path.join(home, 'endpoints.json'), wanted.endpoints);
  if (readInstalled(places)?.release === wanted.release) return;
  const draft = path.join(home, 'current.new');
  rmSync(draft, { force: true });
  symlinkSync(path.relative(home, wanted.release), draft);
  renameSync(draft, path.join(home, 'current'));
  syncFolder(home);
}

/** @returns whether it was another. */
export function replaceWhereOther(file: string, text: string, mode?: number): boolean {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false;
  replaceFile(file, text, mode);
  return true;
}

/** Do two releases run the same program in the same way? Then a reload is enough. */
export function sameAgent(a: string, b: string): boolean {
  return [agentProgram, agentUnit].every((name) => {
    const files = [a, b].map((release) => path.join(release, name));
    return files.every(existsSync) && readFileSync(files[0]).equals(readFileSync(files[1]));
  });
}

/** An older plan is refused, so that nobody goes back to an older release. */
export function removeOtherReleases(release: string): void {
  const all = path.dirname(release);
  for (const name of readdirSync(all)) {
    if (name !== path.basename(release)) rmSync(path.join(all, name), { recursive: true, force: true });
  }
}

/** A note that an installation has begun: while it is there, which program runs is not known. */
export function openNote({ runDir }: InstallPlaces): {
  readonly found: boolean;
  write(): void;
  remove(): void;
} {
  const file = path.join(runDir, 'installing');
  return {
    found: existsSync(file),
    write() {
      mkdirSync(runDir, { recursive: true, mode: 0o700 });
      replaceFile(file, '');
    },
    remove: () => rmSync(file, { force: true }),
  };
}
