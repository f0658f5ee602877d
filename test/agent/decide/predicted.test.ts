import { buildTopology, type Topology } from '../../../lib/graph';
import {
  compileFlows,
  linkFailures,
  linkPairFailure,
  regionFailures,
  type FlowTable,
  type Scenario,
} from '../../../lib/failure';
import { placeFlow, type Placement } from '../../../lib/failure/place-flow';
import { qosClasses } from '../../../lib/model';
import type { PlanDocument } from '../../../lib/plan';
import { failureInput } from '../../../lib/plan/plan-failures';
import { restingChoice } from '../../reference/agent-resting-choice';
import { gatewaysOf, planOf } from '../../support/plan-of';
import { randomDescription } from '../../support/random-description';
import { seeded, type Seeded } from '../../support/random-seeded';
import { seeds } from '../../support/seeds';
import { drivenAgent, type DrivenAgent } from '../driven-agent';
import { healthIn } from '../world';

/** How many random networks of each kind. */
const networks = seeds(4, 12);

/** The planner's own flow table of a plan, and how it names paths. */
interface Prediction {
  readonly plan: PlanDocument;
  readonly topology: Topology;
  readonly table: FlowTable;
  /** Flow by `<from> <to> <class>`. */
  readonly flow: ReadonlyMap<string, number>;
  /** Path ids that were looked up, by number. */
  readonly named: Map<number, string>;
}

function prediction(plan: PlanDocument): Prediction {
  const topology = buildTopology(plan);
  const table = compileFlows(failureInput(plan, topology));
  const flow = new Map<string, number>();
  for (let f = 0; f < table.count; f++) {
    const route = table.routes[table.route[f]];
    if (table.leads[f] === 1) for (const c of route.classes) flow.set(`${route.from} ${route.to} ${c}`, f);
  }
  for (let f = 0; f < table.count; f++) {
    for (let i = table.demandFirst[f]; i < table.demandFirst[f + 1]; i++) {
      const { from, to, class: qos } = table.demands[table.demand[i]];
      flow.set(`${from} ${to} ${qos}`, f);
    }
  }
  return { plan, topology, table, flow, named: new Map() };
}

/** The plan's path by its number in the table. */
function pathOf({ plan, topology, table, named }: Prediction, number: number): string {
  const known = named.get(number);
  if (known !== undefined) return known;
  const { first, arc } = table.paths;
  const arcs = [...arc.slice(first[number], first[number + 1])];
  const links = arcs.map((a) => topology.links[topology.link[a]]).join();
  const from = topology.nodes[topology.tail[arcs[0]]];
  const { id } = plan.paths.find((p) => p.from === from && p.links.join() === links)!;
  named.set(number, id);
  return id;
}

function expectPredicted(agent: DrivenAgent, predicted: Prediction, scenario: Scenario): number {
  const { table, topology, flow } = predicted;
  const dead = new Uint8Array(topology.arcCount);
  for (const a of scenario.arcs) dead[a] = 1;
  let moved = 0;
  for (const [id, { to, class: qos, members }] of agent.selections) {
    // The plan says nothing of traffic that ends with its own region.
    if (scenario.kind === 'region' && [to, agent.gateway.region].includes(scenario.id)) continue;
    const f = flow.get(`${agent.gateway.region} ${id}`)!;
    const placed: Placement = { count: 0, path: [], units: [] };
    placeFlow(table, dead, f, placed);
    const wanted = Array.from({ length: placed.count }, (_, i) => pathOf(predicted, placed.path[i]));
    // Two variants of one path, over both planes of tunnels, count as the path.
    const planned = new Map(agent.gateway.paths.map((p) => [p.id, p.path]));
    const weights = new Map<string, number>();
    for (const m of members) {
      const path = planned.get(m.path)!;
      weights.set(path, (weights.get(path) ?? 0) + m.weight);
    }
    const rests = [...weights.keys()].sort();
    if (rests.join(' ') !== [...wanted].sort().join(' ')) {
      throw new Error(`${scenario.id}, ${to} ${qos}: rests on ${rests}, predicted ${wanted}`);
    }
    const whole = members.reduce((sum, m) => sum + m.weight, 0);
    for (let i = 0; i < placed.count; i++) {
      const off = Math.abs(placed.units[i] - (table.units[f] * weights.get(wanted[i])!) / whole);
      if (off > 1) throw new Error(`${scenario.id}, ${to} ${qos}: a share is ${off} units off`);
    }
    if (wanted.length !== 1 || wanted[0] !== pathOf(predicted, table.partPath[table.partFirst[f]])) moved++;
  }
  return moved;
}

/** Reports what changed, in a random order, with doubts and with noise that is taken back. */
function tell(agent: DrivenAgent, dead: ReadonlySet<string>, random: Seeded): void {
  const health = healthIn(agent.gateway, { dead, degraded: new Set() });
  const wrong = () => [...health].filter(([id, now]) => agent.state().sessions.get(id)!.health !== now);
  for (const [id] of wrong()) if (random.chance(0.5)) agent.send({ kind: 'suspect', session: id });
  for (const [id] of health) {
    if (random.chance(0.02)) agent.health(id, random.pick(['degraded', 'down', 'up']));
    if (random.chance(0.05)) agent.send({ kind: 'answer', session: id });
  }
  for (const [id, now] of wrong().sort(() => random.next() - 0.5)) {
    agent.health(id, now);
    if (random.chance(0.1)) agent.pass(random.pick([1, 20, 300, 6_000]));
  }
  agent.settle();
}

function placesOf({ topology }: Prediction, scenario: Scenario): ReadonlySet<string> {
  return scenario.kind === 'region'
    ? new Set([scenario.id])
    : new Set(scenario.arcs.map((a) => topology.links[topology.link[a]]));
}

describe('what the plan predicted', () => {
  it.each([
    ['one gateway a region', 1],
    ['two gateways in some regions', 2],
  ] as const)('is where traffic rests after single and dual failures, with %s', (_, mostGateways) => {
    let [checked, moved] = [0, 0];
    for (let seed = 1; seed <= networks; seed++) {
      const random = seeded(1000 * mostGateways + seed);
      try {
        const predicted = prediction(planOf(randomDescription(random, { mostGateways })));
        const { topology } = predicted;
        const pairs = Array.from({ length: 8 }, () => {
          const first = random.whole(0, topology.links.length - 2);
          return linkPairFailure(topology, first, random.whole(first + 1, topology.links.length - 1));
        });
        for (const gateway of gatewaysOf(predicted.plan)) {
          const agent = drivenAgent(gateway);
          tell(agent, new Set(), random);
          for (const scenario of [...linkFailures(topology), ...regionFailures(topology), ...pairs]) {
            tell(agent, placesOf(predicted, scenario), random);
            moved += expectPredicted(agent, predicted, scenario);
            checked++;
            // Some failures follow one another, others after everything has healed.
            if (random.chance(0.5)) tell(agent, new Set(), random);
          }
          tell(agent, new Set(), random);
          for (const [, { to, class: qos, members }] of agent.selections) {
            const nothing = {
              dead: new Set<string>(),
              degraded: new Set<string>(),
              drained: new Set<string>(),
            };
            expect(members).toEqual(restingChoice(gateway, to, qos, nothing));
          }
        }
      } catch (error) {
        throw new Error(`seed ${1000 * mostGateways + seed}`, { cause: error });
      }
    }
    expect(checked).toBeGreaterThan(40 * networks);
    expect(moved).toBeGreaterThan(80 * networks);
  });

  it('covers every class', () => {
    const { selections } = drivenAgent(gatewaysOf(planOf(randomDescription(seeded(7))))[0]);
    expect(new Set([...selections.values()].map((s) => s.class))).toEqual(new Set(qosClasses));
  });
});
