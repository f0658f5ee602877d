import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beginRotation, finishRotation, publicKeysOf, type OpenedKeyFile } from '../../../lib/net/keys';
import { skipped } from '../../net/skipped';
import { labGap } from '../../support/lab-gap';
import { labPair, type LabPair } from '../../support/lab-pair';

// Two real agents with one WireGuard tunnel between them, a packet each 10 ms there and back: keys rotate.

jest.setTimeout(600_000);

const why = labGap();
const random = (n: number) => randomBytes(n);
let pair: LabPair;
let keys: OpenedKeyFile;
let generation = 1;

beforeAll(async () => {
  if (why) return;
  pair = await labPair('keys');
  ({ keys } = pair);
});
afterAll(async () => pair?.close());

function lay(next: OpenedKeyFile): void {
  keys = next;
  generation++;
}

const deploy = async (id: string) => {
  pair.lay(id, keys, generation);
  await pair.agent(id).reload();
};

async function step(what: string, work: () => Promise<void>, afterMs = 2500): Promise<number> {
  const { sent, lost, longestMs } = await pair.during(work, afterMs);
  process.stderr.write(`  ${what}: ${lost} of ${sent} packets lost, ${longestMs} ms without one\n`);
  return longestMs;
}

/** First phase at both ends. Nothing changes for what is in use. */
async function begin(ids: readonly string[]): Promise<void> {
  lay(beginRotation(keys, ids, random).opened);
  for (const id of ['a/1', 'b/1']) {
    const longestMs = await step(`begin at ${id}`, () => deploy(id), 500);
    expect(longestMs).toBeLessThan(3000);
  }
}

/** Public key of an end as the other's kernel has handshakes with it. */
async function inUse(id: string): Promise<string> {
  return (await pair.on(id, 'wg', 'show', 'all', 'public-key')).trim().split(/\s+/)[1];
}

async function expectFinished(): Promise<void> {
  const { gateways } = publicKeysOf(keys.file);
  for (const id of ['a/1', 'b/1']) expect(await inUse(id)).toBe(gateways[id]);
}

const orders = [
  [['a/1'], ['a/1', 'b/1']],
  [['a/1'], ['b/1', 'a/1']],
  [['b/1'], ['a/1', 'b/1']],
  [
    ['a/1', 'b/1'],
    ['a/1', 'b/1'],
  ],
  [
    ['a/1', 'b/1'],
    ['b/1', 'a/1'],
  ],
] as const;
// Of the orders that are each other's mirror the slower tests try one.
const asymmetric = orders.filter((_, i) => i !== 2);

// Bounds are for a busy machine; what is usual is printed and stands in docs/measured.md.
describe('a rotation in two phases', () => {
  it.each(orders)('of %j finished in the order %j', async (ids, order) => {
    if (why) return skipped(why);
    process.stderr.write(`rotation of ${ids.join(' and ')}, finished at ${order.join(', then ')}\n`);
    await begin(ids);
    lay(finishRotation(keys, random).opened);
    for (const id of order) {
      const longestMs = await step(`finish at ${id}`, () => deploy(id));
      expect(longestMs).toBeLessThan(3000);
    }
    await expectFinished();
  });

  it.each(asymmetric)(
    'of %j finished in the order %j, agents killed and started between',
    async (ids, order) => {
      if (why) return skipped(why);
      process.stderr.write(`rotation of ${ids.join(' and ')}, agents restarted\n`);
      await begin(ids);
      lay(finishRotation(keys, random).opened);
      const restart = async (id: string) => {
        await pair.kill(id);
        await pair.start(id);
      };
      for (const id of order) {
        // As a new agent program is installed: the old one has never seen the new bundle.
        const both = async () => {
          await pair.kill(id);
          pair.lay(id, keys, generation);
          await pair.start(id);
        };
        expect(await step(`finish at ${id} by a restart`, both)).toBeLessThan(8000);
        for (const other of ['a/1', 'b/1'])
          expect(await step(`restart of ${other}`, () => restart(other))).toBeLessThan(8000);
      }
      await expectFinished();
    },
  );

  it.each(asymmetric)('of %j finished in the order %j, machines rebooted between', async (ids, order) => {
    if (why) return skipped(why);
    process.stderr.write(`rotation of ${ids.join(' and ')}, machines rebooted\n`);
    await begin(ids);
    const reboots = async (when: string) => {
      for (const id of ['a/1', 'b/1']) {
        await pair.reboot(id);
        const start = Date.now();
        await pair.untilPasses();
        const tookMs = Date.now() - start;
        process.stderr.write(`  ${when}, ${id} rebooted: carries ${tookMs} ms after its agent was ready\n`);
        expect(tookMs).toBeLessThan(4000);
      }
    };
    await reboots('begun');
    lay(finishRotation(keys, random).opened);
    for (const id of order) {
      await deploy(id);
      await sleep(500);
      await reboots(`finished at ${id}`);
    }
    await expectFinished();
  });

  it('keeps no key on the disk in clear', () => {
    if (why) return skipped(why);
    for (const id of ['a/1', 'b/1']) {
      const file = path.join(pair.folder(id), 'state', 'rotation.json');
      if (!existsSync(file)) continue;
      const text = readFileSync(file, 'utf8');
      expect(text).toContain('sealedPrivateKey');
      expect(text).not.toContain('privateKey"');
    }
  });
});
