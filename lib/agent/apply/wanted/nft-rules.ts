/** A chain of our nftables table: its hook (`filter prerouting 250`), or empty for one that is jumped to. */
export type Chain = readonly [name: string, hook: string, rules: readonly string[]];

/** Packets that are counted by why they were refused, or changed; each has a counter of its name. */
export const edgeReasons = {
  segment: 'addressed a segment or a tunnel from where no path of the plan leads to it',
  source: 'came by a tunnel from a region or gateway whose traffic no path brings there',
  transit: 'came by a tunnel and was for another network than this region',
  workload: 'came from the region with the source address of another',
  input: 'was for a port of the gateway itself that is not open',
  echo: 'asked the gateway for an echo, more often than it answers',
  flood: 'passed as a probe, beyond the rate of probes',
} as const;
export type EdgeReason = keyof typeof edgeReasons;

/** Packets that go on in another class. */
export const remarkReasons = {
  control: 'carried CS6 or CS7, which are the network’s own',
  rate: 'was more than the plan reserves and expects of its class',
} as const;
export type RemarkReason = keyof typeof remarkReasons;

/** What ends a rule that refuses: a chain that counts, says so now and then, and drops. */
export function refuse(reason: EdgeReason): string {
  return `goto refuse-${reason}`;
}

/** The chains of all refusals: at most one line a second each goes to the kernel's log. */
export function refusals(): Chain[] {
  return (Object.keys(edgeReasons) as EdgeReason[]).map((reason) => [
    `refuse-${reason}`,
    '',
    [
      `limit rate 1/second burst 5 packets log level info prefix "dwcp refuses (${reason}): "`,
      `counter name "refused-${reason}" drop`,
    ],
  ]);
}

/** Names of all counters, which the table declares. */
export const counterNames: readonly string[] = [
  ...Object.keys(edgeReasons).map((reason) => `refused-${reason}`),
  ...Object.keys(remarkReasons).map((reason) => `remarked-${reason}`),
];

export function setOf(items: readonly string[]): string {
  return `{ ${[...new Set(items)].sort().join(', ')} }`;
}

/** A rule of which the set may be empty: then there is none. */
export function among(items: readonly string[], rule: (set: string) => string): string[] {
  return items.length === 0 ? [] : [rule(setOf(items))];
}

/** What segmentation offload hands over as one, twice. */
const offloaded = 131072;

/**
 * Matches what is more than a rate. A burst of a quarter of a second passes.
 *
 * @param least bytes of a burst. Of small packets it is less: what a burst lets pass waits in a queue later.
 */
export function over(mbps: number, least = offloaded): string {
  const bytes = Math.max(1000, Math.round((mbps * 1e6) / 8));
  return `limit rate over ${bytes} bytes/second burst ${Math.max(least, Math.round(bytes / 4))} bytes`;
}
