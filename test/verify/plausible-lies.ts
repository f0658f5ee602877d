import { awsRegions } from '../../lib/catalog/aws/regions';
import type { LockFile } from '../../lib/addressing';
import type { PublicKeys } from '../../lib/net/keys';
import type { Seeded } from '../support/random-seeded';

/*
 * Lies that hang together: not a plan with a wrong byte, but sources with a change that a stranger could
 * want, to be planned again, so that all that depends on it moves along and the plan is sound by itself.
 */

/** A source changed at one place. */
export interface Lie<T> {
  readonly what: string;
  readonly value: T;
}

type Raw = Record<string, unknown>;
type RawPlace = readonly (string | number)[];

const words: Readonly<Record<string, readonly string[]>> = {
  class: ['critical', 'realtime', 'interactive', 'bulk', 'best-effort'],
  classes: ['critical', 'realtime', 'interactive', 'bulk', 'best-effort'],
  strategy: ['latency', 'cost', 'bandwidth', 'balanced'],
  disjoint: ['none', 'link', 'node', 'srlg'],
  action: ['route', 'deny'],
  recur: ['daily', 'weekly'],
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  survive: ['link', 'region', 'gateway', 'srlg'],
  model: ['shared', 'mam', 'rdm'],
  spread: ['single', 'ecmp', 'wecmp', 'te'],
  timeZone: ['UTC', 'Europe/Paris', 'Europe/Dublin', 'America/New_York', 'Asia/Kolkata'],
  instanceType: ['c7gn.medium', 'c7gn.large', 'c7gn.xlarge'],
  countries: ['US', 'DE', 'FR', 'GB', 'IE', 'SG'],
};

/** Values of the same kind that a raw value could be exchanged for. */
function alternatives(value: unknown, place: RawPlace, regions: readonly string[]): unknown[] {
  const key = [...place].reverse().find((step) => typeof step === 'string') ?? '';
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value + 1, value - 1, value * 2];
  if (typeof value !== 'string') return [];
  if (place[0] === 'tags' || place[2] === 'tags') return [`${value}2`];
  if (key === 'place') return [...awsRegions.keys()].filter((code) => !regions.includes(code)).slice(0, 3);
  const listed = words[key] ?? (place[1] === 'spread' ? words.spread : undefined);
  if (listed) return listed.filter((word) => word !== value);
  if (regions.includes(value)) return regions.filter((id) => id !== value).slice(0, 3);
  const quantity = /^(\d+(?:\.\d+)?) ([A-Za-z%/]+)$/.exec(value);
  if (quantity) {
    const figure = Number(quantity[1]);
    return [figure * 2, figure / 2, figure + 1].map((f) => `${f} ${quantity[2]}`);
  }
  const time = /^(\d{4}-\d{2}-\d{2}T)(\d{2})(:\d{2})$/.exec(value);
  if (time) {
    const hour = (shift: number) => String((Number(time[2]) + 24 + shift) % 24).padStart(2, '0');
    return [1, -1].map((shift) => `${time[1]}${hour(shift)}${time[3]}`);
  }
  const date = /^(\d{4}-\d{2}-)(\d{2})$/.exec(value);
  if (date) return [`${date[1]}${date[2] === '15' ? '16' : '15'}`];
  const block = /^(\d+\.)(\d+)(\.0\.0\/\d+)$/.exec(value);
  if (block) return [`${block[1]}${(Number(block[2]) + 9) % 200}${block[3]}`];
  const prefix4 = /^(\d+\.\d+\.)(\d+)(\.\d+\/\d+)$/.exec(value);
  if (prefix4) return [`${prefix4[1]}${(Number(prefix4[2]) + 16) % 256}${prefix4[3]}`];
  const prefix6 = /^([0-9a-f:]+:)([0-9a-f]+)(::\/\d+)$/.exec(value);
  if (prefix6) return [`${prefix6[1]}${prefix6[2]}9${prefix6[3]}`];
  if (/^\d+\.\d+\.\d+\.\d+$/.test(value)) return ['203.0.113.77'];
  if (/-[0-9a-f]+$/.test(value)) return [value.replace(/.$/, (c) => (c === '1' ? '2' : '1'))];
  return [`${value}-2`];
}

/** Every leaf of a raw description exchanged, and every map entry and list entry but the last left out. */
export function* liesOfDescription(raw: Raw): Generator<Lie<Raw>> {
  const regions = Object.keys((raw.regions ?? {}) as Raw);
  function* visit(value: unknown, place: RawPlace): Generator<Lie<Raw>> {
    const at = place.join('.');
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        const step = Array.isArray(value) ? Number(key) : key;
        yield { what: `${at}.${key} left out`, value: edited(raw, [...place, step], undefined) };
        yield* visit(inner, [...place, step]);
      }
      return;
    }
    for (const other of alternatives(value, place, regions))
      yield { what: `${at}: ${String(value)} is ${String(other)}`, value: edited(raw, place, other) };
  }
  yield* visit(raw, []);
  for (const id of regions) {
    const text = JSON.stringify(raw).replaceAll(`"${id}"`, `"${id}x"`);
    yield { what: `region ${id} is called ${id}x`, value: JSON.parse(text) as Raw };
  }
  yield { what: 'a tag more', value: { ...raw, tags: { ...(raw.tags as Raw), more: 'yes' } } };
}

/** A copy with another value at a place; without it where undefined. */
function edited(raw: Raw, place: RawPlace, value: unknown): Raw {
  const copy = structuredClone(raw);
  const holder = place.slice(0, -1).reduce<unknown>((v, step) => (v as Raw)[step as string], copy);
  const last = place[place.length - 1];
  if (value !== undefined) (holder as Raw)[last as string] = value;
  else if (Array.isArray(holder)) holder.splice(last as number, 1);
  else Reflect.deleteProperty(holder as object, last);
  return copy;
}

type Open<T> = T extends object ? { -readonly [K in keyof T]: Open<T[K]> } : T;

/** Every number of a lock file exchanged: with that of another, or for a free one. */
export function* liesOfLock(lock: LockFile): Generator<Lie<LockFile>> {
  const change = (what: string, edit: (open: Open<LockFile>) => void): Lie<LockFile> => {
    const open = structuredClone(lock) as Open<LockFile>;
    edit(open);
    return { what, value: open as LockFile };
  };
  const pairs = (ids: readonly string[]) => ids.map((id, i) => [id, ids[(i + 1) % ids.length]] as const);
  yield change('another identity of the network', (open) => (open.identity = 'elsewhere'));
  const regions = Object.keys(lock.regions);
  for (const [id, other] of pairs(regions)) {
    yield change(`another identity of ${id}`, ({ regions: r }) => (r[id].identity = 'elsewhere'));
    if (other !== id) {
      yield change(`the blocks of ${id} and ${other} swapped`, ({ regions: r }) => {
        [r[id].ipv4Block, r[other].ipv4Block] = [r[other].ipv4Block, r[id].ipv4Block];
      });
      yield change(`the IPv6 blocks of ${id} and ${other} swapped`, ({ regions: r }) => {
        [r[id].number, r[other].number] = [r[other].number, r[id].number];
      });
    }
    yield change(`a block of nobody for ${id}`, ({ regions: r }) => (r[id].ipv4Block = '10.199.0.0/16'));
    yield change(`an IPv6 block of nobody for ${id}`, ({ regions: r }) => (r[id].number = 200));
  }
  for (const [id, other] of pairs(Object.keys(lock.gateways))) {
    if (other !== id)
      yield change(`the locators of ${id} and ${other} swapped`, ({ gateways: g }) => {
        [g[id].number, g[other].number] = [g[other].number, g[id].number];
      });
    yield change(`a locator of nobody for ${id}`, ({ gateways: g }) => (g[id].number = 77));
  }
  const tunnels = Object.keys(lock.tunnels);
  for (const [id, other] of pairs(tunnels)) {
    if (other !== id)
      yield change(`the addresses of ${id} and ${other} swapped`, ({ tunnels: t }) => {
        [t[id].number, t[other].number] = [t[other].number, t[id].number];
      });
    yield change(`another identity of ${id}`, ({ tunnels: t }) => (t[id].identity = 'tunnel-elsewhere'));
    yield change(`addresses of nobody for ${id}`, ({ tunnels: t }) => (t[id].number = 99));
    for (const [side, end] of lock.tunnels[id].ends.entries()) {
      const at = `${id} at ${end.gateway}`;
      yield change(`a port of nobody for ${at}`, ({ tunnels: t }) => (t[id].ends[side].listenPort = 52001));
      yield change(`a segment of nobody for ${at}`, ({ tunnels: t }) => (t[id].ends[side].segment = 4096));
      const name = `wg-${lock.tunnels[id].ends[1 - side].gateway.slice(0, 7).replace('/', '-')}-0000`;
      yield change(`another name for ${at}`, ({ tunnels: t }) => (t[id].ends[side].interfaceName = name));
      const beside = tunnels.find(
        (o) => o !== id && lock.tunnels[o].ends.some((e) => e.gateway === end.gateway),
      );
      if (beside === undefined) continue;
      const there = lock.tunnels[beside].ends.findIndex((e) => e.gateway === end.gateway);
      for (const field of ['listenPort', 'segment', 'interfaceName'] as const)
        yield change(`${field} of ${at} and of ${beside} swapped`, ({ tunnels: t }) => {
          const [a, b] = [t[id].ends[side], t[beside].ends[there]];
          Object.assign(a, { [field]: lock.tunnels[beside].ends[there][field] });
          Object.assign(b, { [field]: end[field] });
        });
    }
  }
}

/** Every public key exchanged or left out, every preshared key said to be there or not. */
export function* liesOfKeys(keys: PublicKeys, strange: string): Generator<Lie<PublicKeys>> {
  const ids = Object.keys(keys.gateways);
  for (const [i, id] of ids.entries()) {
    const other = ids[(i + 1) % ids.length];
    const set = (change: Record<string, string>) => ({ ...keys, gateways: { ...keys.gateways, ...change } });
    if (other !== id) {
      const swapped = { [id]: keys.gateways[other], [other]: keys.gateways[id] };
      yield { what: `the keys of ${id} and ${other} swapped`, value: set(swapped) };
      yield { what: `the key of ${other} for ${id}`, value: set({ [id]: keys.gateways[other] }) };
    }
    yield { what: `a stranger's key for ${id}`, value: set({ [id]: strange }) };
    const rest = Object.fromEntries(Object.entries(keys.gateways).filter(([g]) => g !== id));
    yield { what: `no key for ${id}`, value: { ...keys, gateways: rest } };
  }
  for (const id of keys.presharedKeys)
    yield {
      what: `no preshared key for ${id}`,
      value: { ...keys, presharedKeys: keys.presharedKeys.filter((k) => k !== id) },
    };
}

/** A public key that nobody has: any point at or above 2 and below 2^254 will do. */
export function strangeKey(random: Seeded): string {
  const bytes = Uint8Array.from({ length: 32 }, () => random.whole(0, 255));
  bytes[31] &= 63;
  return Buffer.from(bytes).toString('base64');
}
