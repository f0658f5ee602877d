import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../lib/agent/client';
import type { Lab } from '../../lib/lab/record';
import { inside, run } from '../../lib/lab/run';
import { agentSocket } from '../../lib/lab/start-agent';
import { readPlan } from '../../lib/plan';
import { skipped } from '../net/skipped';
import { labGap } from '../support/lab-gap';
import { realLab, type RealLab } from '../support/real-lab';

// The golden network of prefixes on this machine: virginia reaches the office through dublin.

jest.setTimeout(300_000);
jest.retryTimes(2, { logErrorsBeforeRetry: true });

const why = labGap(['ping', '-V']);
const golden = path.join(__dirname, '..', 'golden', 'plans', 'prefixes', 'plan.json');
let real: RealLab;
let lab: Lab;

beforeAll(async () => {
  if (why) return;
  const { plan } = readPlan(readFileSync(golden, 'utf8'), golden);
  real = await realLab('prefixes', plan!, ['--interval', '100', '--multiplier', '10']);
  ({ lab } = real);
  const agents = lab.layout.gateways.map(({ id }) => connect({ socket: agentSocket(lab, id) }));
  const planned = async () => {
    const routes = (await Promise.all(agents.map((one) => one.routes()))).flat();
    const paths = (await Promise.all(agents.map((one) => one.paths()))).flat();
    return routes.every((r) => r.state === 'planned') && paths.every((p) => p.health === 'up');
  };
  for (const end = Date.now() + 120_000; !(await planned()); await sleep(200))
    if (Date.now() > end) throw new Error('not within 120 s: every route as planned');
});

afterAll(async () => {
  if (why) return;
  await real?.close();
});

describe('in a lab, prefixes of a region', () => {
  it('are reached from every other region, from its block and from its prefixes, in both families', async () => {
    if (why) return skipped(why);
    const asked: string[] = [];
    for (const from of lab.layout.regions)
      for (const to of lab.layout.regions) {
        if (from === to) continue;
        for (const { address } of to.prefixes) {
          const same = (other: string) => other.includes(':') === address.includes(':');
          const [host] = from.hosts;
          const own = [host.ipv4, host.ipv6, ...from.prefixes.map((p) => p.address)].filter(same);
          // The first source, and the last, which is a prefix where there is one of this family.
          for (const source of new Set([own[0], own[own.length - 1]])) {
            const ping = ['ping', '-q', '-c', '3', '-i', '0.2', '-W', '5', '-I', source, address];
            const answer = await run(inside(from.namespace, ping));
            expect([from.id, source, address, answer]).toEqual([
              from.id,
              source,
              address,
              expect.stringContaining('3 received'),
            ]);
            asked.push(`${from.id} ${address}`);
          }
        }
      }
    // Five of the office from two regions, two of dublin from two.
    expect(new Set(asked).size).toBe(14);
  });
});
