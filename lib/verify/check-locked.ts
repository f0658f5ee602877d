import { createHash } from 'node:crypto';
import type { LockFile } from '../addressing';
import { addressAt, formatPrefix, subnet, tryParsePrefix } from '../net';
import type { PlanDocument } from '../plan';
import { countedText } from './canonical-text';
import { shown } from './differences';
import type { Refuse } from '../shape';

/*
 * By the fourth group of the IPv6 /48: locators /64 from 0x8000 to 0x81ff, links in the /56 at 0xc000, every
 * other /56 a region's.
 */
const locators = 0x8000;
const links6 = 0xc000;
const notForRegions: readonly number[] = [0x80, 0x81, 0xc0];

/**
 * A plan against the lock file that it was made with: all that is allocated (blocks, addresses, locators,
 * segments, ports, interface names) follows from the numbers there, and the generation and the content are
 * what the lock file counted last. Code `lock-differs`.
 */
export function checkLocked(plan: PlanDocument, lock: LockFile, refuse: Refuse): void {
  const compare = (at: string, stated: unknown, right: unknown) => {
    if (stated !== right)
      refuse('lock-differs', at, `the plan has ${shown(stated)}, the lock file gives ${shown(right)}`);
  };
  compare('network', plan.network, lock.network);
  compare('identity', plan.identity, lock.identity ?? lock.network);
  // A lock file from before it told has no pools: then the description's are all there is.
  if (lock.pools !== null)
    for (const name of ['regions', 'links', 'gateways', 'ipv6'] as const)
      compare(`pools.${name}`, plan.pools[name], lock.pools[name]);
  compare('identity', plan.identity, lock.identity ?? lock.network);
  for (const pool of ['regions', 'links', 'gateways', 'ipv6'] as const)
    if (lock.pools !== null) compare(`pools.${pool}`, plan.pools[pool], lock.pools[pool]);
  checkCount(plan, lock, compare);
  const pools = [plan.pools.ipv6, plan.pools.gateways, plan.pools.links].map(tryParsePrefix);
  const [ipv6, gatewayPool, linkPool] = pools;
  // A plan with other pools is refused where its addresses are checked.
  if (!ipv6 || !gatewayPool || !linkPool || ipv6.length !== 48) return;

  const named = <T>(
    list: 'regions' | 'gateways' | 'tunnels',
    planned: readonly (T & { readonly id: string })[],
    check: (entry: T & { readonly id: string }, at: string) => void,
  ) => {
    const locked = lock[list];
    for (const entry of planned) {
      const at = `${list}.${entry.id}`;
      if (Object.hasOwn(locked, entry.id)) check(entry, at);
      else refuse('lock-differs', at, 'the plan has it, the lock file does not');
    }
    const ids = new Set(planned.map((entry) => entry.id));
    for (const id of Object.keys(locked))
      if (!ids.has(id)) refuse('lock-differs', `${list}.${id}`, 'the plan lacks it, the lock file has it');
  };

  const free = Array.from({ length: 256 }, (_, i) => i).filter((i) => !notForRegions.includes(i));
  named('regions', plan.regions, (region, at) => {
    const { identity = region.id, ipv4Block, number } = lock.regions[region.id];
    compare(`${at}.identity`, region.identity, identity);
    compare(`${at}.ipv4Block`, region.ipv4Block, ipv4Block);
    compare(`${at}.ipv6Block`, region.ipv6Block, formatPrefix(subnet(ipv6, 56, free[number])));
  });
  const locator = (gateway: string) => subnet(ipv6, 64, locators + lock.gateways[gateway].number);
  const segment = (gateway: string, fn: number) => addressAt(locator(gateway), BigInt(fn) << 48n);
  named('gateways', plan.gateways, (gateway, at) => {
    const { id, region, number } = gateway;
    const made = Object.hasOwn(lock.regions, region) ? (lock.regions[region].identity ?? region) : region;
    compare(`${at}.identity`, gateway.identity, `${made}/${number}`);
    compare(`${at}.ipv4`, gateway.ipv4, addressAt(gatewayPool, lock.gateways[id].number + 1));
    compare(`${at}.ipv6`, gateway.ipv6, addressAt(locator(id), 1));
    compare(`${at}.locator`, gateway.locator, formatPrefix(locator(id)));
    compare(`${at}.segmentDx4`, gateway.segmentDx4, segment(id, 4));
    compare(`${at}.segmentDx6`, gateway.segmentDx6, segment(id, 6));
  });
  named('tunnels', plan.tunnels, (tunnel, at) => {
    const locked = lock.tunnels[tunnel.id];
    compare(`${at}.identity`, tunnel.identity, locked.identity ?? tunnel.id);
    compare(`${at}.identity`, tunnel.identity, locked.identity ?? tunnel.id);
    for (const end of tunnel.ends) {
      const there = `${at}.${end.gateway}`;
      const side = locked.ends.findIndex((e) => e.gateway === end.gateway);
      if (side < 0 || !Object.hasOwn(lock.gateways, end.gateway)) {
        refuse('lock-differs', there, 'the plan ends it there, the lock file does not');
        continue;
      }
      const right = locked.ends[side];
      compare(`${there}.interfaceName`, end.interfaceName, right.interfaceName);
      compare(`${there}.listenPort`, end.listenPort, right.listenPort);
      compare(`${there}.ipv4`, end.ipv4, addressAt(linkPool, 2 * locked.number + side));
      const ipv6End = addressAt(subnet(ipv6, 64, links6), 2 * (locked.number + 1) + side);
      compare(`${there}.ipv6`, end.ipv6, ipv6End);
      compare(`${there}.segment`, end.segment, segment(end.gateway, right.segment));
    }
  });
}

/** The plan that the lock file counted last is this one. */
function checkCount(
  plan: PlanDocument,
  { plan: counted = null }: LockFile,
  compare: (at: string, stated: unknown, right: unknown) => void,
): void {
  compare('generation', plan.generation, counted?.generation ?? null);
  const digest = `sha256:${createHash('sha256').update(countedText(plan)).digest('hex')}`;
  compare('digest', digest, counted?.digest ?? null);
}
