import { spawn, type StdioOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import path from 'node:path';
import { hasErrors, sortDiagnostics } from '../diagnostics';
import { paint } from '../report/paint';
import { table } from '../report/table';
import {
  affordableIntervalMs,
  affordableSpacingMs,
  bringUp,
  chooseLab,
  defaultDirectory,
  drill,
  drillHolds,
  endOwner,
  fail,
  heal,
  healFaults,
  inside,
  labStatus,
  LabFault,
  makeFault,
  onGateway,
  openLab,
  packagePrograms,
  restartAgent,
  renderDrill,
  streamProgram,
  summariseDrill,
  takeDown,
  tryReadRecord,
  underlayNotes,
  usualIntervalMs,
  usualSpacingMs,
  watchAgents,
  withLabKeys,
  type DrillKind,
  type Lab,
  type LabFailure,
  type MadeFault,
} from '../lab';
import { openKeyFile } from '../net/keys';
import type { PlanDocument } from '../plan';
import { count } from '../units';
import { wantsColour, widthOf, type CliIo, type ExitCode } from './io';
import { KeysFailure } from './keys-io';
import { trySecret, type SecretOptions } from './keys-secret';
import { loadPlan } from '../project';
import { hostOf, type LoadOptions } from './host';
import { printDiagnostics } from './print-diagnostics';

interface WhichLab {
  readonly lab?: string;
  readonly directory?: string;
}

interface UpOptions extends WhichLab, LoadOptions, SecretOptions {
  readonly detach?: boolean;
  readonly delay: boolean;
  readonly relay?: boolean;
  readonly agent?: string;
  readonly interval?: number;
  readonly multiplier?: number;
  readonly seed: number;
}

/** Says what the user can mend, and leaves every other fault to the caller. */
async function guarded(io: CliIo, action: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof KeysFailure) {
      io.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
    if (!(error instanceof LabFault)) throw error;
    io.stderr.write(`error: ${error.message}\n`);
    return 1;
  }
}

function folderOf(io: CliIo, { directory }: WhichLab): string {
  return directory === undefined ? defaultDirectory : path.resolve(io.cwd, directory);
}

function found(io: CliIo, options: WhichLab): Lab {
  requireRoot();
  return openLab(folderOf(io, options), options.lab);
}

function requireRoot(): void {
  if (process.geteuid?.() !== 0) throw new LabFault('a lab needs root: run it with sudo');
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

/** Aborts when we are told to end, with a fault of this text; `off`: signals end us again. */
function untilSignal(text: string): { readonly signal: AbortSignal; off(): void } {
  const stopped = new AbortController();
  const stop = () => stopped.abort(new LabFault(text));
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of signals) process.on(name, stop);
  return {
    signal: stopped.signal,
    off() {
      for (const name of signals) process.off(name, stop);
    },
  };
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

/** Said of what is sent less often than usual, for `sharers` share this machine. */
function seldomNote(what: string, ms: number, usualMs: number, sharers: string, option: string): string[] {
  if (ms <= usualMs) return [];
  const cores = count(availableParallelism(), 'core');
  return [
    `${what} each ${ms} ms, not ${usualMs}: ${sharers} share ${cores} (--${option} ${usualMs} insists)`,
  ];
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

/** `dwcp lab status`. */
export function statusCommand(io: CliIo, options: WhichLab & { json?: boolean }): Promise<ExitCode> {
  return guarded(io, async () => {
    const status = await labStatus(found(io, options));
    if (options.json) {
      io.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
      return 0;
    }
    const p = paint(wantsColour(io, io.stdout));
    const rows = status.gateways.map((g) => [
      g.id,
      g.agent === null ? p.red('does not run') : `process ${g.agent}`,
      g.tunnelsUp === g.tunnels ? `all ${g.tunnels}` : p.red(`${g.tunnelsUp} of ${g.tunnels}`),
      g.namespace,
    ]);
    const columns = [
      { title: 'gateway' },
      { title: 'agent' },
      { title: 'tunnels up' },
      { title: 'namespace' },
    ];
    const inForce = [...status.failures.map(describe), ...status.faults.map(describeFault)];
    const lines = [
      `lab ${status.lab}: network ${status.network}, plan ${status.planDigest.slice(0, 19)}`,
      underlayNotes[status.underlay],
      '',
      ...table(columns, rows, widthOf(io), 0, p.dim),
      '',
      inForce.length === 0 ? 'no failure in force' : p.bold('failures in force'),
      ...inForce.map((line) => `  ${line}`),
    ];
    io.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  });
}

/** `link-a-b: 20 % loss, 100 ms more, towards b`. */
export function describe({ target, blackhole, lossRatio, extraMs, towards }: LabFailure): string {
  const parts = [
    ...(blackhole ? ['blackhole'] : []),
    ...(lossRatio > 0 ? [`${Number((lossRatio * 100).toFixed(2))} % loss`] : []),
    ...(extraMs > 0 ? [`${extraMs} ms more`] : []),
    ...(towards === null ? [] : [`towards ${towards}`]),
  ];
  return `${target}: ${parts.join(', ')}`;
}

interface FailOptions extends WhichLab {
  readonly blackhole?: boolean;
  readonly loss?: number;
  readonly delay?: number;
  readonly towards?: string;
}

/** `dwcp lab fail`. */
export function failCommand(io: CliIo, target: string, options: FailOptions): Promise<ExitCode> {
  return guarded(io, async () => {
    const { loss = 0, delay = 0, towards = null } = options;
    const blackhole =
      options.blackhole === true || (options.loss === undefined && options.delay === undefined);
    const failure = { target, blackhole, lossRatio: loss / 100, extraMs: delay, towards };
    await fail(found(io, options), failure);
    io.stdout.write(`${describe(failure)}\n`);
    return 0;
  });
}

/** `dublin/1: foreign-interface link-a-b`. */
function describeFault({ gateway, fault, value }: MadeFault): string {
  return `${gateway}: ${fault}${value === null ? '' : ` ${value}`}`;
}

/** `dwcp lab fault`. */
export function faultCommand(
  io: CliIo,
  [gateway, name, value]: readonly [string, string, string | undefined],
  options: WhichLab,
): Promise<ExitCode> {
  return guarded(io, async () => {
    io.stdout.write(`${await makeFault(found(io, options), gateway, name, value)}\n`);
    return 0;
  });
}

/** `dwcp lab restart`. */
export function restartCommand(
  io: CliIo,
  gateway: string,
  options: WhichLab & { readonly upgrade?: boolean },
): Promise<ExitCode> {
  return guarded(io, async () => {
    const program = options.upgrade ? packagePrograms().agent : undefined;
    const ms = await restartAgent(found(io, options), gateway, program);
    const what = program ? 'has the agent of this package' : 'has a new agent';
    io.stdout.write(`${gateway} ${what}, after ${(ms / 1000).toFixed(1)} s\n`);
    return 0;
  });
}

/** `dwcp lab heal`: failures and faults of a target, or of all. */
export function healCommand(
  io: CliIo,
  target: string | undefined,
  fault: string | undefined,
  options: WhichLab,
): Promise<ExitCode> {
  return guarded(io, async () => {
    const lab = found(io, options);
    const faults = (await healFaults(lab, target, fault)).map(describeFault);
    const failures = fault === undefined ? (await heal(lab, target)).map(describe) : [];
    const ended = [...failures, ...faults];
    if (target !== undefined && ended.length === 0) {
      throw new LabFault(
        `'${target}' has no ${fault === undefined ? 'failure' : `fault '${fault}' that lasts`}`,
      );
    }
    io.stdout.write(ended.length === 0 ? 'there was no failure\n' : `${ended.join('\n')}: healed\n`);
    return 0;
  });
}

interface DrillOptions extends WhichLab {
  readonly only?: readonly DrillKind[];
  readonly runs: number;
  readonly pairs: number;
  readonly spacing?: number;
  readonly json?: boolean;
}

/** `dwcp lab drill`: exit code 1 if anything went otherwise than planned. */
export function drillCommand(io: CliIo, options: DrillOptions): Promise<ExitCode> {
  return guarded(io, async () => {
    const lab = found(io, options);
    const { only = ['links', 'regions', 'brownouts'], runs, pairs } = options;
    const affordable = affordableSpacingMs(lab.plan, pairs, availableParallelism());
    const { spacing: spacingMs = affordable } = options;
    const seldom = seldomNote('a stream sends', affordable, usualSpacingMs, 'all', 'spacing');
    if (options.spacing === undefined) for (const line of seldom) io.stderr.write(`${line}\n`);
    const { signal, off } = untilSignal('stopped; what was failed is healed');
    const done = await drill(lab, {
      kinds: only,
      runs,
      streams: pairs,
      spacingMs,
      watch: await watchAgents(lab),
      streamProgram: streamProgram(),
      now: Date.now,
      progress: (what) => io.stderr.write(io.stderr.isTTY ? `\r\u001b[K${what}` : `${what}\n`),
      signal,
    })
      .catch((error: unknown) => {
        throw signal.aborted ? signal.reason : error;
      })
      .finally(off);
    if (io.stderr.isTTY) io.stderr.write('\r\u001b[K');
    if (signal.aborted) io.stderr.write(`error: ${(signal.reason as Error).message}\n`);
    const summary = summariseDrill(done);
    const layout = { width: widthOf(io), colour: wantsColour(io, io.stdout), spacingMs };
    if (options.json) io.stdout.write(`${JSON.stringify({ spacingMs, summary, runs: done }, null, 2)}\n`);
    else io.stdout.write(renderDrill(done, layout));
    return drillHolds(summary) && !signal.aborted ? 0 : 1;
  });
}

/** `dwcp lab exec`: exit code of the command; 128 and the signal's number if a signal ended it. */
export function execCommand(
  io: CliIo,
  where: string,
  words: readonly string[],
  options: WhichLab,
): Promise<ExitCode> {
  return guarded(io, async () => {
    const lab = found(io, options);
    const region = lab.layout.regions.find((r) => r.id === where);
    const gateway = lab.layout.gateways.find((g) => g.id === where);
    if (!region && !gateway) {
      throw new LabFault(`the lab has no region or gateway '${where}'; 'dwcp lab status' lists them`);
    }
    const command = region ? inside(region.namespace, words) : onGateway(lab, where, words);
    return runInteractive(io, command);
  });
}

function runInteractive(io: CliIo, command: readonly string[]): Promise<ExitCode> {
  const fd = (stream: object) => {
    const own = (stream as { fd?: unknown }).fd;
    return typeof own === 'number' && own >= 0 ? own : ('pipe' as const);
  };
  return new Promise((resolve, reject) => {
    const stdio: StdioOptions = [fd(io.stdin), fd(io.stdout), fd(io.stderr)];
    const child = spawn(command[0], command.slice(1), { cwd: io.cwd, stdio });
    child.stdout?.pipe(io.stdout, { end: false });
    child.stderr?.pipe(io.stderr, { end: false });
    child.stdin?.end();
    // The terminal sends Ctrl-C to the command as well: it is the one to act on it.
    const ignore = () => undefined;
    process.on('SIGINT', ignore);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', ignore);
      resolve(code ?? 128 + constants.signals[signal!]);
    });
  });
}

/** `dwcp lab down`. */
export function downCommand(io: CliIo, options: WhichLab): Promise<ExitCode> {
  return guarded(io, async () => {
    requireRoot();
    const directory = folderOf(io, options);
    const lab = chooseLab(directory, options.lab);
    await endOwner(directory, lab);
    if (tryReadRecord(directory, lab)) await takeDown(directory, lab);
    io.stdout.write(`lab ${lab} is down\n`);
    return 0;
  });
}
