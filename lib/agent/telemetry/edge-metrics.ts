import type { LiveMetric, Reading } from './live-metric';
import type { TelemetrySource } from './telemetry-source';

function byReason(name: string, help: string, counter: string): LiveMetric {
  return {
    name,
    help,
    type: 'counter',
    *read({ edgePackets }: TelemetrySource): Iterable<Reading> {
      for (const [of, packets] of edgePackets ?? []) {
        if (of.startsWith(counter)) yield [{ reason: of.slice(counter.length) }, packets];
      }
    },
  };
}

/** What the trust boundary of this gateway did, since its rules were last made. */
export const edgeMetrics: readonly LiveMetric[] = [
  byReason('dwcp_edge_dropped_packets_total', 'Packets refused, by reason (docs/host.md).', 'refused-'),
  byReason('dwcp_edge_remarked_packets_total', 'Packets sent on in another class, by reason.', 'remarked-'),
];

/** `nft -j list counters`: packets by name of the counter; none where it says something else. */
export function parseNftCounters(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  try {
    const { nftables } = JSON.parse(text) as {
      nftables: readonly { readonly counter?: { readonly name: string; readonly packets: number } }[];
    };
    for (const { counter } of nftables) if (counter) found.set(counter.name, counter.packets);
  } catch {
    // The table is not there, or nft is not.
  }
  return found;
}
