import path from 'node:path';
import {
  decide,
  defaultAgentSettings,
  type AgentReport,
  type DrainKind,
  type Health,
} from '../../../lib/agent/decide';
import type { GatewayState } from '../../../lib/gateway';
import { restingChoice } from '../../reference/agent-resting-choice';
import { gatewaysOf, planOf } from '../../support/plan-of';
import { randomDescription } from '../../support/random-description';
import { seeded, type Seeded } from '../../support/random-seeded';
import { seeds } from '../../support/seeds';
import { planOf as planOfFile } from '../../verify/plans';
import { drivenAgent, type DrivenAgent } from '../driven-agent';
import { healthIn } from '../world';

const seed = 20261124;
/** On the example, and random networks with 300 each: 10,000 with all. */
const [steps, networks] = [seeds(1_000, 4_000), seeds(5, 20)];
const example = path.join(__dirname, '..', '..', '..', 'stacks', 'examples', 'six-regions.yaml');

/** The world as it is, and what the operator asked for. */
interface Wrongs {
  readonly dead: Set<string>;
  readonly degraded: Set<string>;
  readonly drained: Set<string>;
}

/** One more thing happens: a link or region dies, browns out, heals, is drained or taken back. */
function happen(agent: DrivenAgent, wrongs: Wrongs, random: Seeded): void {
  const { dead, degraded, drained } = wrongs;
  const { gateway } = agent;
  const links = [
    ...new Set([...gateway.paths.flatMap((p) => p.links), ...gateway.tunnels.map((t) => t.link)]),
  ];
  const regions = [...new Set(gateway.paths.flatMap((p) => p.gateways.map((g) => g.split('/')[0])))];
  const isLink = random.chance(0.85);
  const place = random.pick(isLink ? links : regions);
  if (random.chance(0.2)) {
    const on = !drained.has(place);
    if (on) drained.add(place);
    else drained.delete(place);
    const of: DrainKind = isLink ? 'link' : 'region';
    agent.send({ kind: 'drain', of, id: place, on });
    return;
  }
  const into = random.chance(0.3) ? degraded : dead;
  if (dead.has(place) || degraded.has(place) || dead.size + degraded.size > 4) {
    const healed = dead.has(place) || degraded.has(place) ? place : [...dead, ...degraded][0];
    dead.delete(healed);
    degraded.delete(healed);
  } else into.add(place);
}

/** Probes report what is, each in its own time; some links flap a few times before they rest. */
function report(agent: DrivenAgent, wrongs: Wrongs, random: Seeded): void {
  const health = healthIn(agent.gateway, wrongs);
  const isWrong = () => [...health].filter(([id, now]) => agent.state().sessions.get(id)!.health !== now);
  if (random.chance(0.3)) return void reportAtOnce(agent, isWrong(), random);
  for (const [id, now] of isWrong().sort(() => random.next() - 0.5)) {
    for (let flaps = random.chance(0.2) ? random.whole(1, 4) : 0; flaps > 0; flaps--) {
      agent.health(id, random.pick(['up', 'down', 'degraded']));
      if (random.chance(0.5)) agent.pass(random.whole(1, 500));
    }
    if (random.chance(0.3)) agent.send({ kind: 'suspect', session: id });
    agent.health(id, now);
    if (random.chance(0.3)) agent.send({ kind: 'answer', session: random.pick([...health.keys()]) });
    if (random.chance(0.1)) agent.pass(random.whole(1, 3_000));
  }
}

/** The same, as one decision. */
function reportAtOnce(agent: DrivenAgent, wrong: [string, Health][], random: Seeded): void {
  const all = wrong
    .sort(() => random.next() - 0.5)
    .flatMap(([session, health]): AgentReport[] => [
      ...(random.chance(0.3) ? [{ kind: 'suspect', session } as const] : []),
      { kind: 'health', session, health, cause: 'test' },
      ...(random.chance(0.3) ? [{ kind: 'answer', session } as const] : []),
    ]);
  if (all.length > 0) agent.reports(all);
}

function measureLoad(agent: DrivenAgent, random: Seeded): void {
  const utilisation = new Map(agent.gateway.tunnels.map((t) => [t.id, random.next() * 1.1]));
  agent.send({ kind: 'load', utilisation });
}

/** Paths as the plan predicted; weights too, where nothing was shifted by load. */
function expectResting(agent: DrivenAgent, wrongs: Wrongs, step: number): void {
  const { shifted } = agent.state();
  for (const [id, { to, class: qos, members }] of agent.selections) {
    const wanted = restingChoice(agent.gateway, to, qos, wrongs);
    const text = (list: typeof wanted) =>
      list
        .map((m) => (shifted.has(id) ? m.path : `${m.path}*${m.weight}`))
        .sort()
        .join();
    if (text(members) !== text(wanted)) {
      throw new Error(`step ${step}, ${id}: rests on ${text(members)}, predicted ${text(wanted)}`);
    }
  }
}

/** Entries of all that an agent remembers beside its plan. */
function sizeOf(agent: DrivenAgent): number {
  const state = agent.state();
  return Object.entries(state)
    .filter(([name]) => name !== 'plan')
    .map(([, value]) => value as unknown)
    .map((v) => (v instanceof Map || v instanceof Set ? v.size : Array.isArray(v) ? v.length : 1))
    .reduce((sum, n) => sum + n, 0);
}

function flap(gateway: GatewayState, steps: number, random: Seeded): { moved: number; inputs: number } {
  let inputs = 0;
  const agent = drivenAgent(gateway, {
    settings: { historySize: 100 },
    timed: () => inputs++,
  });
  const wrongs: Wrongs = { dead: new Set(), degraded: new Set(), drained: new Set() };
  const most = agent.state().sessions.size * 3 + agent.selections.size * 3 + gateway.tunnels.length + 200;
  let moved = 0;
  report(agent, wrongs, random);
  for (let step = 1; step <= steps; step++) {
    happen(agent, wrongs, random);
    if (random.chance(0.1)) measureLoad(agent, random);
    report(agent, wrongs, random);
    agent.settle();
    expectResting(agent, wrongs, step);
    if (sizeOf(agent) > most) throw new Error(`step ${step}: ${sizeOf(agent)} entries, at most ${most}`);
    moved += agent.events.filter((e) => e.kind === 'select').length;
    agent.events.length = 0;
  }
  return { moved, inputs };
}

describe(`${steps + 300 * networks} random link flaps and drains (seed ${seed})`, () => {
  it('each end where the plan predicted, in bounded memory: the example, from its busiest gateway', () => {
    const gateways = gatewaysOf(planOfFile(example));
    const gateway = gateways.find((g) => g.gateway === 'virginia/1')!;
    expect(flap(gateway, steps, seeded(seed)).moved).toBeGreaterThan(steps);
  });

  it('each end where the plan predicted, in bounded memory: random networks', () => {
    let moved = 0;
    for (let network = 1; network <= networks; network++) {
      const random = seeded(seed + network);
      const gateways = gatewaysOf(planOf(randomDescription(random, { mostGateways: random.pick([1, 2]) })));
      try {
        moved += flap(random.pick(gateways), 300, random).moved;
      } catch (error) {
        throw new Error(`seed ${seed + network}`, { cause: error });
      }
    }
    expect(moved).toBeGreaterThan(networks * 500);
  });

  it('equal inputs give equal decisions, and a decision changes no earlier state', () => {
    const random = seeded(seed);
    const [gateway] = gatewaysOf(planOf(randomDescription(random)));
    const agent = drivenAgent(gateway);
    const text = (value: unknown) =>
      JSON.stringify(value, (key, v: unknown) =>
        key === 'plan' ? null : v instanceof Map || v instanceof Set ? [...v] : v,
      );
    const sessions = [...agent.state().sessions.keys()];
    for (let step = 0; step < 300; step++) {
      const state = agent.state();
      const before = text(state);
      const health = random.pick(['up', 'down', 'degraded'] as const);
      const input = { kind: 'health', session: random.pick(sessions), health, cause: 'test' } as const;
      const [first, second] = [decide(state, input, agent.nowMs()), decide(state, input, agent.nowMs())];
      expect(text(first)).toBe(text(second));
      expect(text(state)).toBe(before);
      agent.send(input);
      if (random.chance(0.3)) agent.pass(random.whole(1, 20_000));
    }
    expect(agent.state().settings).toEqual(defaultAgentSettings);
  });
});
