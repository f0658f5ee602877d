import { isIPv6 } from 'node:net';
import { errorEstimate, setNtpTime, type NtpTime } from '../ntp-time';
import type { ProbeClock } from '../port';
import type { Refusals } from '../refusals';
import type { ProbePeer } from '../session';
import { authenticatedLayout, writeAnswer } from '../stamp-packet';
import {
  answerBytes,
  answerToOf,
  isTrafficProbe,
  trafficKeys,
  verifiesProbe,
  type TrafficKeys,
} from './traffic-packet';

/** Most answers a second to one peer, and in a row: what all its targets in doubt at once would ask for. */
const answersPerSecond = 2000;
const burst = 1000;
/** Buffers in turn: the kernel may take a packet later than we write the next. */
const answerBuffers = 32;

interface Peer {
  readonly keys: readonly TrafficKeys[];
  tokens: number;
  reckonedMs: number;
}

/** Answers probes of known peers that went the way traffic goes. */
export interface TrafficReflector {
  setPeers(peers: readonly ProbePeer[]): void;
  receive(packet: Buffer): void;
  readonly answered: number;
}

/** 16 octets of an IPv6 address. */
export function addressOctets(address: string): Buffer {
  if (!isIPv6(address)) throw new RangeError(`no IPv6 address '${address}'`);
  const [head, tail] = address.split('::');
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'));
  const [front, back] = [groups(head), groups(tail)];
  const all = [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  const octets = Buffer.alloc(16);
  all.forEach((group, i) => octets.writeUInt16BE(parseInt(group, 16), 2 * i));
  return octets;
}

/**
 * The answer goes to a control address of the peer, by the control probes' way: so what is lost was lost
 * there, and each end tries the direction that it sends into. It is never longer than the probe and goes to
 * the peer alone, so that what is replayed does no harm.
 */
export function startTrafficReflector(
  clock: ProbeClock,
  transmit: (packet: Uint8Array, address: string) => void,
  refusals: Refusals,
): TrafficReflector {
  let byAddress = new Map<string, { readonly address: string; readonly peer: Peer }>();
  const buffers = Array.from({ length: answerBuffers }, () => Buffer.alloc(answerBytes));
  const error = errorEstimate(null);
  const received: NtpTime = { seconds: 0, fraction: 0 };
  let turn = 0;
  let answered = 0;
  return {
    setPeers(peers) {
      const next: typeof byAddress = new Map();
      for (const { sending, others = [], sources } of peers) {
        if (!sending) continue;
        const keys = [sending, ...others.map((other) => other.sending)].map(trafficKeys);
        const peer: Peer = { keys, tokens: burst, reckonedMs: clock.now() };
        for (const address of sources) {
          next.set(addressOctets(address).toString('hex'), { address, peer });
        }
      }
      byAddress = next;
    },
    receive(packet) {
      if (!isTrafficProbe(packet)) return void refusals.malformed++;
      const to = byAddress.get(answerToOf(packet));
      if (!to) return void refusals.foreign++;
      const now = clock.now();
      const { peer } = to;
      const tokens = Math.min(burst, peer.tokens + ((now - peer.reckonedMs) * answersPerSecond) / 1000);
      // Before anything is reckoned: a flood of forgeries is to cost little.
      if (tokens < 1) return void refusals.limited++;
      const keys = peer.keys.find((one) => verifiesProbe(packet, one));
      if (!keys) return void refusals.forged++;
      peer.tokens = tokens - 1;
      peer.reckonedMs = now;
      const answer = buffers[turn];
      turn = (turn + 1) % answerBuffers;
      setNtpTime(received, clock.unixMs(now));
      writeAnswer(authenticatedLayout, answer, packet, {
        sequence: answered >>> 0,
        received,
        sent: received,
        error,
      });
      keys.answer.sign(answer, authenticatedLayout.hmac);
      answered++;
      transmit(answer, to.address);
    },
    get answered() {
      return answered;
    },
  };
}
