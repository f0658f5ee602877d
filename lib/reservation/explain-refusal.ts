import type { Topology } from '../graph';
import { bestPath, pathId } from '../routing';
import { formatBandwidth } from '../units';
import type { AdmissionRefusal, Alternatives, Shortage } from './admission';
import { refused } from './admission';
import type { Ask } from './ask';
import type { Calendar } from './calendar';
import { openPath } from './open-path';
import { whatWouldFit } from './what-would-fit';

type Refused = { readonly admitted: false; readonly refusal: AdmissionRefusal };

/**
 * Why an ask got no path, and what would fit. Without `explain` the alternatives are not looked for: the same
 * code and message, in a fraction of the time.
 */
export function explainRefusal(
  calendar: Calendar,
  ask: Ask,
  limited: boolean,
  nowMs: number,
  horizonMs: number,
  explain: boolean,
): Refused {
  const { topology } = calendar;
  const { request, from, to } = ask;
  const source = topology.nodeIndex.get(from)!;
  const target = topology.nodeIndex.get(to)!;
  const best = ask.candidates.find((arcs) => arcs.length > 0) ?? openPath(request, source, target, null).arcs;
  if (best === null) {
    const { refusal } = bestPath(topology, request, from, to);
    return refused('no-route', refusal?.message ?? '', refusal?.nearest ?? '');
  }
  const shortages = shortagesOn(calendar, ask, best);
  const alternatives = explain ? whatWouldFit(calendar, ask, nowMs, horizonMs) : undefined;
  const nearest = alternatives === undefined ? '' : sentence(topology, alternatives);
  if (limited) {
    const message = `the search for a path from '${from}' to '${to}' with room gave up at its limit`;
    return refused('search-limit', message, nearest, shortages, alternatives);
  }
  const lacking = shortages
    .slice(0, 3)
    .map(({ arc, link, freeKbps }) => {
      const ends = `from '${topology.nodes[topology.tail[arc]]}' to '${topology.nodes[topology.head[arc]]}'`;
      return `link '${link}' ${ends} has ${bandwidth(freeKbps)} left`;
    })
    .join(', ');
  const more = shortages.length > 3 ? ` and ${shortages.length - 3} more lack it too` : '';
  const message =
    `no path from '${from}' to '${to}' has ${bandwidth(ask.kbps)} for class ${ask.class} ` +
    `in the whole window; on ${pathName(topology, best)} ${lacking}${more}`;
  return refused('no-bandwidth', message, nearest, shortages, alternatives);
}

/** The arcs of a path that lack room for an ask, in order of the path. */
export function shortagesOn(
  calendar: Calendar,
  ask: Pick<Ask, 'class' | 'intervals' | 'kbps'>,
  arcs: readonly number[],
): Shortage[] {
  const { link, links } = calendar.topology;
  return arcs
    .filter((arc) => !calendar.has(arc, ask.class, ask.intervals, ask.kbps))
    .map((arc) => {
      const freeKbps = calendar.freeKbps(arc, ask.class, ask.intervals);
      return { arc, link: links[link[arc]], freeKbps };
    });
}

function sentence(topology: Topology, { lessBandwidth, anotherWindow, anotherPath }: Alternatives): string {
  const parts: string[] = [];
  if (lessBandwidth !== null)
    parts.push(
      `${bandwidth(lessBandwidth.kbps)} in this window on ${pathName(topology, lessBandwidth.arcs)}`,
    );
  if (anotherWindow !== null) {
    const start = new Date(anotherWindow.startMs);
    const time = Number.isNaN(start.getTime()) ? `${anotherWindow.startMs} ms` : start.toISOString();
    const path = pathName(topology, anotherWindow.arcs);
    parts.push(`all of it ${anotherWindow.earliest ? 'from' : 'at the latest from'} ${time} on ${path}`);
  }
  if (anotherPath !== null)
    parts.push(`all of it now on ${pathName(topology, anotherPath.arcs)}, outside the policy`);
  return parts.join('; or ');
}

function bandwidth(kbps: number): string {
  return formatBandwidth(kbps / 1000);
}

/** The id of a path of these arcs; see `pathId`. */
export function pathName({ nodes, links, tail, head, link }: Topology, arcs: readonly number[]): string {
  const regions = [nodes[tail[arcs[0]]], ...arcs.map((a) => nodes[head[a]])];
  return pathId(
    regions,
    arcs.map((a) => links[link[a]]),
  );
}
