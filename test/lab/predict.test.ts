import { buildTopology } from '../../lib/graph';
import { compileFlows, linkFailures, regionFailures } from '../../lib/failure';
import { placeFlow, type Placement } from '../../lib/failure/place-flow';
import { impairmentsOf, type LabFailure } from '../../lib/lab/impairment';
import { layOut } from '../../lib/lab/layout';
import { predictMoves, type PredictedMove } from '../../lib/lab/predict';
import { qosClasses } from '../../lib/model';
import type { PlanDocument } from '../../lib/plan';
import { failureInput } from '../../lib/plan/plan-failures';
import { fourRegions } from '../support/four-regions';
import { planOf } from '../verify/plans';

const noon = Date.UTC(2026, 11, 1, 12);
const none = { blackhole: false, lossRatio: 0, extraMs: 0, towards: null };

function moves(plan: PlanDocument, failure: Partial<LabFailure> & { target: string }): PredictedMove[] {
  const { tunnels } = layOut(plan, 'lab');
  return predictMoves(plan, tunnels, impairmentsOf(tunnels, [{ ...none, ...failure }]), noon);
}

/** Planned path of a gateway's own: the second plane of tunnels is no other path. */
const planned = (ids: readonly string[]) => [...new Set(ids.map((id) => id.replace(/\.\d$/, '')))].sort();

/** Where the planner's own failure analysis puts traffic, by `<from> <to> <class>`; only what moves. */
function plannersMoves(plan: PlanDocument, target: string): Map<string, string[]> {
  const topology = buildTopology(plan);
  const table = compileFlows(failureInput(plan, topology));
  const scenario = [...linkFailures(topology), ...regionFailures(topology)].find((s) => s.id === target)!;
  const dead = new Uint8Array(topology.arcCount);
  const nameOf = (number: number) => {
    const arcs = [...table.paths.arc.slice(table.paths.first[number], table.paths.first[number + 1])];
    const links = arcs.map((a) => topology.links[topology.link[a]]).join();
    const from = topology.nodes[topology.tail[arcs[0]]];
    return plan.paths.find((p) => p.from === from && p.links.join() === links)!.id;
  };
  const place = (f: number) => {
    const placed: Placement = { count: 0, path: [], units: [] };
    placeFlow(table, dead, f, placed);
    return placed.path.slice(0, placed.count).map(nameOf).sort();
  };
  const flows = Array.from({ length: table.count }, (_, f) => f);
  const before = flows.map(place);
  for (const arc of scenario.arcs) dead[arc] = 1;
  const found = new Map<string, string[]>();
  const put = (from: string, to: string, classes: readonly string[], f: number) => {
    if ([from, to].includes(scenario.kind === 'region' ? target : '')) return;
    const after = place(f);
    for (const qos of classes) {
      if (after.join() === before[f].join()) found.delete(`${from} ${to} ${qos}`);
      else found.set(`${from} ${to} ${qos}`, after);
    }
  };
  for (const f of flows) {
    const { from, to, classes } = table.routes[table.route[f]];
    if (table.leads[f] === 1) put(from, to, classes, f);
  }
  // A class with demands has a flow of its own.
  for (const f of flows) {
    for (let i = table.demandFirst[f]; i < table.demandFirst[f + 1]; i++) {
      const demand = table.demands[table.demand[i]];
      put(demand.from, demand.to, [demand.class], f);
    }
  }
  return found;
}

describe('what is predicted for the lab', () => {
  const example = planOf('stacks/examples/six-regions.yaml');
  // Reservations decide the path of their class, which the planner's failures leave out.
  const plans = [fourRegions(), example].map((plan) => ({ ...plan, reservations: [] }));

  it.each(plans.map((plan) => [plan.network, plan] as const))(
    'agrees with the failure analysis of %s for every link and region',
    (_, plan) => {
      let checked = 0;
      for (const target of [...plan.links, ...plan.regions].map(({ id }) => id)) {
        const own = new Map<string, string[]>();
        for (const move of moves(plan, { target, blackhole: true })) {
          for (const qos of move.classes) {
            const key = `${move.from} ${move.to} ${qos}`;
            // A spread that lost one plane of a path alone has not moved.
            if (planned(move.before).join() !== planned(move.after).join()) own.set(key, planned(move.after));
          }
        }
        expect([target, Object.fromEntries([...own].sort())]).toEqual([
          target,
          Object.fromEntries([...plannersMoves(plan, target)].sort()),
        ]);
        checked += own.size;
      }
      expect(checked).toBeGreaterThan(50);
    },
  );

  it('is the same for a brownout as for a blackhole where another path is left', () => {
    const four = plans[0];
    for (const { id: target } of four.links) {
      expect(moves(four, { target, lossRatio: 0.2 })).toEqual(moves(four, { target, blackhole: true }));
    }
  });

  it('leaves traffic on a degraded path when every path is, and moves none for what the plan tolerates', () => {
    expect(
      moves(plans[0], { target: 'frankfurt', lossRatio: 0.2 }).filter((m) => m.to === 'frankfurt'),
    ).toEqual([]);
    expect(moves(plans[0], { target: 'link-london-frankfurt', lossRatio: 0.01 })).toEqual([]);
    // 12 ms of round trip; 11 ms more is what half of it and 5 ms allow, 12 ms is not.
    const slower = (extraMs: number) => moves(plans[0], { target: 'link-london-frankfurt', extraMs });
    expect(slower(5.5).filter((m) => m.before.includes('london>frankfurt'))).toEqual([]);
    expect(slower(6).some((m) => m.before.includes('london>frankfurt'))).toBe(true);
  });

  it('says of traffic without another path that none is left, and nothing of a dead region', () => {
    const line = {
      ...plans[0],
      links: plans[0].links,
      routes: plans[0].routes.map((r) => ({ ...r, backups: [] })),
    };
    const lost = moves(line, { target: 'link-london-frankfurt', blackhole: true });
    expect(lost.filter((m) => m.from === 'london' && m.to === 'frankfurt').map((m) => m.after)).toEqual([[]]);
    const ended = moves(plans[0], { target: 'dublin', blackhole: true });
    expect(ended.filter((m) => m.from === 'dublin' || m.to === 'dublin')).toEqual([]);
  });

  it('takes the path of a reservation whose window is open', () => {
    const film = fourRegions();
    const found = moves(film, { target: 'link-london-frankfurt', blackhole: true });
    const realtime = found.find(
      (m) => m.from === 'london' && m.to === 'paris' && m.classes.includes('realtime'),
    )!;
    expect(realtime.before).toEqual(['london>frankfurt>paris']);
    expect(qosClasses.filter((c) => realtime.classes.includes(c))).toEqual(realtime.classes);
  });
});
