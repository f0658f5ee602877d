import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { hasErrors, sortDiagnostics } from '../../diagnostics';
import {
  affordableIntervalMs,
  bringUp,
  LabFault,
  packagePrograms,
  takeDown,
  underlayNotes,
  usualIntervalMs,
  withLabKeys,
  type Lab,
} from '../../lab';
import { openKeyFile } from '../../net/keys';
import type { PlanDocument } from '../../plan';
import { loadPlan } from '../../project';
import { count } from '../../units';
import { hostOf, type LoadOptions } from '../host';
import type { CliIo, ExitCode } from '../io';
import { trySecret, type SecretOptions } from '../keys-secret';
import { printDiagnostics } from '../print-diagnostics';
import { folderOf, guarded, requireRoot, seldomNote, untilSignal, type WhichLab } from './lab-world';

interface UpOptions extends WhichLab, LoadOptions, SecretOptions {
  readonly detach?: boolean;
  readonly delay: boolean;
  readonly relay?: boolean;
  readonly agent?: string;
  readonly interval?: number;
  readonly multiplier?: number;
  readonly seed: number;
}

/** `dwcp lab up`: in the foreground until a signal, then takes the lab down; `--detach` leaves it. */
export function upCommand(io: CliIo, file: string, options: UpOptions): Promise<ExitCode> {
  return guarded(io, async () => {
    requireRoot();
    const loaded = loadPlan(hostOf(io), file, { ...options, writeLock: false });
    // The lab makes its own keys where the network has none.
    printDiagnostics(io, sortDiagnostics(loaded.diagnostics.filter((d) => d.code !== 'keys-missing')));
    const { plan } = loaded;
    if (!plan || hasErrors(loaded.diagnostics)) return 1;
    const keyed = (await ownKeys(io, file, plan, options)) ?? (await withLabKeys(plan, randomBytes));
    const directory = folderOf(io, options);
    const affordable = affordableIntervalMs(keyed.plan, availableParallelism());
    const { signal, off } = untilSignal('stopped; nothing is left behind');
    try {
      const started = performance.now();
      const lab = await bringUp({
        ...keyed,
        lab: options.lab,
        directory,
        underlay: options.delay ? (options.relay ? 'relay' : undefined) : 'direct',
        seed: options.seed,
        programs: packagePrograms(options.agent && path.resolve(io.cwd, options.agent)),
        agentOptions: probing({ ...options, interval: options.interval ?? affordable }),
        foreground: options.detach !== true,
        signal,
        progress: (what) => io.stderr.isTTY && io.stderr.write(`\r\u001b[K${what}`),
      });
      if (io.stderr.isTTY) io.stderr.write('\r\u001b[K');
      const seldom = seldomNote('probes', affordable, usualIntervalMs, 'all agents', 'interval');
      const note = options.interval === undefined ? seldom : [];
      io.stdout.write(greeting(lab, (performance.now() - started) / 1000, note, options.detach === true));
      if (options.detach) return 0;
      await untilAborted(signal);
      await takeDown(directory, lab.record.lab);
      io.stderr.write(`lab ${lab.record.lab} is down\n`);
      return 0;
    } finally {
      off();
    }
  });
}

function probing({ interval, multiplier }: UpOptions): string[] {
  return [
    ...(interval === undefined ? [] : ['--interval', String(interval)]),
    ...(multiplier === undefined ? [] : ['--multiplier', String(multiplier)]),
  ];
}

/** The network's own keys, where a secret is at hand; undefined: keys are made for the lab. */
async function ownKeys(io: CliIo, file: string, plan: PlanDocument, options: UpOptions) {
  const secret = trySecret(options, {
    ...io,
    loadGateways: () => ({ network: '', names: [], gateways: [], tunnels: [] }),
  });
  if (!secret) return undefined;
  const keyFile = options.keys ?? path.join(path.dirname(file), `${plan.network}.keys.json`);
  let text: string;
  try {
    text = readFileSync(path.resolve(io.cwd, keyFile), 'utf8');
  } catch {
    throw new LabFault(`there is a secret, but no key file ${keyFile}; make it with 'dwcp keys init'`);
  }
  const opened = await openKeyFile(text, secret, plan.identity);
  if (!opened.ok) throw new LabFault(`${keyFile}: ${opened.problem.message}; ${opened.problem.next}`);
  return { plan, keys: opened.value };
}

function greeting(
  { record, layout }: Lab,
  seconds: number,
  notes: readonly string[],
  detached: boolean,
): string {
  const { regions, gateways, tunnels } = layout;
  const sizes = [
    count(regions.length, 'region'),
    count(gateways.length, 'gateway'),
    count(tunnels.length, 'tunnel'),
  ];
  const [first, second] = regions;
  const name = record.lab;
  const end = detached ? `'dwcp lab down --lab ${name}' takes it down` : 'Ctrl-C takes it down';
  return `lab ${name} is up after ${seconds.toFixed(1)} s: ${sizes.join(', ')}
${[underlayNotes[record.underlay], ...notes].join('\n')}
try: dwcp lab exec ${first.id} -- ping -c 3 ${(second ?? first).hosts[0].ipv4}
${end}
`;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // Keeps the event loop alive: signals alone do not.
    const alive = setInterval(() => undefined, 2 ** 30);
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      resolve();
    });
    if (signal.aborted) resolve();
  });
}
