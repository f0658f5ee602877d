import { gatewayFailures, yearSeconds } from '../catalog';
import type { PlannedAvailability } from '../plan';
import { calmOf, eventsOf, stateUnder, type Calm, type Event, type Flow } from './failing';
import { near } from './near';
import type { Refuse } from '../shape';
import type { World } from './world';

/** What is assumed of a link whose availability is not known. */
const assumedUnavailability = 0.001;

/**
 * Walks every state of the links that is as likely as the cut-off, and compares the share of time in which
 * each demand is fully carried. Does nothing where no objective asks for it.
 */
export function checkAvailability(world: World, refuse: Refuse): void {
  const { plan } = world;
  const wanted = plan.objectives.some((o) => o.statement.kind === 'availability');
  const stated = plan.availability;
  if (wanted !== (stated !== null))
    refuse('availability', 'availability', wanted ? 'it is missing' : 'nobody asked for it');
  if (stated === null) return;
  if (!(stated.cutOff >= 1e-9 && stated.cutOff <= 1e-4)) {
    refuse('availability', 'availability.cutOff', 'the cut-off lies from 1e-9 to 1e-4');
    return;
  }
  if (stated.assumedUnavailability !== assumedUnavailability)
    refuse('availability', 'availability', 'an unknown link is counted as down for a thousandth of the time');
  const deaths = eventsOf(world).filter((e) => e.outage !== undefined);
  const perYear = deaths.length > 0 ? gatewayFailures.perYear : undefined;
  if (stated.gatewayFailuresPerYear !== perYear)
    refuse(
      'availability',
      'availability.gatewayFailuresPerYear',
      perYear === undefined
        ? 'no gateway lies in a cloud'
        : `a gateway is taken to die ${perYear} times a year`,
    );
  const inService = new Set(world.lanes.map((l) => l.link));
  const links = plan.links
    .filter((l) => inService.has(l.id))
    .map((l) => {
      const ratios = l.directions.map((d) => d.availabilityRatio);
      const known = ratios.every((r) => r !== null);
      return { id: l.id, known, down: known ? 1 - Math.min(...ratios) : assumedUnavailability };
    });
  const unknown = links.filter((l) => !l.known).map((l) => l.id);
  if (stated.unknownLinks.join() !== unknown.sort().join())
    refuse('availability', 'availability.unknownLinks', `they are: ${unknown.join(', ') || 'none'}`);
  const base = calmOf(world);
  const { states, covered, carried, open } = walk(world, base, links, stated.cutOff);
  const spared = sparedBy(world, base, deaths);
  // A state exactly as likely as the cut-off may be counted or not, by the last digit of a product.
  if (open === 0 && stated.states !== states)
    refuse('availability', 'availability.states', `${states} states are that likely, not ${stated.states}`);
  if (!near(stated.coveredRatio, covered, 1e-9 + open))
    refuse('availability', 'availability.coveredRatio', `the states cover ${covered}`);
  if (stated.demands.map((d) => d.id).join() !== plan.demands.map((d) => d.id).join()) {
    refuse('availability', 'availability.demands', 'they are not the demands of the plan');
    return;
  }
  for (const d of stated.demands) {
    const byLinks = carried(d.id);
    const ratio = byLinks === null ? 0 : spared(d.id);
    const lower = (byLinks ?? 0) * ratio;
    const upper = Math.min(1, (byLinks ?? 0) + Math.max(0, 1 - covered)) * ratio;
    if (!near(d.lowerRatio, lower, 1e-9 + open) || !near(d.upperRatio, upper, 1e-9 + open))
      refuse('availability-figure', `availability.${d.id}`, `it is carried ${lower} to ${upper} of the time`);
  }
}

interface Sums {
  readonly states: number;
  readonly covered: number;
  /** By demand; null: it is not carried whole in any state. */
  carried(demand: string): number | null;
  /** Share of time in states as likely as the cut-off to the last digits. */
  readonly open: number;
}

/**
 * The share of time in which no gateway's death costs a demand anything: until it is back where it takes the
 * demand along, until its routes have moved where the demand begins or ends behind it.
 */
function sparedBy(world: World, base: Calm, deaths: readonly Event[]): (demand: string) => number {
  const costs = deaths.map((event) => {
    const { stranded, cut, congested } = stateUnder(world, base, event);
    return { outage: event.outage!, taken: new Set([...stranded, ...cut, ...congested]) };
  });
  const flowOf = new Map(base.flows.flatMap((f) => f.ids.map((id) => [id, f] as const)));
  return (id) => {
    const flow = flowOf.get(id)!;
    return costs.reduce((ratio, { outage, taken }) => {
      const behind = outage.share > 0 && [flow.from, flow.to].includes(outage.region);
      const seconds = taken.has(flow) ? outage.backSeconds : behind ? outage.seconds : 0;
      return ratio * (1 - (gatewayFailures.perYear * seconds) / yearSeconds);
    }, 1);
  };
}

function walk(
  world: World,
  base: Calm,
  links: readonly { readonly id: string; readonly down: number }[],
  cutOff: number,
): Sums {
  const failing = new Map<Flow, number>();
  let [states, covered, open] = [0, 0, 0];
  // The likeliest that the rest of the links can be: a bound on every state that begins like this.
  const rest = [1];
  for (let i = links.length - 1; i >= 0; i--)
    rest.unshift(rest[0] * Math.max(links[i].down, 1 - links[i].down));
  const visit = (i: number, probability: number, down: readonly string[]): void => {
    if (probability === 0 || probability * rest[i] < cutOff * (1 - 1e-9)) return;
    if (i < links.length) {
      visit(i + 1, probability * (1 - links[i].down), down);
      visit(i + 1, probability * links[i].down, [...down, links[i].id]);
      return;
    }
    if (near(probability / cutOff, 1, 1e-9)) open += probability;
    states++;
    covered += probability;
    for (const flow of failingIn(world, base, down))
      failing.set(flow, (failing.get(flow) ?? 0) + probability);
  };
  visit(0, 1, []);
  const flowOf = new Map(base.flows.flatMap((f) => f.ids.map((id) => [id, f] as const)));
  const placed = new Map(world.plan.traffic.classes.flatMap((c) => c.demands.map((d) => [d.id, d] as const)));
  return {
    states,
    covered,
    open,
    carried(id) {
      const flow = flowOf.get(id)!;
      if ((placed.get(id)?.carriedMbps ?? 0) < world.demands.get(id)!.bandwidthMbps) return null;
      const failed = flow.parts.length === 0 ? covered : (failing.get(flow) ?? 0);
      return Math.min(1, Math.max(0, covered - failed));
    },
  };
}

function failingIn(world: World, base: Calm, down: readonly string[]): Set<Flow> {
  const dead = new Set(world.lanes.filter((l) => down.includes(l.link)).map((l) => l.number));
  const event: Event = { kind: 'events', id: down.join(' + '), dead, lostRatio: new Map(), region: null };
  const { stranded, cut, congested } = stateUnder(world, base, event);
  return new Set([...stranded, ...cut, ...congested]);
}

/** Is a demand carried whole for a share of time, by the plan's own figures? They are checked elsewhere. */
export function isUp(stated: PlannedAvailability, demand: string, ratio: number): boolean {
  return stated.demands.find((d) => d.id === demand)!.lowerRatio >= ratio;
}
