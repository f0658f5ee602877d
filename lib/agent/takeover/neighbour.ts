import { isIPv4 } from 'node:net';
import type { GatewayState } from '../../gateway';
import {
  defaultProbeSettings,
  openSocket,
  peersOf,
  startProber,
  type Health,
  type OpenPort,
  type ProbeKeys,
  type ProbePeer,
  type ProbeSession,
  type ProbeSettings,
} from '../probe';
import { neighbourPort } from './neighbour-port';

/** Silence of some 0.4 s: less would take a busy moment for a death, and a claim waits longer anyway. */
const settings: ProbeSettings = {
  ...defaultProbeSettings,
  active: { intervalMs: 100, multiplier: 4 },
  port: neighbourPort,
};

/** Watches the other gateway of the region, and is watched by it. */
export interface Neighbour {
  /** Whom to watch at which addresses, and under which keys; it is heard if any address answers. */
  watch(gateway: GatewayState, keys: ProbeKeys, addresses: readonly string[]): void;
  /** Answers the partner's probes, or leaves them unanswered. Off until told. */
  answer(on: boolean): void;
  close(): Promise<void>;
}

/**
 * Opens the sockets, of both families.
 *
 * @param onHeard whether the partner answers; each change.
 * @throws the system's error if a socket cannot be opened.
 */
export async function startNeighbour(onHeard: (heard: boolean) => void): Promise<Neighbour> {
  const health = new Map<string, Health>();
  let sessions: readonly ProbeSession[] = [];
  let peers: readonly ProbePeer[] = [];
  let answers = false;
  const prober = await startProber({
    settings,
    open: openBothFamilies,
    listener: {
      onHealth(session, found) {
        health.set(session, found);
        const all = [...health.values()];
        if (all.some((one) => one !== 'down')) onHeard(true);
        // Before all have been judged there is no silence.
        else if (all.length === sessions.length) onHeard(false);
      },
    },
  });
  const set = () =>
    prober.setSessions(sessions, answers ? peers : peers.map((peer) => ({ ...peer, sources: [] })));
  return {
    watch(gateway, keys, addresses) {
      const { partner } = gateway.takeover!;
      const mapped = addresses.map((address) => (isIPv4(address) ? `::ffff:${address}` : address));
      const [peer] = peersOf({ ...gateway, peers: [partner], tunnels: [], returns: [] }, keys);
      peers = peer ? [{ ...peer, sources: mapped }] : [];
      sessions = peer
        ? mapped.map((destination, i) => sessionTo(partner.gateway, destination, i === 0 ? '' : `.${i + 1}`))
        : [];
      for (const id of health.keys()) if (!sessions.some((session) => session.id === id)) health.delete(id);
      set();
    },
    answer(on) {
      if (on === answers) return;
      answers = on;
      set();
    },
    close: () => prober.close(),
  };
}

function sessionTo(gateway: string, destination: string, suffix: string): ProbeSession {
  return {
    id: `neighbour:${gateway}${suffix}`,
    kind: 'tunnel',
    peer: gateway,
    destination,
    // Each end has to know by itself: what one end measures for both says nothing of an end that is silent.
    mirror: null,
    tunnel: `neighbour:${gateway}`,
    bandwidthMbps: 1000,
    probeBytes: 160,
    plannedRttMs: 2,
    timing: settings.active,
    pace: 'active',
  };
}

/** Takes IPv4 too: most VPCs have no other. */
const openBothFamilies: OpenPort = (port, receive) =>
  openSocket({ family: 'both', address: null, port }, receive);
