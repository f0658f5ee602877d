import { readFileSync } from 'node:fs';
import path from 'node:path';
import { tryDrainTime } from '../agent/api/read-drain';
import type { DoctorView, DrainRequest, EventView, StateView } from '../agent/client';
import { paint } from '../report/paint';
import { fold, table } from '../report/table';
import { visible } from '../escape';
import { wantsColour, widthOf, type CliIo, type ExitCode } from './io';
import { looksLikePlan } from '../project';
import { KeysFailure } from './keys-io';
import { writeFileAtomic } from '../project/write-file';
import { drainNetwork, type NetworkDrain } from './ops/drain-network';
import { openWorld, type OpsOptions, type OpsWorld } from './ops/ops-world';
import { askAll, type Asked, type OpsGateway } from './ops/reach';
import { statusText } from './ops/status-report';
import { writeBack } from './ops/write-back';

/** `dwcp ops status` */
export function opsStatus(io: CliIo, file: string, options: OpsOptions): Promise<ExitCode> {
  return inWorld(io, file, options, async ({ gateways, reach, timeoutMs }) => {
    const asked = await askAll(gateways, timeoutMs, (gateway) => reach.look(gateway));
    if (options.json) printJson(io, { gateways: asked.map(plainOf) });
    else io.stdout.write(statusText(io, asked));
    return asked.every((a) => a.ok) ? 0 : 1;
  });
}

export interface DrainOptions extends OpsOptions {
  readonly for?: string;
  readonly write: boolean;
}

/** `dwcp ops drain` and `undrain`. @param on false: undrain. */
export function opsDrain(
  io: CliIo,
  file: string,
  place: Pick<DrainRequest, 'of' | 'id'>,
  options: DrainOptions,
  on: boolean,
): Promise<ExitCode> {
  return inWorld(io, file, options, async (world) => {
    const what = { ...place, forSeconds: timeOf(options.for) };
    requirePlace(world, place);
    const drain = await drainNetwork(what, on, world);
    const failed = drain.told.filter((a) => !a.ok);
    const wrong = drain.told.flatMap((a) => (a.ok && isAt(a.value, place) !== on ? [a.gateway.id] : []));
    const note = failed.length > 0 ? undefined : written(io, file, place, options, on);
    if (options.json) {
      printJson(io, {
        gateways: drain.told.map(plainOf),
        unconcerned: drain.unconcerned,
        stillSending: drain.stillSending,
        description: note ?? null,
      });
    } else io.stdout.write(drainText(io, place, drain, on, note));
    return failed.length + wrong.length + drain.stillSending.length === 0 ? 0 : 1;
  });
}

/** `dwcp ops events` */
export function opsEvents(io: CliIo, file: string, options: OpsOptions): Promise<ExitCode> {
  return inWorld(io, file, options, async ({ gateways, reach, timeoutMs }) => {
    const { events } = reach;
    if (!events)
      throw new KeysFailure('error: events come over the overlay alone\n  next: leave --by out', 2);
    const stop = new AbortController();
    const end = () => stop.abort();
    process.once('SIGINT', end);
    try {
      const asked = await askAll(gateways, timeoutMs, (gateway) => reach.look(gateway));
      for (const a of asked) if (!a.ok) io.stderr.write(`${a.gateway.id}: ${visible(a.message)}\n`);
      const follow = async (gateway: OpsGateway) => {
        for await (const event of events(gateway, stop.signal)) {
          const line = options.json
            ? JSON.stringify({ gateway: gateway.id, ...event })
            : visible(eventLine(gateway, event));
          io.stdout.write(`${line}\n`);
        }
      };
      await Promise.all(asked.filter((a) => a.ok).map((a) => follow(a.gateway)));
      return asked.every((a) => a.ok) ? 0 : 1;
    } finally {
      process.off('SIGINT', end);
    }
  });
}

/** `dwcp ops doctor` */
export function opsDoctor(io: CliIo, file: string, options: OpsOptions): Promise<ExitCode> {
  return inWorld(io, file, options, async ({ gateways, reach, timeoutMs }) => {
    const asked = await askAll(gateways, Math.max(timeoutMs, 60_000), (gateway) => reach.doctor(gateway));
    if (options.json) printJson(io, { gateways: asked.map(plainOf) });
    else io.stdout.write(doctorText(io, asked));
    const isWell = (a: Asked<DoctorView>) => a.ok && a.value.checks.every((c) => c.state !== 'fail');
    return asked.every(isWell) ? 0 : 1;
  });
}

async function inWorld(
  io: CliIo,
  file: string,
  options: OpsOptions,
  work: (world: OpsWorld) => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work(await openWorld(io, file, options));
  } catch (error) {
    if (!(error instanceof KeysFailure)) throw error;
    io.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}

/** @throws KeysFailure for a text that is not a time. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = tryDrainTime(text);
  if (time !== undefined) return time;
  throw new KeysFailure(`error: '${text}' is not a time for a drain\n  next: give 1s to 31d: 30m, 2h, 1d`, 2);
}

/** @throws KeysFailure where the plan has no such place. */
function requirePlace({ plan }: OpsWorld, { of, id }: Pick<DrainRequest, 'of' | 'id'>): void {
  const ids = { link: plan.links, gateway: plan.gateways, region: plan.regions }[of].map((one) => one.id);
  if (ids.includes(id)) return;
  const next = `there are ${ids.slice(0, 20).join(', ')}`;
  throw new KeysFailure(`error: the plan has no ${of} '${id}'\n  next: ${next}`, 2);
}

/** The change of the description, or advice how to make it. */
function written(
  io: CliIo,
  file: string,
  place: Pick<DrainRequest, 'of' | 'id'>,
  options: DrainOptions,
  on: boolean,
): string | undefined {
  if (options.for !== undefined) return `it ends by itself after ${options.for}`;
  if (!options.write) return undefined;
  const instead = `write 'drained: ${on}' to its description, for the next plan`;
  if (file === '-') return instead;
  const full = path.resolve(io.cwd, file);
  const text = readFileSync(full, 'utf8');
  if (looksLikePlan(text)) return instead;
  const back = writeBack(text, place, on);
  if ('instead' in back) return back.instead;
  if ('unchanged' in back) return `${file} says so already, at ${back.at}`;
  writeFileAtomic(full, back.text);
  const beyond =
    place.of === 'region' && on ? '; deployed so, the traffic of the region itself ends as well' : '';
  return `${on ? `${file} says so now, at ${back.at}` : `${file} no longer says so`}; plan and deploy it${beyond}`;
}

function drainText(
  io: CliIo,
  { of, id }: Pick<DrainRequest, 'of' | 'id'>,
  { told, stillSending, unconcerned }: NetworkDrain,
  on: boolean,
  note: string | undefined,
): string {
  const marks = paint(wantsColour(io, io.stdout));
  const width = widthOf(io);
  const place = `${of} ${id}`;
  const know = told.filter((a) => a.ok);
  const lost = told.flatMap((a) => (a.ok ? [] : [a]));
  const verb = on ? 'drain' : 'undrain';
  const lines = [
    `${place} is ${on ? 'drained' : 'in service'} at ${know.length} of ${told.length} gateways that it concerns`,
    ...(unconcerned.length > 0 ? [`nothing to do with it: ${unconcerned.join(', ')}`] : []),
    ...lost.map((a) => marks.red(visible(`${a.gateway.id} does not know: ${a.message}`))),
    ...(stillSending.length > 0
      ? [marks.yellow(`still sending over it, for want of another path: ${stillSending.join(', ')}`)]
      : []),
  ];
  if (lost.length > 0) {
    const only = lost.map((a) => a.gateway.id).join(' ');
    lines.push(
      `nothing is lost: whoever does not know goes on as before, and ${of === 'link' ? 'the link' : place} still forwards`,
      `to finish: dwcp ops ${verb} ${place} <network> --only ${only}`,
      `to take it back: dwcp ops ${on ? 'undrain' : 'drain'} ${place} <network>`,
    );
  }
  if (note !== undefined) lines.push(visible(note));
  return `${lines.flatMap((line) => fold(line, width, 0, 2)).join('\n')}\n`;
}

function doctorText(io: CliIo, asked: readonly Asked<DoctorView>[]): string {
  const marks = paint(wantsColour(io, io.stdout));
  const colours = { ok: marks.green, warn: marks.yellow, fail: marks.red };
  const rows = asked.flatMap((a): string[][] => {
    if (!a.ok) return [[a.gateway.id, marks.red('no answer'), '', visible(`${a.message}; ${a.next}`)]];
    const wrong = a.value.checks.filter((c) => c.state !== 'ok');
    if (wrong.length === 0) return [[a.gateway.id, marks.green('ok'), '', `${a.value.checks.length} checks`]];
    return wrong.map((c) => {
      const text = c.next === '' ? c.says : `${c.says}; ${c.next}`;
      return [a.gateway.id, colours[c.state](c.state), visible(c.name), visible(text)];
    });
  });
  const columns = [
    { title: 'gateway' },
    { title: 'state' },
    { title: 'check' },
    { title: 'finding', elastic: true },
  ];
  return `${table(columns, rows, widthOf(io), 0, marks.bold).join('\n')}\n`;
}

function eventLine({ id }: OpsGateway, e: EventView): string {
  const change = [e.from, e.to].map((side) => (side === '' ? 'nothing' : side)).join(' -> ');
  return `${new Date(e.utcMs).toISOString()} ${id} ${e.kind} ${e.what}: ${change} (${e.cause})`;
}

function isAt({ drained }: StateView, { of, id }: Pick<DrainRequest, 'of' | 'id'>): boolean {
  return drained.includes(`${of} ${id}`);
}

function plainOf<T>(asked: Asked<T>): object {
  const { gateway } = asked;
  return asked.ok
    ? { gateway: gateway.id, ok: true, ...asked.value }
    : { gateway: gateway.id, ok: false, message: asked.message, next: asked.next };
}

function printJson(io: CliIo, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
