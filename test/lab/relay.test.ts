import { createSocket, type Socket } from 'node:dgram';
import { monotonicMs } from '../../lib/lab/clock';
import { startRelay, type Relay } from '../../lib/lab/relay/relay';
import type { RelayFlow } from '../../lib/lab/relay/relay-plan';
import { seeded } from '../support/random-seeded';

const gateways = ['127.0.0.11', '127.0.0.12'] as const;
const latency = [12, 30] as const;

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

async function bound(address: string, port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  open.push(() => socket.close());
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  return socket;
}

interface Arrival {
  readonly number: number;
  readonly delayMs: number;
  readonly from: string;
}

/** Two gateways with the relay between them, all on the loopback. */
async function pair(seed = 1) {
  const ends = await Promise.all(gateways.map((address) => bound(address)));
  const ports = ends.map((end) => end.address().port);
  const flow = (near: 0 | 1): RelayFlow => ({
    id: `from ${near}`,
    reverse: `from ${1 - near}`,
    address: `127.0.1.${near + 1}`,
    port: ports[1 - near],
    fromAddress: gateways[near],
    fromPort: ports[near],
    latencyMs: latency[near],
  });
  const flows = [flow(0), flow(1)];
  const relay: Relay = await startRelay(flows, seeded(seed).next);
  open.push(() => relay.close());
  const arrivals: [Arrival[], Arrival[]] = [[], []];
  ends.forEach((end, side) =>
    end.on('message', (bytes, { address, port }) => {
      const delayMs = monotonicMs() - bytes.readDoubleBE(4);
      arrivals[side].push({ number: bytes.readUInt32BE(0), delayMs, from: `${address}:${port}` });
    }),
  );
  const send = async (side: 0 | 1, count: number, spacingMs = 1) => {
    for (let number = 0; number < count; number++) {
      const bytes = Buffer.alloc(12);
      bytes.writeUInt32BE(number, 0);
      bytes.writeDoubleBE(monotonicMs(), 4);
      ends[side].send(bytes, flows[side].port, flows[side].address);
      if (spacingMs > 0) await new Promise((resolve) => setTimeout(resolve, spacingMs));
    }
  };
  const settle = () => new Promise((resolve) => setTimeout(resolve, 200));
  return { relay, flows, arrivals, send, settle };
}

const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1];

describe('the relay', () => {
  it('delivers everything in order, each direction after its own latency', async () => {
    const { arrivals, send, settle } = await pair();
    await Promise.all([send(0, 300), send(1, 300)]);
    await settle();
    for (const side of [0, 1] as const) {
      const got = arrivals[1 - side];
      expect(got.map((a) => a.number)).toEqual(Array.from({ length: 300 }, (_, i) => i));
      expect(got.every((a) => a.delayMs >= latency[side])).toBe(true);
      // A busy machine is late now and then; half of all are not.
      expect(median(got.map((a) => a.delayMs)) - latency[side]).toBeLessThan(2);
    }
  });

  it('answers from the address that is sent to, so that no end sees its peer move', async () => {
    const { arrivals, flows, send, settle } = await pair();
    await Promise.all([send(0, 5), send(1, 5)]);
    await settle();
    expect(new Set(arrivals[0].map((a) => a.from))).toEqual(
      new Set([`${flows[0].address}:${flows[0].port}`]),
    );
    expect(new Set(arrivals[1].map((a) => a.from))).toEqual(
      new Set([`${flows[1].address}:${flows[1].port}`]),
    );
  });

  it('takes nothing from a stranger', async () => {
    const { arrivals, flows, relay, settle } = await pair();
    const stranger = await bound('127.0.0.13');
    stranger.send(Buffer.alloc(12), flows[0].port, flows[0].address);
    await settle();
    expect(arrivals).toEqual([[], []]);
    expect(relay.counts()['from 0'].received).toBe(0);
  });

  it('loses all in a blackhole, also what is on its way, and the other direction nothing', async () => {
    const { arrivals, relay, send, settle } = await pair();
    await send(1, 10, 0);
    relay.impair({ 'from 1': { blackhole: true, lossRatio: 0, extraMs: 0 } });
    await Promise.all([send(0, 20), send(1, 20)]);
    await settle();
    expect([arrivals[0].length, arrivals[1].length]).toEqual([0, 20]);
    const { received, forwarded, dropped } = relay.counts()['from 1'];
    expect([received, forwarded, dropped]).toEqual([30, 0, 30]);
    relay.impair({});
    await send(1, 20);
    await settle();
    expect(arrivals[0]).toHaveLength(20);
  });

  it('loses its share, the same for the same seed', async () => {
    const survivors = async () => {
      const { arrivals, relay, send, settle } = await pair(7);
      relay.impair({ 'from 0': { blackhole: false, lossRatio: 0.2, extraMs: 0 } });
      await send(0, 400);
      await settle();
      return arrivals[1].map((a) => a.number);
    };
    const [first, second] = [await survivors(), await survivors()];
    expect(first).toEqual(second);
    // Four standard deviations of a binomial: 400 x 0.8 with 8.
    expect(Math.abs(first.length - 320)).toBeLessThan(32);
  });

  it('delays more when told so, and never lets a datagram overtake another when latency falls', async () => {
    const { arrivals, relay, send, settle } = await pair();
    relay.impair({ 'from 0': { blackhole: false, lossRatio: 0, extraMs: 40 } });
    await send(0, 50);
    relay.impair({});
    await send(0, 50);
    await settle();
    const got = arrivals[1];
    expect(median(got.slice(0, 50).map((a) => a.delayMs)) - 52).toBeLessThan(4);
    expect(got).toHaveLength(100);
    const numbers = got.map((a) => a.number);
    expect(numbers).toEqual([
      ...Array.from({ length: 50 }, (_, i) => i),
      ...Array.from({ length: 50 }, (_, i) => i),
    ]);
  });
});
