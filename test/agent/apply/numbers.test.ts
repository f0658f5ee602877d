import {
  classNumber,
  classTable,
  injectTable,
  isOurId,
  mostClasses,
  mostReservations,
  mostTunnels,
  nexthopId,
  nexthopIds,
  oversizeTable,
  pinTable,
  priorityRange,
  returnTable,
  rulePriority,
  tableRange,
} from '../../../lib/agent/apply/numbers';
import { hostUse } from '../../../lib/agent/apply/host-use';
import { foreignMarks, hex, markWriter, packetMarks } from '../../../lib/agent/apply/packet-marks';
import { leafId, probeLeaf } from '../../../lib/agent/apply/wanted/wanted-shaping';
import { firstPort } from '../../../lib/addressing/first-port';
import {
  bitsFor,
  bitsOf,
  defaultMarkBits,
  freeMarkBits,
  markMeanings,
  takeMarkBits,
} from '../../../lib/model/mark-bits';
import { qosClasses } from '../../../lib/model/qos';

/** As many as the numbers have room for, so that what comes next needs no other layout. */
const classes = Array.from({ length: mostClasses }, (_, index) => index);
const ranks = [0, 1, 2, 3];
const tunnels = Array.from({ length: mostTunnels }, (_, n) => firstPort + n);

/** Which of many numbers stand there twice. */
function twice(numbers: readonly number[]): number[] {
  const seen = new Set<number>();
  return numbers.filter((n) => seen.has(n) || !seen.add(n));
}

describe('numbers of a gateway', () => {
  const ofClasses = classes.flatMap((index) => ranks.map((rank) => classNumber(index, rank)));

  it('gives a table each to 16 classes of 4 ranks, to probes, to what is too long and to 1,000 tunnels', () => {
    const tables = [...ofClasses, oversizeTable, injectTable, returnTable, ...tunnels.map(pinTable)];
    expect(twice(tables)).toEqual([]);
    expect(tables.filter((t) => t < tableRange[0] || t > tableRange[1])).toEqual([]);
    expect(qosClasses.map(classTable)).toEqual(
      classes.slice(0, qosClasses.length).map((i) => classNumber(i)),
    );
  });

  it('gives a priority each to the rules of them, before those of main', () => {
    const { pin, traffic, oversize, unmarked } = rulePriority;
    const before = [pin, traffic.inject, traffic.deliver, traffic.accept];
    const priorities = [...before, ...ofClasses, oversize, unmarked];
    expect(twice(priorities)).toEqual([]);
    expect([Math.min(...priorities), Math.max(...priorities)]).toEqual([...priorityRange]);
    expect(priorityRange[1]).toBeLessThan(32_766);
    expect(Math.max(...before)).toBeLessThan(Math.min(...ofClasses));
  });

  it('tells the host all of them, and no number to two', () => {
    for (const kind of ['routing-table', 'rule-priority', 'udp-port', 'tcp-port'] as const) {
      const rows = hostUse.flatMap((row) => (row.kind === kind && row.range ? [row.range] : []));
      const sorted = rows.sort((a, b) => a[0] - b[0]);
      sorted.slice(1).forEach(([first], i) => expect(first).toBeGreaterThan(sorted[i][1]));
    }
  });

  it('names a queue for each of 16 classes, for probes and for 4,095 reservations', () => {
    const minor = (id: string) => parseInt(id.slice(2), 16);
    const perClass = classes.map((index) => 0x11 + index);
    expect(qosClasses.map((qos) => minor(leafId(qos)))).toEqual(perClass.slice(0, qosClasses.length));
    const reserved = Array.from({ length: mostReservations }, (_, i) => minor(leafId('bulk', i + 1)));
    const all = [1, minor(probeLeaf), ...perClass, ...reserved];
    expect(twice(all)).toEqual([]);
    expect(Math.max(...all)).toBeLessThanOrEqual(0xffff);
  });

  it('gives nexthops and groups ids of their own, also where a hash is taken', () => {
    const taken = new Set<number>();
    for (let i = 0; i < 20_000; i++) taken.add(nexthopId(`path ${i % 5_000}`, taken));
    expect(taken.size).toBe(20_000);
    expect([...taken].every(isOurId)).toBe(true);
    expect([...nexthopIds].map(isOurId)).toEqual([true, true]);
    expect([nexthopIds[0] - 1, nexthopIds[1] + 1].map(isOurId)).toEqual([false, false]);
  });
});

describe('packet marks', () => {
  it('say each meaning by bits that no listed software uses', () => {
    const { mask, others, of } = packetMarks();
    const marks = markMeanings.map(of);
    expect(twice(marks)).toEqual([]);
    expect(marks.filter((mark) => (mark & others) !== 0)).toEqual([]);
    expect(of('none')).toBe(0);
    expect(mask).toBe(defaultMarkBits);
    for (const { bits } of foreignMarks) expect(bits & freeMarkBits).toBe(0);
  });

  it('have room for a sixth class in free bits, and for 16 in the bits that a description names', () => {
    const six = takeMarkBits(bitsFor(markMeanings.length + 1));
    expect(hex(six)).toBe('0x1013');
    expect(bitsFor(markMeanings.length - qosClasses.length + mostClasses)).toBe(5);
  });

  it('hold class, rank, reservation and a tag within 0xff003fff, clear of kube-proxy and Tailscale', () => {
    const mask = 0xff003fff;
    const write = markWriter(mask, [5, 3, 12, 1]);
    const meanings = markMeanings.length - qosClasses.length + mostClasses;
    const marks = new Set<number>();
    for (let meaning = 0; meaning < meanings; meaning++)
      for (const rank of ranks)
        for (let reservation = 0; reservation <= mostReservations; reservation++)
          marks.add(write([meaning, rank, reservation, 1]));
    expect(marks.size).toBe(meanings * ranks.length * (mostReservations + 1));
    const used = [...marks].reduce((all, mark) => all | mark, 0);
    expect((used & ~mask) >>> 0).toBe(0);
    expect(used & (0xc000 | 0x00ff0000)).toBe(0);
    expect(bitsOf(used)).toHaveLength(20);
  });

  it('refuse a mask that is too small and a number that is too large', () => {
    expect(() => packetMarks(0x3)).toThrow(/marks take \d bits: 0x3/);
    expect(() => markWriter(0xff, [5, 4])).toThrow(/0xff has 8 bits of 9/);
    expect(() => markWriter(0xff, [5])([32])).toThrow(/32 does not fit into 5 bits/);
  });
});
