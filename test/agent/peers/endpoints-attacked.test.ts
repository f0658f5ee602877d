import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inside, run } from '../../../lib/lab/run';
import { skipped } from '../../net/skipped';
import { labGap } from '../../support/lab-gap';
import { labPair, rewrite, type LabPair, type Loss } from '../../support/lab-pair';

// Whoever writes the bucket swaps `endpoints.json` under two real agents with WireGuard between them.

jest.setTimeout(300_000);

const why = labGap();
const both = ['a/1', 'b/1'];
/** Nobody is there. */
const blackHole = '198.51.100.66';
const print = (what: string, { sent, lost, longestMs }: Loss) =>
  process.stderr.write(`${what}: ${lost} of ${sent} packets lost, at most ${longestMs} ms without one\n`);

let pair: LabPair;
let right: Map<string, string>;

beforeAll(async () => {
  if (why) return;
  pair = await labPair('ends');
  right = new Map(both.map((id) => [id, readFileSync(path.join(pair.folder(id), 'endpoints.json'), 'utf8')]));
});
afterAll(async () => pair?.close());

/** The far end's entry says something else at these gateways, and their agents read it. */
async function announce(ids: readonly string[], address: string): Promise<void> {
  for (const id of ids)
    rewrite(pair, id, 'endpoints.json', () =>
      JSON.stringify({ [both.find((other) => other !== id)!]: address }),
    );
  await Promise.all(ids.map((id) => pair.agent(id).reload()));
}

async function restore(): Promise<void> {
  for (const id of both) rewrite(pair, id, 'endpoints.json', () => right.get(id)!);
  await Promise.all(both.map((id) => pair.agent(id).reload()));
  await pair.untilUp();
}

const logOf = (id: string) => readFileSync(path.join(pair.folder(id), 'agent.log'), 'utf8');

/** Where WireGuard sends to, without the port. */
async function sendsTo(id: string): Promise<string> {
  return (await pair.on(id, 'wg', 'show', 'all', 'endpoints')).trim().split(/\s+/)[2].split(':')[0];
}

describe('an endpoint that a stranger wrote', () => {
  afterEach(async () => {
    if (!why) await restore();
  });

  it.each([
    ['of one end leads nowhere', ['a/1'], blackHole],
    ['of both ends leads nowhere', both, blackHole],
    ['of both ends leads to another host', both, 'the other host'],
  ])('%s: traffic goes on', async (name, ids, address) => {
    if (why) return skipped(why);
    const other = pair.lab.layout.gateways[0].underlayAddress;
    const to = address === blackHole ? blackHole : other;
    const loss = await pair.during(() => announce(ids, to), 20_000);
    print(name, loss);
    expect(loss.sent).toBeGreaterThan(2000);
    // None on a quiet machine; a busy one loses some anywhere.
    expect(loss.longestMs).toBeLessThan(1000);
    for (const id of ids) expect(logOf(id)).toContain(`→ ${to}`);
  });

  it('at the first start of both gateways: the right one is taken when it comes', async () => {
    if (why) return skipped(why);
    await Promise.all(both.map((id) => pair.kill(id)));
    for (const id of both)
      rmSync(path.join(pair.folder(id), 'state', 'endpoints-good.json'), { force: true });
    for (const id of both)
      rewrite(pair, id, 'endpoints.json', () => JSON.stringify({ 'a/1': blackHole, 'b/1': blackHole }));
    await Promise.all(both.map((id) => pair.reboot(id)));
    await sleep(3000);
    expect(await sendsTo('a/1')).toBe(blackHole);
    for (const id of both) rewrite(pair, id, 'endpoints.json', () => right.get(id)!);
    // Silent since the start, so that the next announcement is not held against what answers.
    await sleep(13_000);
    const start = Date.now();
    await Promise.all(both.map((id) => pair.agent(id).reload()));
    await pair.untilPasses();
    const tookMs = Date.now() - start;
    process.stderr.write(`first start behind a black hole: up ${tookMs} ms after the right endpoint came\n`);
    expect(tookMs).toBeLessThan(15_000);
  });

  it('at a reboot of both gateways: what answered before is tried first', async () => {
    if (why) return skipped(why);
    for (const id of both)
      rewrite(pair, id, 'endpoints.json', () => JSON.stringify({ 'a/1': blackHole, 'b/1': blackHole }));
    const start = Date.now();
    await Promise.all(both.map((id) => pair.reboot(id)));
    await pair.untilPasses();
    process.stderr.write(`reboot of both with endpoints swapped: up after ${Date.now() - start} ms\n`);
    expect(await sendsTo('a/1')).toBe(pair.lab.layout.gateways.find(({ id }) => id === 'b/1')!.address);
  });

  it('whose host let traffic through and then stops: the last good one is back within 20 s', async () => {
    if (why) return skipped(why);
    // The kernel's own endpoints are moved, as when a stranger between both had been taken for the peer.
    const nft = (script: string) => run(inside(pair.lab.layout.underlay, ['nft', script]));
    const loss = await pair.during(async () => {
      // Nothing passes meanwhile, or the first packet would move the other end's endpoint back.
      await nft(
        'add table ip stop; add chain ip stop c { type filter hook forward priority 0; policy drop; }',
      );
      for (const id of both) {
        const [name, key] = (await pair.on(id, 'wg', 'show', 'all', 'endpoints')).trim().split(/\s+/);
        await pair.on(id, 'wg', 'set', name, 'peer', key, 'endpoint', `${blackHole}:51820`);
      }
      await nft('delete table ip stop');
    }, 25_000);
    print('both sessions moved to a black hole', loss);
    expect(loss.longestMs).toBeGreaterThan(5_000);
    expect(loss.longestMs).toBeLessThan(20_000);
    // Whichever end waits no longer brings both back.
    expect(both.map(logOf).join('')).toContain('nothing authentic has come for 15 s');
  });
});
