import { randomBytes } from 'node:crypto';
import {
  defaultProbeSettings,
  sessionKeys,
  startProber,
  type Health,
  type ProbePeer,
  type Prober,
  type ProbeSession,
  type ProbeSettings,
} from '../../lib/agent/probe';
import { FakeProbeNetwork, type FakeHost, type Fate } from './fake-probe-network';

/** What a prober said. */
export interface Said {
  readonly atMs: number;
  readonly session: string;
  readonly health: Health;
  readonly cause: string;
}

/** Two probers, a with sessions to b, in virtual time. */
export interface ProbePair {
  readonly network: FakeProbeNetwork;
  readonly a: FakeHost;
  readonly b: FakeHost;
  readonly prober: Prober;
  readonly reflector: Prober;
  readonly said: Said[];
  readonly suspected: { readonly atMs: number; readonly session: string }[];
  /** Sessions whose first answer at a raised pace was told. */
  readonly answered: readonly string[];
  /** Sets what happens to packets of a session there, and to answers. */
  fate(session: number, there: Fate, back: Fate): void;
}

export const secret = randomBytes(32);

/** Session number k: a tunnel unless said otherwise. */
export function session(k: number, change: Partial<ProbeSession> = {}): ProbeSession {
  return {
    id: `tunnel:${k}`,
    kind: 'tunnel',
    peer: 'b/1',
    destination: `fd00::b:${k}`,
    mirror: null,
    tunnel: `${k}`,
    bandwidthMbps: 1000,
    probeBytes: 160,
    plannedRttMs: 2,
    timing: { intervalMs: 20, multiplier: 3 },
    pace: 'active',
    ...change,
  };
}

/** How gateway `own` sees `other`, whose packets come from these addresses. */
export function peer(own: string, other: string, sources: readonly string[]): ProbePeer {
  return {
    gateway: other,
    sources,
    answering: sessionKeys(secret, 'test', own, other),
    sending: sessionKeys(secret, 'test', other, own),
  };
}

/** @param reflecting settings of b alone. */
export async function probePair(
  sessions: readonly ProbeSession[],
  reflecting: Partial<ProbeSettings> = {},
): Promise<ProbePair> {
  const network = new FakeProbeNetwork();
  const [a, b] = [network.host(), network.host()];
  const settings = defaultProbeSettings;
  const said: Said[] = [];
  const suspected: { atMs: number; session: string }[] = [];
  const answered: string[] = [];
  const prober = await startProber({
    settings,
    listener: {
      onHealth: (id, health, cause) => said.push({ atMs: network.nowMs, session: id, health, cause }),
      onSuspect: (id) => suspected.push({ atMs: network.nowMs, session: id }),
      onAnswer: (id) => answered.push(id),
    },
    clock: a.clock,
    open: a.open,
    firstSsid: 7,
  });
  const reflector = await startProber({
    settings: { ...settings, ...reflecting },
    listener: { onHealth: () => undefined },
    clock: b.clock,
    open: b.open,
    firstSsid: 9,
  });
  const sources = sessions.map((s) => s.destination.replace('::b:', '::a:'));
  sessions.forEach((s, k) => {
    network.way(a, sources[k], s.destination, b);
    network.way(b, s.destination, sources[k], a);
  });
  reflector.setSessions([], [peer('b/1', 'a/1', sources)]);
  prober.setSessions(sessions, [
    peer(
      'a/1',
      'b/1',
      sessions.map((s) => s.destination),
    ),
  ]);
  return {
    network,
    a,
    b,
    prober,
    reflector,
    said,
    suspected,
    answered,
    fate(k, there, back) {
      network.fate(a, sessions[k].destination, there);
      network.fate(b, sources[k], back);
    },
  };
}
