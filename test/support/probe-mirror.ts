import {
  defaultProbeSettings,
  startProber,
  type Prober,
  type ProbeSession,
  type ProbeTiming,
} from '../../lib/agent/probe';
import { FakeProbeNetwork, type FakeHost, type Fate } from './fake-probe-network';
import { peer, session, type Said } from './probe-pair';

/** One of two gateways that probe the same ways from both ends. */
export interface MirrorEnd {
  readonly host: FakeHost;
  prober: Prober;
  readonly said: Said[];
  readonly suspected: { readonly atMs: number; readonly session: string }[];
  readonly answered: string[];
  /** What its peer's agent was said to do. */
  readonly restarts: { readonly atMs: number; readonly news: string; readonly heldMs: number }[];
  /** Begins anew, with nothing known, as after a restart. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface MirrorPair {
  readonly network: FakeProbeNetwork;
  readonly a: MirrorEnd;
  readonly b: MirrorEnd;
  /** What happens to packets of way `k` from a to b, and from b to a: probes and answers alike. */
  fate(k: number, there: Fate, back: Fate): void;
  /** Packets that either has handed to the network. */
  carried: { readonly from: 'a' | 'b'; readonly way: number; readonly bytes: Buffer }[];
}

/** Two probers in virtual time with `ways` ways between them; a leads where both are as quick. */
export async function mirrorPair(
  ways: number,
  timings: { readonly a?: ProbeTiming; readonly b?: ProbeTiming } = {},
): Promise<MirrorPair> {
  const network = new FakeProbeNetwork();
  const hosts = { a: network.host(), b: network.host() };
  const address = (of: 'a' | 'b', k: number) => `fd00::${of}:${k + 1}`;
  const all = Array.from({ length: ways }, (_, k) => k);
  const carried: MirrorPair['carried'] = [];
  const counted =
    (from: 'a' | 'b', way: number, fate: Fate): Fate =>
    (bytes, atMs) => {
      carried.push({ from, way, bytes: Buffer.from(bytes) });
      return fate(bytes, atMs);
    };
  let ssid = 100;

  const begin = async (
    own: 'a' | 'b',
    end: Omit<MirrorEnd, 'prober' | 'restart' | 'stop' | 'start'>,
  ): Promise<Prober> => {
    const far = own === 'a' ? 'b' : 'a';
    const prober = await startProber({
      settings: defaultProbeSettings,
      listener: {
        onHealth: (id, health, cause) => end.said.push({ atMs: network.nowMs, session: id, health, cause }),
        onSuspect: (id) => end.suspected.push({ atMs: network.nowMs, session: id }),
        onAnswer: (id) => end.answered.push(id),
        onRestart: (_gateway, news, heldMs) => end.restarts.push({ atMs: network.nowMs, news, heldMs }),
      },
      clock: end.host.clock,
      open: end.host.open,
      firstSsid: (ssid += 100),
    });
    const sessions = all.map((k): ProbeSession =>
      session(k + 1, {
        peer: `${far}/1`,
        destination: address(far, k),
        mirror: { source: address(far, k), leads: own === 'a' },
        ...(timings[own] ? { timing: timings[own] } : {}),
      }),
    );
    prober.setSessions(sessions, [
      peer(
        `${own}/1`,
        `${far}/1`,
        all.map((k) => address(far, k)),
      ),
    ]);
    return prober;
  };

  for (const k of all) {
    network.way(
      hosts.a,
      address('a', k),
      address('b', k),
      hosts.b,
      counted('a', k, () => 1),
    );
    network.way(
      hosts.b,
      address('b', k),
      address('a', k),
      hosts.a,
      counted('b', k, () => 1),
    );
  }
  const endOf = async (own: 'a' | 'b'): Promise<MirrorEnd> => {
    const parts = { host: hosts[own], said: [], suspected: [], answered: [], restarts: [] };
    const end: MirrorEnd = {
      ...parts,
      prober: await begin(own, parts),
      async restart() {
        await end.stop();
        await end.start();
      },
      stop: () => end.prober.close(),
      async start() {
        end.prober = await begin(own, parts);
      },
    };
    return end;
  };
  return {
    network,
    a: await endOf('a'),
    b: await endOf('b'),
    fate(k, there, back) {
      network.fate(hosts.a, address('b', k), counted('a', k, there));
      network.fate(hosts.b, address('a', k), counted('b', k, back));
    },
    carried,
  };
}
