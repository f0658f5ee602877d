import { identity, type HostObject } from '../../../lib/agent/apply';
import { wantedHost, type WantedHost } from '../../../lib/agent/apply/wanted/wanted-host';
import { pathBook, plannedChoice, choiceKey } from '../../../lib/agent/apply/wanted/wanted-paths';
import { agentBench, upAll, type Bench } from '../../support/agent-bench';
import { plannedGateways, type PlannedGateways } from '../../support/gateway-plan';
import { seeded } from '../../support/random-seeded';
import { triangleNetwork } from '../../support/small-networks';

const steps = 10_000;
const seed = 18;

/** What somebody may put in the place of ours. */
const occupied = ['tunnel', 'nexthop', 'route', 'rule4', 'rule6'];
const settings = ['sysctl', 'deviceSysctl'];

/** What the host is to hold by what the agent has decided. */
function wantedOf({ agent }: Bench): WantedHost {
  const { gateway, keys, endpoints } = agent.bundle!;
  return wantedHost(gateway, {
    endpoints,
    tunnelEndpoints: new Map([...agent.endpoints].map(([tunnel, { set }]) => [tunnel, set])),
    keys,
    selections: [...agent.state.selections.values()],
    openReservations: agent.state.open,
  });
}

const values = (objects: Iterable<HostObject>) =>
  new Map([...objects].map((o) => [identity(o), o.tunnel ? `${o.value} ${o.tunnel.up}` : o.value]));

/** Worked out once for each. */
function once<T>(work: (of: WantedHost) => T): (of: WantedHost) => T {
  const known = new WeakMap<WantedHost, T>();
  return (of) => {
    if (!known.has(of)) known.set(of, work(of));
    return known.get(of)!;
  };
}

const goalOf = once(({ objects }) => values(objects));

/** What each destination and class is forwarded by, nexthops, group and routes, and how it was chosen. */
const forwardingOf = once(({ gateway, settings: { selections } }) => {
  const choices = new Map(selections.map((choice) => [choiceKey(choice), choice]));
  const book = pathBook(gateway);
  const found = new Map<string, { readonly names: readonly string[]; readonly chosen: string }>();
  for (const route of gateway.routes) {
    for (const qos of route.classes) {
      const choice = choices.get(choiceKey({ to: route.to, class: qos })) ?? plannedChoice(route, qos);
      const objects = ([4, 6] as const).flatMap((family) => {
        const by = book.tryForwarding(route, choice, family);
        return by ? [...by.slots, by.group, ...book.routes(route, qos, family)] : [];
      });
      found.set(`${route.to} ${qos}`, { names: objects.map(identity), chosen: JSON.stringify(choice) });
    }
  }
  return found;
});

describe('a host that others change all the time', () => {
  let planned: PlannedGateways;
  beforeAll(async () => (planned = await plannedGateways(triangleNetwork)));

  it('is as wanted or told otherwise, and healthy destinations are never touched, 10,000 times', async () => {
    process.stderr.write(`seed ${seed}\n`);
    const random = seeded(seed);
    const bench = await agentBench(planned);
    const { agent, host, clock, prober, events } = bench;
    expect((await agent.take()).ok).toBe(true);
    upAll(bench);
    await agent.settled();
    const settle = async (times: number, ms: number) => {
      for (let i = 0; i < times; i++) {
        clock.pass(ms);
        await new Promise(setImmediate);
        await agent.settled();
      }
    };
    await settle(3, 1000);
    let touched = new Set<string>();
    host.onChange = ({ object }) => void touched.add(identity(object));
    const tally = { removed: 0, foreign: 0, flapped: 0, changed: 0, untouched: 0, unhealed: 0, failing: 0 };

    const harm = (): void => {
      const there = [...host.objects.values()].filter((o) => !host.foreign.has(identity(o)));
      const dice = random.whole(1, 100);
      if (dice <= 45) {
        const object = random.pick(there.filter((o) => !settings.includes(o.kind)));
        tally.removed++;
        host.drop(object);
        const gone = object.kind === 'tunnel' ? { device: object.key, carries: false } : {};
        host.tell(object.kind === 'marking' ? 'marking' : 'links', gone);
      } else if (dice <= 60) {
        const places = there.filter((o) => occupied.includes(o.kind));
        if (places.length === 0) return;
        const object = random.pick(places);
        tally.foreign++;
        host.occupy(object);
        host.tell('links', object.kind === 'tunnel' ? { device: object.key, carries: false } : {});
      } else if (dice <= 75) {
        const taken = [...host.objects.values()].filter((o) => host.foreign.has(identity(o)));
        if (taken.length > 0) host.drop(random.pick(taken));
        host.tell('links');
      } else if (dice <= 85) {
        const tunnels = there.filter((o) => o.kind === 'tunnel');
        if (tunnels.length === 0) return;
        const { key } = random.pick(tunnels);
        tally.flapped++;
        host.flap(key, random.chance(0.5));
        host.tell('links', { device: key, carries: false });
      } else if (dice <= 92) {
        const object = random.pick(
          there.filter((o) => ['sysctl', 'marking', 'leaf', 'route'].includes(o.kind)),
        );
        tally.changed++;
        host.objects.set(identity(object), { ...object, value: `${object.value}0` });
        host.tell('all');
      } else {
        const session = random.pick([...agent.state.sessions.keys()]);
        prober.report(session, random.pick(['up', 'up', 'degraded', 'down'] as const));
      }
    };

    let before = wantedOf(bench);
    for (let step = 0; step < steps; step++) {
      const failing = random.chance(0.15);
      harm();
      // What the kernel shows once harm is done, before anything of ours has run.
      const shown = values(host.objects.values());
      const taken = new Set(host.foreign);
      if (failing) {
        tally.failing++;
        host.failAt = host.steps + random.whole(1, 6);
      }
      touched = new Set();
      await settle(2, 900);
      host.failAt = 0;
      // A look that failed is repeated; nobody else tells of what it would have found.
      if (failing) await settle(2, 1100);
      const { selections } = agent.state;
      const same = before.settings.selections.length === selections.size;
      const after =
        same && before.settings.selections.every((s) => selections.get(`${s.to} ${s.class}`) === s)
          ? before
          : wantedOf(bench);

      // Converged, or told with a cause.
      const told = new Map(agent.healing.unhealed.map(({ object, cause }) => [identity(object), cause]));
      const now = values(host.objects.values());
      const silent = [...goalOf(after)].filter(
        ([name, value]) => (now.get(name) !== value || host.foreign.has(name)) && !told.get(name),
      );
      if (silent.length > 0) expect([step, silent]).toEqual([step, []]);
      tally.unhealed += told.size;

      // Healthy destinations: as wanted before anything of ours ran, and chosen as before.
      const was = goalOf(before);
      const flowsNow = forwardingOf(after);
      for (const [flow, { names, chosen }] of forwardingOf(before)) {
        if (chosen !== flowsNow.get(flow)!.chosen) continue;
        if (names.some((name) => shown.get(name) !== was.get(name) || taken.has(name))) continue;
        tally.untouched++;
        const wrong = names.filter((name) => touched.has(name));
        if (wrong.length > 0) expect([step, flow, wrong]).toEqual([step, flow, []]);
      }
      before = after;
    }
    // Once nobody is in the way any more, all of it is back.
    for (const name of [...host.foreign]) host.drop(host.objects.get(name)!);
    host.tell('all');
    await settle(80, 1000);
    expect(agent.healing.unhealed).toEqual([]);
    const there = values(host.objects.values());
    expect([...goalOf(wantedOf(bench))].filter(([name, value]) => there.get(name) !== value)).toEqual([]);
    expect(events.some(({ kind }) => kind === 'heal')).toBe(true);
    process.stderr.write(`${JSON.stringify(tally)}, ${agent.healing.drifts} drifts\n`);
    expect(tally.untouched).toBeGreaterThan(steps);
  }, 300_000);
});
