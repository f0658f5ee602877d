import type { LabTunnel } from './layout';

/** What is wrong with one direction of a tunnel. */
export interface Impairment {
  /** Nothing arrives. */
  readonly blackhole: boolean;
  /** Share of the packets that are lost, at random, each for itself; 0 to 1. */
  readonly lossRatio: number;
  /** Latency beyond what is planned, ms. */
  readonly extraMs: number;
}

export const noImpairment: Impairment = { blackhole: false, lossRatio: 0, extraMs: 0 };

/** A failure that was put into force by name. */
export interface LabFailure {
  /** Link, region or gateway id. */
  readonly target: string;
  readonly blackhole: boolean;
  readonly lossRatio: number;
  readonly extraMs: number;
  /** Only packets towards this region; null: both directions. */
  readonly towards: string | null;
}

/** Directions of tunnels by their id, see `flowId`. */
export type Impairments = ReadonlyMap<string, Impairment>;

/** Names one direction of a tunnel: `tunnel-a-b from a/1`. */
export function flowId(tunnel: LabTunnel, side: 0 | 1): string {
  return `${tunnel.id} from ${tunnel.ends[side].gateway}`;
}

/** What a target is; undefined: the network has no such link, region or gateway. */
export function tryTargetKind(
  tunnels: readonly LabTunnel[],
  target: string,
): 'link' | 'region' | 'gateway' | undefined {
  if (tunnels.some((t) => t.link === target)) return 'link';
  const ends = tunnels.flatMap((t) => t.ends);
  if (ends.some((end) => end.region === target)) return 'region';
  return ends.some((end) => end.gateway === target) ? 'gateway' : undefined;
}

/**
 * What failures together do to each direction of each tunnel; those without any are left out. A failed
 * region or gateway is one whose tunnels have all failed: seen from the others there is no difference.
 * Losses of several failures are independent of each other, delays add up.
 */
export function impairmentsOf(tunnels: readonly LabTunnel[], failures: readonly LabFailure[]): Impairments {
  const found = new Map<string, Impairment>();
  for (const failure of failures) {
    for (const tunnel of tunnels) {
      const hit = ({ region, gateway }: LabTunnel['ends'][0]) => [region, gateway].includes(failure.target);
      if (tunnel.link !== failure.target && !tunnel.ends.some(hit)) continue;
      for (const side of [0, 1] as const) {
        if (failure.towards !== null && tunnel.ends[1 - side].region !== failure.towards) continue;
        const id = flowId(tunnel, side);
        const { blackhole, lossRatio, extraMs } = found.get(id) ?? noImpairment;
        found.set(id, {
          blackhole: blackhole || failure.blackhole,
          lossRatio: 1 - (1 - lossRatio) * (1 - failure.lossRatio),
          extraMs: extraMs + failure.extraMs,
        });
      }
    }
  }
  return found;
}
