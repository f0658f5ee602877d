import type { DrainRequest, RouteView, StateView } from '../../agent/client';
import { gatewayState, type PinnedPath } from '../../gateway';
import type { PlanDocument } from '../../plan';
import { askAll, type Asked, type OpsGateway, type Reach } from './reach';

/** The outcome of a drain of the whole network. */
export interface NetworkDrain {
  /** By gateway, in the order in which they were told. */
  readonly told: readonly Asked<StateView>[];
  /** Gateways that were told and still send over the place, after `settleMs`. */
  readonly stillSending: readonly string[];
  /** Gateways that have nothing to do with the place. */
  readonly unconcerned: readonly string[];
}

export interface NetworkDrainOptions {
  readonly plan: PlanDocument;
  readonly gateways: readonly OpsGateway[];
  readonly reach: Reach;
  readonly timeoutMs: number;
  /** Longest wait until nobody sends over the place any more; default 15,000. */
  readonly settleMs?: number;
  readonly wait?: (ms: number) => Promise<void>;
}

const stepMs = 250;

/**
 * Tells every agent of a drain or its end. Of a drain: first the agents that send traffic over the place,
 * then, once none of them does, those at the place itself. They go on forwarding what still comes, so that
 * nothing is lost, whoever cannot be told. An end is told in the other order.
 */
export async function drainNetwork(
  what: DrainRequest,
  on: boolean,
  { plan, gateways, reach, timeoutMs, settleMs = 15_000, wait = sleep }: NetworkDrainOptions,
): Promise<NetworkDrain> {
  const atPlace = gateways.filter((g) => isAt(g, what));
  const senders = gateways.filter((g) => !atPlace.includes(g));
  const told: Asked<StateView>[] = [];
  const tell = async (some: readonly OpsGateway[]) => {
    told.push(...(await askAll(some, timeoutMs, (gateway) => reach.drain(gateway, what, on))));
  };
  if (!on) {
    await tell(atPlace);
    await tell(senders);
    return concluded(told, []);
  }
  await tell(senders);
  const knowing = told.flatMap((a) => (a.ok ? [a.gateway] : []));
  let sending = knowing;
  for (let waitedMs = 0; ; waitedMs += stepMs) {
    const asked = await askAll(sending, timeoutMs, (gateway) => reach.look(gateway));
    sending = asked
      .filter((a) => !a.ok || leadsOver(a.value.routes, pathsOf(plan, a.gateway), what))
      .map((a) => a.gateway);
    if (sending.length === 0 || waitedMs >= settleMs) break;
    await wait(stepMs);
  }
  await tell(atPlace);
  return concluded(
    told,
    sending.map((g) => g.id),
  );
}

function concluded(all: readonly Asked<StateView>[], stillSending: readonly string[]): NetworkDrain {
  const strangers = all.filter((a) => !a.ok && isStranger(a.message));
  return {
    told: all.filter((a) => !strangers.includes(a)),
    stillSending,
    unconcerned: strangers.map((a) => a.gateway.id),
  };
}

/** The agent's own words (`readDrain`): no path of its plan leads there. */
function isStranger(message: string): boolean {
  return message.startsWith('this gateway has nothing to do with');
}

function isAt(gateway: OpsGateway, { of, id }: DrainRequest): boolean {
  return (of === 'region' && gateway.region === id) || (of === 'gateway' && gateway.id === id);
}

/**
 * Traffic that ends at a drained region or gateway goes there all the same: what passes through it moves, and
 * what takes a drained link.
 */
function leadsOver(
  routes: readonly RouteView[],
  paths: ReadonlyMap<string, PinnedPath>,
  { of, id }: DrainRequest,
): boolean {
  return routes.some(({ to, paths: used }) =>
    used.some(({ path }) => {
      const { links = [], gateways = [] } = paths.get(path) ?? {};
      if (of === 'link') return links.includes(id);
      const regions = gateways.map(regionOf);
      return of === 'region'
        ? to !== id && regions.includes(id)
        : to !== regionOf(id) && gateways.includes(id);
    }),
  );
}

function pathsOf(plan: PlanDocument, { id }: OpsGateway): ReadonlyMap<string, PinnedPath> {
  return new Map(gatewayState(plan, id).paths.map((path) => [path.id, path]));
}

function regionOf(gateway: string): string {
  return gateway.slice(0, gateway.lastIndexOf('/'));
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
