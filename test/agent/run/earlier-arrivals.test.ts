import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { arrivalsOf } from '../../../lib/agent/apply/arrivals';
import {
  earlierArrivals,
  graceMs,
  readArrivals,
  rememberArrivals,
  writeArrivals,
} from '../../../lib/agent/run/earlier-arrivals';
import type { GatewayState } from '../../../lib/gateway';
import { agentBench, bundleOf } from '../../support/agent-bench';
import { plannedGateways, type PlannedGateways } from '../../support/gateway-plan';
import { triangleNetwork } from '../../support/small-networks';

// A gateway takes a new plan some time before its neighbours do, and they send by the paths of theirs.

let planned: PlannedGateways;
let full: GatewayState;
/** The same gateway under a plan that brings nothing to it by its first tunnel. */
let narrow: GatewayState;
beforeAll(async () => {
  planned = await plannedGateways(triangleNetwork);
  full = planned.state('a/1');
  const [first, ...others] = full.edge.arrivals;
  const arrivals = [{ ...first, regions: [], segments: [] }, ...others];
  narrow = { ...full, planDigest: 'narrow', edge: { ...full.edge, arrivals } };
});

const now = 1.8e12;

describe('what plans before let in', () => {
  it('is let in for an hour, though the plan is taken again meanwhile, and by no clock for longer', () => {
    const [before] = arrivalsOf(full);
    expect(before.segments.length).toBeGreaterThan(0);
    expect(before.prefixes.length).toBeGreaterThan(0);
    const first = rememberArrivals(null, full, now);
    expect(earlierArrivals(first, now)).toEqual([]);
    const second = rememberArrivals(first, narrow, now);
    expect(earlierArrivals(second, now)).toEqual([before]);
    const again = rememberArrivals(second, narrow, now + graceMs / 2);
    expect(earlierArrivals(again, now + graceMs - 1)).toEqual([before]);
    expect(earlierArrivals(again, now + graceMs)).toEqual([]);
    expect(earlierArrivals(again, now - 1)).toEqual([]);
  });

  it('outlives a third plan, until the time of that is over', () => {
    const second = rememberArrivals(rememberArrivals(null, full, now), narrow, now);
    const third = rememberArrivals(second, { ...narrow, planDigest: 'third' }, now + graceMs / 2);
    expect(earlierArrivals(third, now + graceMs)).toEqual([arrivalsOf(full)[0]]);
    expect(earlierArrivals(third, now + 1.5 * graceMs)).toEqual([]);
    const late = rememberArrivals(second, { ...narrow, planDigest: 'third' }, now + graceMs);
    expect(earlierArrivals(late, now + graceMs)).toEqual([]);
  });

  it('ends where the plan lets it in again, and where its tunnel is gone', () => {
    const second = rememberArrivals(rememberArrivals(null, full, now), narrow, now);
    expect(earlierArrivals(rememberArrivals(second, full, now), now)).toEqual([]);
    const { arrivals } = narrow.edge;
    const without = { ...narrow, planDigest: 'x', edge: { ...narrow.edge, arrivals: arrivals.slice(1) } };
    expect(earlierArrivals(rememberArrivals(second, without, now), now)).toEqual([]);
  });

  it('survives a start, unless its file says what no plan would', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'dwcp-arrivals-'));
    try {
      expect(readArrivals(directory)).toBeNull();
      const memory = rememberArrivals(rememberArrivals(null, full, now), narrow, now);
      writeArrivals(directory, memory);
      expect(readArrivals(directory)).toEqual(memory);
      const odd = [{ tunnel: 'x', prefixes: ['10.0.0.0/8 accept'], segments: [] }];
      writeFileSync(path.join(directory, 'arrivals.json'), JSON.stringify({ ...memory, before: odd }));
      expect(readArrivals(directory)).toBeNull();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('the agent', () => {
  it('keeps the filters open for what the plan before let in, and closes them after an hour', async () => {
    const bench = await agentBench(planned);
    const [{ tunnel, segments }] = full.edge.arrivals;
    const { interfaceName } = full.tunnels.find(({ id }) => id === tunnel)!;
    const passes = () => {
      const { script } = [...bench.host.objects.values()].find(({ kind }) => kind === 'marking')!;
      return segments.filter(({ segment }) => script!.includes(`"${interfaceName}" . ${segment} .`)).length;
    };
    expect((await bench.agent.take()).ok).toBe(true);
    expect(passes()).toBe(segments.length);
    const { bundle } = bundleOf(planned) as Extract<ReturnType<typeof bundleOf>, { ok: true }>;
    bench.next = { ok: true, bundle: { ...bundle, gateway: narrow } };
    expect((await bench.agent.take()).ok).toBe(true);
    expect(passes()).toBe(segments.length);
    bench.clock.pass(graceMs - 1000);
    await bench.agent.settled();
    expect(passes()).toBe(segments.length);
    bench.clock.pass(3000);
    await bench.agent.settled();
    expect(passes()).toBe(0);
    await bench.agent.stop();
  });
});
