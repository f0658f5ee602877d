import type { PlanDocument } from '../plan';

/**
 * Every place, address, port, name, segment and public key of a plan, as text, by what has it and the field:
 * `region dublin ipv4Block`, `gateway dublin/1 locator`, `tunnel-a-b at a/1 listenPort`.
 */
export function allocatedIn({ regions, gateways, tunnels }: PlanDocument): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const take = (id: string, values: Readonly<Record<string, string | number | null>>) => {
    for (const [field, value] of Object.entries(values))
      if (value !== null) found.set(`${id} ${field}`, String(value));
  };
  for (const { id, place, endpoint, ipv4Block, ipv6Block } of regions)
    take(`region ${id}`, { place, endpoint, ipv4Block, ipv6Block });
  for (const { id, ipv4, ipv6, locator, segmentDx4, segmentDx6, publicKey } of gateways)
    take(`gateway ${id}`, { ipv4, ipv6, locator, segmentDx4, segmentDx6, publicKey });
  for (const { id, ends } of tunnels)
    for (const { gateway, interfaceName, listenPort, ipv4, ipv6, segment } of ends)
      take(`${id} at ${gateway}`, { interfaceName, listenPort, ipv4, ipv6, segment });
  return found;
}
