import { setTimeout as sleep } from 'node:timers/promises';
import type { RouteView, StateView } from '../../../lib/agent/client';
import { drainNetwork } from '../../../lib/cli/ops/drain-network';
import { askAll, type OpsGateway, type Reach } from '../../../lib/cli/ops/reach';
import { planOf } from '../../support/plan-of';
import { diamond } from '../../agent/diamond';

const plan = planOf(diamond);
const gateways = plan.gateways satisfies readonly OpsGateway[];

/** Agents that move off a place after so many looks; `dead` ones answer nothing. */
function agents(looksUntilMoved: number, dead: readonly string[] = [], strangers: readonly string[] = []) {
  const calls: string[] = [];
  const looks = new Map<string, number>();
  const over = plan.paths.find((p) => p.from === 'a' && p.to === 'b' && p.regions.includes('c'))!;
  const reach: Reach = {
    drain: ({ id }, { of, id: place }, on) => {
      calls.push(`${on ? 'drain' : 'undrain'} ${id}`);
      if (dead.includes(id)) return Promise.reject(new Error('nothing listens'));
      if (strangers.includes(id))
        return Promise.reject(new Error(`this gateway has nothing to do with ${of} '${place}'`));
      return Promise.resolve({ drained: on ? [`${of} ${place}`] : [] } as unknown as StateView);
    },
    look: ({ id }) => {
      const n = (looks.get(id) ?? 0) + 1;
      looks.set(id, n);
      calls.push(`look ${id}`);
      const moved = n > looksUntilMoved || id !== 'a/1';
      const paths = moved ? [] : [{ path: over.id, weight: 1 }];
      const routes = [{ to: 'b', class: 'bulk', prefixes: [], paths, state: 'planned' }] as RouteView[];
      return Promise.resolve({ state: {} as StateView, tunnels: [], routes });
    },
    doctor: () => Promise.reject(new Error('not asked')),
  };
  return { reach, calls };
}

const options = { plan, gateways, timeoutMs: 1_000, settleMs: 1_000, wait: () => Promise.resolve() };

it('tells those that send over the region first, waits until none does, then the region itself', async () => {
  const { reach, calls } = agents(2);
  const drain = await drainNetwork({ of: 'region', id: 'c' }, true, { ...options, reach });
  const told = calls.filter((call) => call.startsWith('drain'));
  expect(told).toHaveLength(4);
  expect(told.at(-1)).toBe('drain c/1');
  // The third look at the gateway that had not moved yet came before the region was told.
  expect(calls.filter((call) => call === 'look a/1')).toHaveLength(3);
  expect(calls.lastIndexOf('look a/1')).toBeLessThan(calls.indexOf('drain c/1'));
  expect(drain).toMatchObject({ stillSending: [], unconcerned: [] });
});

it('tells the end in the other order', async () => {
  const { reach, calls } = agents(0);
  await drainNetwork({ of: 'region', id: 'c' }, false, { ...options, reach });
  expect(calls[0]).toBe('undrain c/1');
  expect(calls).toHaveLength(4);
});

it('says who does not know, who is not concerned, and who still sends', async () => {
  const { reach } = agents(Infinity, ['b/1'], ['d/1']);
  const drain = await drainNetwork({ of: 'region', id: 'c' }, true, { ...options, reach });
  expect(drain.told.filter((a) => !a.ok).map((a) => a.gateway.id)).toEqual(['b/1']);
  expect(drain.unconcerned).toEqual(['d/1']);
  expect(drain.stillSending).toEqual(['a/1']);
});

it('keeps what some answer when others do not within their time', async () => {
  const from = performance.now();
  const asked = await askAll(gateways, 100, async ({ id }) => {
    if (id === 'b/1') await sleep(5_000, undefined, { ref: false });
    return id;
  });
  expect(performance.now() - from).toBeLessThan(3_000);
  expect(asked.map((a) => (a.ok ? a.value : a.message))).toEqual([
    'a/1',
    'no answer within 0.1 s',
    'c/1',
    'd/1',
  ]);
});
