import { AdmissionAuthority, type BandwidthModel } from '../../lib/reservation';
import { compileRequest } from '../../lib/routing';
import { backboneTopology } from '../reservation/backbone-topology';
import { randomAsk } from '../reservation/random-asks';
import { seeded } from '../support/random-seeded';

/* eslint-disable no-console -- a program that prints one line of JSON */

/**
 * Admits the year of `test/reservation/year-of-reservations.test.ts` under the bandwidth model of the first
 * argument, in a process of its own so that its memory is its own.
 */
const count = 100_000;
const shares = { critical: 0.3, realtime: 0.4, interactive: 0.5, bulk: 0.6, 'best-effort': 1 };
const kind = process.argv[2] as BandwidthModel['kind'];
const model: BandwidthModel = kind === 'shared' ? { kind } : { kind, shares };
const random = seeded(7);
const topology = backboneTopology(random);
const request = compileRequest(topology, { strategy: 'latency' });
const shape = {
  kbps: [100, 200_000],
  unitMs: 900_000,
  span: 35_040,
  longest: 192,
  priorities: false,
} as const;
const asks = Array.from({ length: count }, (_, i) => randomAsk(random, topology, request, `x${i}`, shape));
const authority = new AdmissionAuthority(topology, { model });
const start = process.hrtime.bigint();
let admitted = 0;
for (const ask of asks) if (authority.admit(ask, { explain: false }).admitted) admitted++;
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
// maxRSS is in kilobytes (getrusage).
const peakMb = process.resourceUsage().maxRSS / 1000;
console.log(JSON.stringify({ perSecond: count / seconds, admitted, peakMb }));
