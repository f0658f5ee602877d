import { paint, type Paint } from '../../report/paint';
import { fold, table, type Column } from '../../report/table';
import { visible } from '../../escape';
import type { StateView } from '../../agent/client';
import { wantsColour, widthOf, type CliIo } from '../io';
import type { Asked, GatewayLook } from './reach';

const columns: readonly Column[] = [
  { title: 'gateway' },
  { title: 'state' },
  { title: 'plan', align: 'right' },
  { title: 'tunnels', align: 'right' },
  { title: 'routes', align: 'right' },
  { title: 'drained, or why not', elastic: true },
];

/** A line a gateway: is it ready, which plan it has, tunnels up, routes as planned, what is drained. */
export function statusText(io: CliIo, asked: readonly Asked<GatewayLook>[]): string {
  const marks = paint(wantsColour(io, io.stdout));
  const width = widthOf(io);
  const newest = Math.max(...asked.map((a) => (a.ok ? a.value.state.generation : 0)));
  const rows = asked.map((a) => (a.ok ? lookRow(a.gateway.id, a.value, newest, marks) : failedRow(a, marks)));
  const lines = table(columns, rows, width, 0, marks.bold);
  const failed = asked.filter((a) => !a.ok).length;
  const sum = `${asked.length - failed} of ${asked.length} gateways answered`;
  return `${[...lines, '', ...fold(failed > 0 ? marks.red(sum) : sum, width)].join('\n')}\n`;
}

function lookRow(
  id: string,
  { state, tunnels, routes }: GatewayLook,
  newest: number,
  marks: Paint,
): string[] {
  const up = tunnels.filter((t) => t.health === 'up').length;
  const planned = routes.filter((r) => r.state === 'planned').length;
  const lost = routes.filter((r) => r.state === 'none').length;
  const part = (some: number, all: number) => {
    const text = `${some}/${all}`;
    return some === all ? text : marks.yellow(text);
  };
  const notes = [
    ...(state.generation < newest ? [`is behind generation ${newest}`] : []),
    ...(lost > 0 ? [marks.red(`${lost} routes have no path`)] : []),
    ...state.drained.map((place) => marks.yellow(`${visible(place)}${untilText(state, place)}`)),
  ];
  return [
    id,
    state.ready ? marks.green('ready') : marks.red('not ready'),
    String(state.generation),
    part(up, tunnels.length),
    part(planned, routes.length),
    notes.join(', '),
  ];
}

function failedRow(
  { gateway, message, next }: Extract<Asked<unknown>, { ok: false }>,
  marks: Paint,
): string[] {
  const why = visible(next === '' ? message : `${message}; ${next}`);
  return [gateway.id, marks.red('no answer'), '-', '-', '-', why];
}

function untilText({ drainedUntil = {} }: Pick<StateView, 'drainedUntil'>, place: string): string {
  const end = drainedUntil[place];
  return end === undefined ? '' : ` until ${new Date(end).toISOString().slice(0, 16)}Z`;
}
