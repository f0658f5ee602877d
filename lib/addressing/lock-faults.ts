import { formatPrefix, tryParsePrefix } from '../net';
import { mostGateways, regionBlocks } from './ipv6-layout';
import type {
  LockedEnd,
  LockedGateway,
  LockedPlan,
  LockedPools,
  LockedRegion,
  LockedTunnel,
  LockFile,
} from './lock-file';
import { regionOf } from './tunnel-ends';

/** An entry of a lock file that this program does not write, by its key. */
export interface LockFault {
  readonly where: string;
  readonly what: string;
}

/**
 * The first entry that is not as written by this program; undefined if all are. An entry that is missing
 * beside what needs it would be allocated anew, so that is a fault too.
 */
export function findFault(lock: LockFile): LockFault | undefined {
  if (typeof lock.network !== 'string') return { where: 'network', what: "'network' is missing" };
  for (const key of ['regions', 'gateways', 'tunnels'] as const)
    if (!isMap(lock[key])) return { where: key, what: `'${key}' is missing or no map` };
  const { identity, plan = null, pools, renumbered = [] } = lock;
  if (!isIdentity(identity)) return { where: 'identity', what: "'identity' is damaged" };
  if (pools !== null && !arePools(pools)) return { where: 'pools', what: "'pools' is damaged" };
  if (!Array.isArray(renumbered) || !renumbered.every((v) => typeof v === 'string'))
    return { where: 'renumbered', what: "'renumbered' is damaged" };
  if (plan !== null && !isPlan(plan)) return { where: 'plan', what: "'plan' is damaged" };
  const damaged = (kind: string, id: string, why = 'is damaged') => ({
    where: id,
    what: `${kind}.${id} ${why}`,
  });
  for (const [id, r] of Object.entries(lock.regions)) if (!isRegion(r)) return damaged('regions', id);
  for (const [id, g] of Object.entries(lock.gateways)) if (!isGateway(g)) return damaged('gateways', id);
  for (const [id, t] of Object.entries(lock.tunnels)) if (!isTunnel(t)) return damaged('tunnels', id);
  const lacks = (id: string) => `stands there without '${id}'`;
  for (const id of Object.keys(lock.regions))
    if (!Object.hasOwn(lock.gateways, `${id}/1`)) return damaged('regions', id, lacks(`${id}/1`));
  for (const id of Object.keys(lock.gateways))
    if (!Object.hasOwn(lock.regions, regionOf(id))) return damaged('gateways', id, lacks(regionOf(id)));
  for (const [id, t] of Object.entries(lock.tunnels)) {
    const missing = t.ends.find((e) => !Object.hasOwn(lock.gateways, e.gateway));
    if (missing) return damaged('tunnels', id, lacks(missing.gateway));
  }
  return undefined;
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isPrefix(text: unknown, family: 4 | 6, shortest: number, longest: number): boolean {
  const prefix = typeof text === 'string' ? tryParsePrefix(text) : undefined;
  const fits = prefix?.family === family && prefix.length >= shortest && prefix.length <= longest;
  return fits && formatPrefix(prefix) === text;
}

function isIdentity(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && /^[a-z][a-z0-9.-]{0,79}$/.test(value));
}

function arePools(pools: LockedPools): boolean {
  const { regions, links, gateways, ipv6 } = isMap(pools) ? pools : ({} as Partial<LockedPools>);
  const v4 = isPrefix(regions, 4, 0, 16) && isPrefix(links, 4, 0, 28) && isPrefix(gateways, 4, 0, 28);
  return v4 && isPrefix(ipv6, 6, 48, 48);
}

function isPlan(plan: LockedPlan): boolean {
  if (!isMap(plan) || !isNumber(plan.generation, 1, 2 ** 48)) return false;
  const { notBefore, latest } = plan;
  const timed = isInstant(notBefore) && isInstant(latest) && notBefore < latest;
  return /^sha256:[0-9a-f]{64}$/.test(plan.digest) && (timed || (notBefore ?? latest) === undefined);
}

function isInstant(text: unknown): text is string {
  const fits = typeof text === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text);
  return fits && !Number.isNaN(Date.parse(text));
}

function isRegion(r: LockedRegion): boolean {
  const fits = isMap(r) && isIdentity(r.identity) && isNumber(r.number, 0, regionBlocks.length - 1);
  return fits && isPrefix(r.ipv4Block, 4, 16, 28);
}

function isGateway(g: LockedGateway): boolean {
  return isMap(g) && isNumber(g.number, 0, mostGateways - 1);
}

function isTunnel(t: LockedTunnel): boolean {
  const ends = isMap(t) && isNumber(t.number, 0, 0xffffff) && Array.isArray(t.ends) ? t.ends : [];
  const apart = ends.length === 2 && ends.every(isEnd) && ends[0].gateway !== ends[1].gateway;
  return apart && isIdentity(t.identity);
}

/** Segments below are for decapsulation, the last is for probes. */
function isEnd(e: LockedEnd): boolean {
  return (
    isMap(e) &&
    typeof e.gateway === 'string' &&
    isNumber(e.listenPort, 1024, 65535) &&
    isNumber(e.segment, 0x100, 0xfffe) &&
    /^[a-z0-9-]{1,15}$/.test(e.interfaceName)
  );
}
