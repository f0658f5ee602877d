import type { GatewayState } from '../../gateway';

/** The first reference in a gateway's state that leads nowhere, in words; undefined if all hold. */
export function findLooseEnd(gateway: GatewayState): string | undefined {
  const tunnels = new Map(gateway.tunnels.map((tunnel) => [tunnel.id, tunnel]));
  const paths = new Set(gateway.paths.map((path) => path.id));
  if (tunnels.size < gateway.tunnels.length) return 'two tunnels have one id';
  if (new Set(gateway.tunnels.map((t) => t.interfaceName)).size < tunnels.size)
    return 'two tunnels have one interface';
  if (paths.size < gateway.paths.length) return 'two paths have one id';
  const keys = findDoubtfulKey(gateway);
  if (keys !== undefined) return keys;
  for (const { id, tunnel, interfaceName, hops, segmentsIpv4, segmentsIpv6 } of gateway.paths) {
    if (tunnels.get(tunnel)?.interfaceName !== interfaceName)
      return `path '${id}' leaves by a tunnel that is not here: '${tunnel}'`;
    const segments = hops === 1 ? 0 : hops;
    if (segmentsIpv4.length !== segments || segmentsIpv6.length !== segments)
      return `path '${id}' of ${hops} hops has ${segmentsIpv4.length} and ${segmentsIpv6.length} segments`;
  }
  for (const { path, tunnel, interfaceName } of gateway.returns) {
    if (tunnels.get(tunnel)?.interfaceName !== interfaceName)
      return `the way back of '${path}' leaves by a tunnel that is not here: '${tunnel}'`;
  }
  const served = new Set<string>();
  for (const route of gateway.routes) {
    if (route.to === gateway.region) return `a route leads from '${gateway.region}' to itself`;
    for (const qos of route.classes) {
      const key = `${route.to} ${qos}`;
      if (served.has(key)) return `two routes serve ${key}`;
      served.add(key);
    }
    const named = [
      ...(route.primary === null ? [] : [route.primary]),
      ...route.backups,
      ...route.equalCost,
      ...route.spreads.flatMap((spread) => spread.members.map((member) => member.path)),
    ];
    const missing = named.find((id) => !paths.has(id));
    if (missing !== undefined)
      return `the route to '${route.to}' names no path of this gateway: '${missing}'`;
  }
  const tables = findLooseTable(gateway);
  if (tables !== undefined) return tables;
  const held = gateway.reservations.find((r) => r.paths.some((id) => !paths.has(id)));
  if (held) return `reservation '${held.id}' names no path of this gateway`;
  return undefined;
}

/** A route table whose home is none of the region's two gateways, or a partner that is no other gateway. */
function findLooseTable({ gateway, takeover }: GatewayState): string | undefined {
  if (!takeover) return undefined;
  const { partner, tables } = takeover;
  if (partner.gateway === gateway) return `'${gateway}' is its own partner`;
  const names = new Set<string>();
  for (const { name, home } of tables) {
    if (home !== gateway && home !== partner.gateway)
      return `route table '${name}' is at home at a gateway that is not here: '${home}'`;
    if (names.has(name)) return `two route tables are called '${name}'`;
    names.add(name);
  }
  return undefined;
}

/**
 * A gateway with two public keys, or two with one: traffic for the one would reach the other, or nobody.
 */
function findDoubtfulKey({
  gateway,
  publicKey,
  nextPublicKey,
  tunnels,
  peers,
  takeover,
}: GatewayState): string | undefined {
  const partner = takeover ? [takeover.partner] : [];
  const [holders, keys] = [new Map<string, string>(), new Map<string, string | null>()];
  const next = new Map<string, string | undefined>();
  for (const end of [
    { gateway, publicKey, nextPublicKey },
    ...tunnels.map((t) => t.peer),
    ...peers,
    ...partner,
  ]) {
    const [id, key] = [end.gateway, end.publicKey];
    if (keys.has(id) && keys.get(id) !== key) return `'${id}' has two public keys`;
    if (next.has(id) && next.get(id) !== end.nextPublicKey) return `'${id}' has two next public keys`;
    keys.set(id, key);
    next.set(id, end.nextPublicKey);
    if (key === null && end.nextPublicKey !== undefined) return `'${id}' has a next public key alone`;
    if (key !== null && key === end.nextPublicKey) return `the next public key of '${id}' is its present one`;
    for (const held of [key, end.nextPublicKey]) {
      if (held === null || held === undefined) continue;
      const other = holders.get(held) ?? id;
      if (other !== id) return `'${other}' and '${id}' have one public key`;
      holders.set(held, id);
    }
  }
  return undefined;
}
