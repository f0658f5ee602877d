import type { PlannedFailures } from '../plan';
import { calm, calmOf, eventsOf, slack, stateUnder, type Calm, type Flow, type State } from './failing';
import { near } from './near';
import type { Progress } from './progress';
import type { Refuse } from '../shape';
import { laneKey, type World } from './world';

type Summary = PlannedFailures['noFailure'];

/** The states that objectives are about, and the flows without a path even in calm. */
export interface States {
  readonly calm: State;
  /** Under the failures that something is to survive. */
  readonly failures: readonly State[];
  readonly unserved: readonly Flow[];
  /** Those that have one. */
  readonly served: readonly Flow[];
}

/** The kinds of objectives that failures decide. */
const decided: readonly string[] = ['survive', 'max-utilisation', 'headroom', 'availability'];

/**
 * Recomputes what every single failure does and compares every figure; undefined where the plan need not say
 * and does not.
 */
export function checkFailures(world: World, refuse: Refuse, progress?: Progress): States | undefined {
  const { plan } = world;
  const wanted = plan.demands.length > 0 || plan.objectives.some((o) => decided.includes(o.statement.kind));
  if (wanted !== (plan.failures !== null)) {
    refuse('failures', 'failures', wanted ? 'they are missing' : 'nobody asked for them');
  }
  if (plan.failures === null) return undefined;
  const base = calmOf(world);
  const events = eventsOf(world);
  const { noFailure, failures } = plan.failures;
  const name = ({ kind, id }: { readonly kind: string; readonly id: string }) => `${kind} ${id}`;
  if (failures.map(name).join() !== events.map(name).join())
    refuse('failures', 'failures', 'these are not all single failures, by kind and id');
  const statedOf = new Map(failures.map((f) => [name(f), f]));
  const undisturbed = stateUnder(world, base, calm);
  compare(world, base, noFailure, undisturbed, refuse);
  const kept: State[] = [];
  events.forEach((event, i) => {
    progress?.('checking failures', i, events.length);
    const state = stateUnder(world, base, event);
    const stated = statedOf.get(name(event));
    if (stated) compare(world, base, stated, state, refuse);
    // A state names thousands of flows: only those stay that an objective asks for.
    if (plan.objectives.some(({ statement: s }) => s.kind === 'survive' && s.of === event.kind))
      kept.push(state);
  });
  const isServed = (f: Flow) => f.parts.length > 0;
  return {
    calm: undisturbed,
    failures: kept,
    unserved: base.flows.filter((f) => !isServed(f)),
    served: base.flows.filter(isServed),
  };
}

function compare(world: World, base: Calm, stated: Summary, state: State, refuse: Refuse): void {
  const { unitsPerMbps } = base;
  const at = `failures.${state.event.kind}.${state.event.id}`;
  const moved = state.moved.map((m) => m.flow);
  const lost = [...state.stranded, ...state.cut];
  const affected = [...moved, ...lost, ...state.ended];
  const routes = (flows: readonly Flow[]) => flows.filter((f) => f.leads).length;
  const demands = (flows: Iterable<Flow>) => [...flows].reduce((s, f) => s + f.demands, 0);
  const mbps = (flows: readonly Flow[]) => flows.reduce((s, f) => s + f.units, 0) / unitsPerMbps;
  const ratios = [...state.ratios.values()];
  const right = {
    kind: state.event.kind,
    id: state.event.id,
    routesAffected: routes(affected),
    routesStranded: routes(state.stranded),
    routesCut: routes(state.cut),
    routesEnded: routes(state.ended),
    demandsAffected: demands(affected),
    demandsLost: demands(lost),
    demandsCongested: demands(state.congested),
    linksOverloaded: ratios.filter((r) => r > 1 + slack).length,
  };
  for (const [figure, value] of Object.entries(right)) {
    if (stated[figure as keyof typeof right] !== value)
      refuse(
        'failure-figure',
        `${at}.${figure}`,
        `it is ${value}, not ${stated[figure as keyof typeof right]}`,
      );
  }
  const traffic = { movedMbps: mbps(moved), lostMbps: mbps(lost), endedMbps: mbps(state.ended) };
  for (const [figure, value] of Object.entries(traffic)) {
    if (!near(stated[figure as keyof typeof traffic], value, 1e-6))
      refuse(
        'failure-figure',
        `${at}.${figure}`,
        `it is ${value}, not ${stated[figure as keyof typeof traffic]}`,
      );
  }
  checkFullest(world, stated, state, at, refuse);
  checkSlowest(stated, state, at, refuse);
  checkInterruption(base, stated, state, at, refuse);
}

/** What waits behind a dead gateway: the served routes of its region, and its share of their traffic. */
function checkInterruption(
  { flows, unitsPerMbps }: Calm,
  { interruption: stated }: Summary,
  { event: { outage } }: State,
  at: string,
  refuse: Refuse,
): void {
  const waits = outage !== undefined && outage.share > 0;
  if (waits !== (stated !== undefined))
    refuse('failure-figure', `${at}.interruption`, waits ? 'it is missing' : 'nothing waits');
  if (!waits || stated === undefined) return;
  const { region, share, seconds } = outage;
  const mine = flows.filter((f) => f.parts.length > 0 && (f.from === region || f.to === region));
  const mbps = (mine.reduce((s, f) => s + f.units, 0) / unitsPerMbps) * share;
  const right = {
    routes: mine.filter((f) => f.leads).length,
    demands: mine.reduce((s, f) => s + f.demands, 0),
    mbps,
    seconds,
  };
  for (const [figure, value] of Object.entries(right)) {
    const said = stated[figure as keyof typeof right];
    // Traffic is told in whole units.
    if (!(figure === 'mbps' ? Math.abs(said - value) <= 1 / unitsPerMbps : said === value))
      refuse('failure-figure', `${at}.interruption.${figure}`, `it is ${value}, not ${said}`);
  }
}

function checkFullest(world: World, { fullest }: Summary, state: State, at: string, refuse: Refuse): void {
  const most = Math.max(-1, ...state.ratios.values());
  if (fullest === null || most < 0) {
    if ((fullest === null) !== most < 0)
      refuse('failure-fullest', at, 'a fullest link is missing, or there is none');
    return;
  }
  const lane = world.laneOf.get(laneKey(fullest.link, fullest.from));
  const ratio = lane && state.ratios.get(lane.number);
  const stated = fullest.utilisationRatio ?? Infinity;
  const ends = lane && world.nodes[lane.head] === fullest.to;
  if (!ends || ratio === undefined || !near(ratio, most, 1e-9) || !near(stated, most, 1e-9))
    refuse('failure-fullest', at, `the fullest link is at ${most}`);
}

function checkSlowest({ slowest }: Summary, state: State, at: string, refuse: Refuse): void {
  const growth = (m: { readonly beforeMs: number; readonly afterMs: number }) => m.afterMs - m.beforeMs;
  const most = state.moved.reduce((m, x) => Math.max(m, growth(x)), -Infinity);
  if (slowest === null || state.moved.length === 0) {
    if ((slowest === null) !== (state.moved.length === 0))
      refuse('failure-slowest', at, 'a slowest pair is missing, or nothing moved');
    return;
  }
  const there = state.moved.some(
    ({ flow, beforeMs, afterMs }) =>
      flow.from === slowest.from &&
      flow.to === slowest.to &&
      near(beforeMs, slowest.beforeMs) &&
      near(afterMs, slowest.afterMs),
  );
  if (!there || !near(growth(slowest), most))
    refuse('failure-slowest', at, `the worst pair slows by ${most} ms`);
}
