import { setTimeout as sleep } from 'node:timers/promises';
import type { EventView } from '../../lib/agent/api';
import { healFaults, makeFault } from '../../lib/lab/fault/make-fault';
import { metricsPort } from '../../lib/lab/start-agent';
import { skipped } from '../net/skipped';
import { labGap } from '../support/lab-gap';
import { labPair, type LabPair, type Loss } from '../support/lab-pair';

// What others do to a gateway, in a lab of three regions where a path lives whatever happens to one tunnel:
// when the agent notices, when it is mended, what is lost, and what events and metrics say.

jest.setTimeout(240_000);
// Other machines of the same host take time from this one: what fails for that is tried again, and said.
jest.retryTimes(1, { logErrorsBeforeRetry: true });

const why = labGap();
const triangle = `
network: drift
regions:
  a: { place: us-east-1 }
  b: { place: eu-west-1 }
  c: { place: ap-southeast-1 }
links:
  - { between: [a, b], bandwidth: 1 Gbps }
  - { between: [a, c], bandwidth: 1 Gbps }
  - { between: [b, c], bandwidth: 1 Gbps }
`;
const gateway = 'a/1';

let pair: LabPair;
beforeAll(async () => {
  if (!why) pair = await labPair('drift', triangle);
});
afterAll(async () => {
  if (why || !pair) return;
  process.stderr.write(`${rows.join('\n')}\n`);
  await pair.close();
});
// A test that fails half way must not leave its fault to those that follow.
afterEach(async () => {
  if (!why) await healFaults(pair.lab);
});

const rows = [
  '| fault | noticed ms | mended ms | packets lost | longest ms | event |',
  '| --- | --- | --- | --- | --- | --- |',
];

/** Waits until every path answers, all traffic has one, and the host is as planned. */
async function untilSound(): Promise<void> {
  for (const end = Date.now() + 60_000; ; await sleep(200)) {
    const agents = ['a/1', 'b/1', 'c/1'].map((id) => pair.agent(id));
    const routes = (await Promise.all(agents.map((agent) => agent.routes()))).flat();
    const paths = (await Promise.all(agents.map((agent) => agent.paths()))).flat();
    const { unhealed } = await pair.agent(gateway).state();
    const led = routes.every((r) => r.state === 'planned' || r.state === 'backup');
    if (led && paths.every((p) => p.health === 'up') && unhealed.length === 0) return;
    if (Date.now() > end) throw new Error('not sound after 60 s');
  }
}

/** The link by which traffic to b leaves now. */
async function linkInUse(): Promise<string> {
  const agent = pair.agent(gateway);
  const route = (await agent.routes()).find((r) => r.to === 'b' && r.class === 'best-effort')!;
  return (await agent.paths()).find((p) => p.id === route.paths[0].path)!.links[0];
}

/** What the agent tells while some work is done. */
async function eventsDuring(work: () => Promise<void>): Promise<EventView[]> {
  const { lastEvent } = await pair.agent(gateway).state();
  await work();
  const stop = new AbortController();
  const told: EventView[] = [];
  const last = (await pair.agent(gateway).state()).lastEvent;
  for await (const event of pair.agent(gateway).events({ after: lastEvent, signal: stop.signal })) {
    told.push(event);
    if (event.id >= last) stop.abort();
  }
  return told;
}

async function metric(series: string): Promise<number> {
  const read = `fetch('http://127.0.0.1:${metricsPort}/metrics').then((r) => r.text()).then(console.log)`;
  const text = await pair.on(gateway, process.execPath, '-e', read);
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1));
}

const readyz = () =>
  pair.on(
    gateway,
    ...[process.execPath, '-e'],
    `fetch('http://127.0.0.1:${metricsPort}/readyz').then((r) => console.log(r.status))`,
  );

interface Seen {
  readonly loss: Loss;
  readonly told: readonly EventView[];
  /** From the fault, ms. */
  readonly noticedMs: number;
  readonly mendedMs: number;
}

/** Makes a fault under traffic from a to b and back, and reads off what became of it. */
async function seen(what: string, make: (link: string) => Promise<unknown>): Promise<Seen> {
  await untilSound();
  const link = await linkInUse();
  let [loss, atMs]: [Loss, number] = [{ sent: 0, lost: 0, longestMs: 0 }, 0];
  const told = await eventsDuring(async () => {
    loss = await pair.during(async () => {
      atMs = Date.now();
      await make(link);
    }, 3000);
  });
  const ofHost = told.filter(({ kind, cause }) => kind === 'drift' || cause.includes('its interface'));
  const drift = told.find(({ kind }) => kind === 'drift');
  const [noticedMs, mendedMs] = [ofHost[0], drift].map((e) => Math.round((e?.utcMs ?? NaN) - atMs));
  const says = drift ? `${drift.kind}: ${drift.from}, ${drift.to}` : 'none';
  rows.push(`| ${what} | ${noticedMs} | ${mendedMs} | ${loss.lost} | ${loss.longestMs} | ${says} |`);
  return { loss, told, noticedMs, mendedMs };
}

describe('what others do to a gateway', () => {
  test.each(['flush-rules', 'flush-nexthops', 'flush-marking', 'kill-tunnel', 'link-flap'])(
    '%s is noticed within 1 s, mended within 2 s, and costs at most 1.5 s of traffic',
    async (fault) => {
      if (why) return skipped(why);
      const drifts = await metric('dwcp_agent_drifts_total');
      const { loss, noticedMs, mendedMs } = await seen(fault, (link) =>
        makeFault(pair.lab, gateway, fault, fault.startsWith('flush') ? undefined : link),
      );
      expect(noticedMs).toBeLessThan(1000);
      expect(mendedMs).toBeLessThan(2000);
      expect(loss.longestMs).toBeLessThanOrEqual(1500);
      expect(await metric('dwcp_agent_drifts_total')).toBeGreaterThan(drifts);
      expect(await metric('dwcp_agent_unhealed_objects{kind="tunnel"}')).toBe(0);
    },
  );

  test('forwarding that is switched off is on again within 2 s', async () => {
    if (why) return skipped(why);
    const { loss, mendedMs } = await seen('ip_forward=0', () =>
      pair.on(gateway, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=0'),
    );
    expect(mendedMs).toBeLessThan(2000);
    expect(loss.longestMs).toBeLessThanOrEqual(1500);
  });

  test('an interface of somebody else takes one tunnel, is told, does not keep the agent from starting, and heals', async () => {
    if (why) return skipped(why);
    const { loss, told } = await seen('foreign-interface', (link) =>
      makeFault(pair.lab, gateway, 'foreign-interface', link),
    );
    expect(loss.longestMs).toBeLessThanOrEqual(1500);
    const heal = told.find(({ kind, to }) => kind === 'heal' && to === 'unhealed')!;
    expect(heal.what).toMatch(/^tunnel wg-/);
    expect(heal.cause).toMatch(/an interface wg-\S+ that is not ours is there/);
    const state = await pair.agent(gateway).state();
    expect(state.unhealed.map(({ what }) => what)).toEqual([heal.what]);
    expect(state.unhealed[0].waiting).toBeGreaterThan(0);
    expect(await metric('dwcp_agent_unhealed_objects{kind="tunnel"}')).toBe(1);
    // Traffic goes another way: nothing is wrong with the gateway as a whole.
    expect((await readyz()).trim()).toBe('200');
    await pair.kill(gateway);
    await pair.start(gateway);
    await pair.untilPasses();
    const unhealed = async () => (await pair.agent(gateway).state()).unhealed.map(({ what }) => what);
    for (const end = Date.now() + 10_000; (await unhealed()).length === 0 && Date.now() < end;)
      await sleep(100);
    expect(await unhealed()).toEqual([heal.what]);
    const mended = await eventsDuring(async () => {
      await healFaults(pair.lab);
      await untilSound();
    });
    expect(mended).toContainEqual(
      expect.objectContaining({ kind: 'heal', what: heal.what, from: 'unhealed', to: 'as planned' }),
    );
  });
});
