import { readFileSync } from 'node:fs';
import { gatewayState, type GatewayState } from '../../lib/gateway';
import { loadSolver } from '../../lib/project/solver';
import { readDescription } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { exampleFile } from '../../stacks/project-root';

function planned(text: string): PlanDocument {
  const { network, diagnostics } = readDescription(text, 'network.yaml');
  if (!network) throw new Error(JSON.stringify(diagnostics));
  return buildPlan(network, { lock: null, keys: null, solver: loadSolver }).plan!;
}

const plan = planned(readFileSync(exampleFile('six-regions.yaml'), 'utf8'));
const states = new Map<string, GatewayState>(plan.gateways.map((g) => [g.id, gatewayState(plan, g.id)]));

describe("a gateway's part of the six regions", () => {
  it('has the way back of every path of several hops at its far gateway, over the same tunnels', () => {
    let probed = 0;
    for (const [id, state] of states) {
      for (const path of state.paths) {
        expect(path.probe === null).toBe(path.hops === 1);
        if (path.probe === null) continue;
        probed++;
        const far = states.get(path.farGateway)!;
        const back = far.returns.find((r) => r.path === path.id && r.gateway === id)!;
        expect(back.probe.source).toBe(path.probe.destination);
        expect(back.probe.destination).toBe(path.probe.source);
        expect(back.probe.segments).toHaveLength(path.hops);
        expect(back.probe.segments.at(-1)).toBe(state.segmentLocal);
        expect(path.probe.segments.at(-1)).toBe(far.segmentLocal);
        // The first tunnel there is the last one back: its adjacency segment stands before the end.
        const last = states.get(state.tunnels.find((t) => t.id === path.tunnel)!.peer.gateway)!;
        const end = last.tunnels.find((t) => t.id === path.tunnel)!.segment;
        expect(back.probe.segments.at(-2)).toBe(end);
      }
    }
    expect(probed).toBe([...states.values()].reduce((n, s) => n + s.returns.length, 0));
    expect(probed).toBeGreaterThan(100);
  });

  it('gives every probe an address of its own, under the locators of its ends', () => {
    for (const state of states.values()) {
      const own = [...state.paths.flatMap((p) => p.probe ?? []), ...state.returns.map((r) => r.probe)];
      expect(new Set(own.map((p) => p.source)).size).toBe(own.length);
      const locator = state.locator.replace(/::\/64$/, '');
      for (const { source } of own) expect(source.startsWith(`${locator}:ffff:`)).toBe(true);
    }
  });

  it('uses both planes towards a region with two gateways from a region with one', () => {
    const state = states.get('capetown/1')!;
    const variants = state.paths.filter((p) => p.path === 'capetown>dublin');
    expect(variants.map((p) => [p.id, p.tunnel, p.farGateway])).toEqual([
      ['capetown>dublin', 'tunnel-dublin-capetown', 'dublin/1'],
      ['capetown>dublin.2', 'tunnel-dublin-capetown.2', 'dublin/2'],
    ]);
    const route = state.routes.find((r) => r.to === 'dublin' && r.classes.includes('critical'))!;
    expect(route.primary).toBe('capetown>dublin');
    expect(route.backups[0]).toBe('capetown>dublin.2');
    expect(route.spreads.find((s) => s.class === 'critical')!.members).toEqual([
      { path: 'capetown>dublin', weight: 1 },
      { path: 'capetown>dublin.2', weight: 1 },
    ]);
    expect(states.get('dublin/2')!.paths.filter((p) => p.path === 'dublin>capetown')).toHaveLength(1);
  });

  it('spreads a split demand with the weights of the plan', () => {
    const placed = plan.traffic.classes.find((c) => c.class === 'best-effort')!.demands[0];
    const state = states.get('singapore/1')!;
    const spread = state.routes
      .find((r) => r.to === 'sydney' && r.classes.includes('best-effort'))!
      .spreads.find((s) => s.class === 'best-effort')!;
    const planPath = new Map(state.paths.map((p) => [p.id, p.path]));
    const total = (weights: readonly number[]) => weights.reduce((a, b) => a + b, 0);
    const all = total(spread.members.map((m) => m.weight));
    const units = total(placed.paths.map((p) => p.weight));
    for (const { path, weight } of placed.paths) {
      const mine = spread.members.filter((m) => planPath.get(m.path) === path).map((m) => m.weight);
      expect(total(mine) / all).toBeCloseTo(weight / units, 9);
    }
  });

  it('holds a reservation at its source and on each tunnel of its path, in its windows', () => {
    const reservation = plan.reservations.find((r) => r.id === 'market-data')!;
    const path = plan.paths.find((p) => p.id === reservation.path)!;
    const own = states.get('virginia/1')!.reservations.find((r) => r.id === 'market-data')!;
    expect(own).toMatchObject({ to: 'singapore', class: 'critical', bandwidthMbps: 100 });
    expect(own.window).toBeNull();
    let mbps = 0;
    for (const state of states.values()) {
      for (const tunnel of state.tunnels.filter((t) => t.link === path.links[0])) {
        const held = tunnel.guarantees.find((g) => g.reservation === 'market-data');
        if (state.region === path.from) mbps += held!.bandwidthMbps;
        else expect(held).toBeUndefined();
      }
    }
    expect(mbps).toBe(200);
    const nightly = states.get('dublin/1')!.reservations.find((r) => r.id === 'nightly-backup')!;
    expect(nightly.window).toEqual(plan.reservations.find((r) => r.id === 'nightly-backup')!.window);
    expect(nightly.window).toMatchObject({ recur: 'daily' });
  });

  it('returns over the primary path of the far region where a link is one-way', () => {
    const oneWay = planned(`
network: oneway
regions:
  a: { place: us-east-1 }
  b: { place: eu-west-1 }
  c: { place: ap-northeast-1 }
links:
  - { between: [a, b], bandwidth: 1 Gbps }
  - { from: b, to: c, bandwidth: 1 Gbps }
  - { between: [a, c], bandwidth: 1 Gbps, latency: 300 ms }
`);
    const path = gatewayState(oneWay, 'a/1').paths.find((p) => p.id === 'a>b>c')!;
    expect(path.probe).not.toBeNull();
    const back = gatewayState(oneWay, 'c/1').returns.find((r) => r.path === 'a>b>c')!;
    expect(back.tunnel).toBe('tunnel-a-c');
    expect(back.probe.segments).toEqual([]);
  });
});
