import { encodePacket, packetBytes, tryDecodePacket } from '../../lib/lab/stream/packet';
import { measureStream } from '../../lib/lab/stream/measure-stream';

/** One datagram a millisecond from time 100 on, each 5 ms on its way. */
const sentMs = Array.from({ length: 20 }, (_, i) => 100 + i);
const all = sentMs.map((_, i) => i);
const arrivals = (sequences: readonly number[]) => sequences.map((s) => sentMs[s] + 5);
const measured = (sequences: readonly number[], from?: number, to?: number) =>
  measureStream(sentMs, sequences, arrivals(sequences), from, to);

describe('a measured stream', () => {
  it('without loss has gaps of its spacing', () => {
    expect(measured(all)).toEqual({
      sent: 20,
      lost: 0,
      duplicates: 0,
      reordered: 0,
      longestGapMs: 1,
      lastLossMs: null,
      delayMs: 5,
    });
  });

  it('counts what is lost, and the time without an arrival', () => {
    const found = measured(all.filter((s) => s < 7 || s > 11));
    expect(found).toMatchObject({ sent: 20, lost: 5, longestGapMs: 6, lastLossMs: 111 });
  });

  it('counts each datagram in the part in which it was sent', () => {
    const received = all.filter((s) => s < 7 || s > 11);
    expect(measured(received, 0, 110)).toMatchObject({ sent: 10, lost: 3 });
    expect(measured(received, 110)).toMatchObject({ sent: 10, lost: 2, lastLossMs: 111 });
    expect(measured(received, 112)).toMatchObject({ sent: 8, lost: 0, lastLossMs: null });
  });

  it('counts the silence before the first arrival of a part to it', () => {
    const received = all.filter((s) => s < 7 || s > 11);
    expect(measured(received, 110).longestGapMs).toBe(6);
    expect(measured(received, 0, 107).longestGapMs).toBe(1);
  });

  it('tells duplicates and reordering from loss', () => {
    const sequences = [0, 1, 3, 2, 2, ...all.slice(4)];
    expect(measured(sequences)).toMatchObject({ lost: 0, duplicates: 1, reordered: 1 });
  });

  it('of which nothing arrives has no gap and no delay', () => {
    expect(measured([])).toMatchObject({ sent: 20, lost: 20, longestGapMs: null, delayMs: null });
  });
});

describe('a datagram of a test stream', () => {
  it('is read as it was written', () => {
    const packet = { stream: 7, sequence: 2 ** 32 - 1, sentMs: 1234567.125 };
    expect(tryDecodePacket(encodePacket(packet))).toEqual(packet);
  });

  it('is as long as it is asked to be, and read whatever its length', () => {
    const packet = { stream: 1, sequence: 2, sentMs: 3.5 };
    for (const [asked, bytes] of [
      [0, packetBytes],
      [1312, 1312],
    ]) {
      const encoded = encodePacket(packet, asked);
      expect([encoded.length, tryDecodePacket(encoded)]).toEqual([bytes, packet]);
    }
  });

  it('is not taken for one when it is cut, longer or foreign', () => {
    const bytes = encodePacket({ stream: 1, sequence: 1, sentMs: 1 });
    const foreign = Buffer.from(bytes).fill(0, 0, 1);
    const wrong = [bytes.subarray(1), Buffer.concat([bytes, Buffer.alloc(1)]), foreign, Buffer.alloc(0)];
    expect(wrong.map(tryDecodePacket)).toEqual(wrong.map(() => undefined));
  });
});
