import type { GatewayState, RouteTablesFile } from '../../gateway';
import { contains, parsePrefix, tryParseAddress } from '../../net';

/** Ids of the deployment, as far as the signed plan bears them out. */
export interface KnownTables {
  /** Ids of tables by the plan's name. */
  readonly tables: ReadonlyMap<string, string>;
  readonly ownInterface: string;
  readonly partnerInterface: string;
  /** Private addresses of the partner. */
  readonly partnerAddresses: readonly string[];
}

const tableId = /^rtb-[0-9a-f]{8,17}$/;
const interfaceId = /^eni-[0-9a-f]{8,17}$/;
/** Most characters of the file; 256 tables need some 12,000. */
const mostCharacters = 2 ** 16;

/**
 * Reads `route-tables.json`. Nothing signs it, since ids exist after apply only. Taken are an id for each
 * table of the signed plan, the interfaces of its two gateways, and private addresses of the partner that no
 * tunnel leads to. A forged file can do little: routes are pointed at this gateway's own interface alone, for
 * destinations of the plan, in tables that its role admits, and where they led to the interface that the file
 * calls the partner's.
 *
 * @returns the reason where it is not taken.
 */
export function readRouteTables(text: string, gateway: GatewayState): KnownTables | string {
  const { takeover, identity } = gateway;
  if (!takeover) return 'the plan shares no route table';
  if (text.length > mostCharacters) return `it has more than ${mostCharacters} characters`;
  let raw: Partial<RouteTablesFile> | null;
  try {
    raw = JSON.parse(text) as Partial<RouteTablesFile> | null;
  } catch {
    return 'it is no JSON';
  }
  if (typeof raw !== 'object' || raw === null || raw.formatVersion !== 1) return 'it is of another version';
  const { tables = {}, interfaces = {} } = raw;
  const known = new Map<string, string>();
  for (const { name } of takeover.tables) {
    const id: unknown = tables[name];
    if (typeof id !== 'string' || !tableId.test(id)) return `it has no id of table '${name}'`;
    known.set(name, id);
  }
  if (new Set(known.values()).size < known.size) return 'two tables have one id';
  const [own, partner] = [identity, takeover.partner.identity].map((name) =>
    Object.hasOwn(interfaces, name) ? interfaces[name] : undefined,
  );
  for (const [name, found] of [
    [identity, own],
    [takeover.partner.identity, partner],
  ] as const) {
    if (typeof found?.id !== 'string' || !interfaceId.test(found.id))
      return `it has no interface of '${name}'`;
  }
  if (own!.id === partner!.id) return 'both gateways have one interface';
  const addresses: string[] = [];
  for (const address of [partner!.ipv4, partner!.ipv6]) {
    if (address === undefined) continue;
    const fault = faultOf(address, gateway);
    if (fault !== undefined) return `${JSON.stringify(address).slice(0, 60)} of the partner ${fault}`;
    addresses.push(address);
  }
  if (addresses.length === 0) return 'it has no address of the partner';
  return { tables: known, ownInterface: own!.id, partnerInterface: partner!.id, partnerAddresses: addresses };
}

function faultOf(address: unknown, { routes, tunnels }: GatewayState): string | undefined {
  const parsed = typeof address === 'string' ? tryParseAddress(address) : undefined;
  if (!parsed) return 'is no IP address';
  const far = routes.flatMap((route) => [...route.ipv4Prefixes, ...route.ipv6Prefixes]).map(parsePrefix);
  if (far.some((prefix) => contains(prefix, parsed))) return 'lies in another region';
  return tunnels.some(({ ipv4, ipv6 }) => address === ipv4 || address === ipv6) ? 'is a tunnel' : undefined;
}

/**
 * Prefixes of other regions, and the one of all gateways: the only destinations whose routes are ever moved.
 * A single gateway's own route leads to it and to nobody else.
 */
export function destinationsOf({ routes, takeover }: GatewayState): ReadonlySet<string> {
  const far = routes.flatMap((route) => [...route.ipv4Prefixes, ...route.ipv6Prefixes]);
  return new Set(takeover?.operators === undefined ? far : [...far, takeover.operators]);
}
