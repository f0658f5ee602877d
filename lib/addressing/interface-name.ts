import { createHash } from 'node:crypto';
import type { TunnelKind } from '../tunnels';

/** Linux: IFNAMSIZ is 16 with the closing NUL. */
const longestName = 15;

/**
 * Name of the interface towards `peer`: `<prefix>-<peer>` where that fits and is free, else the start of the
 * peer's name with four hex digits of the tunnel id's SHA-256. `taken` holds the names in use on the
 * gateway.
 */
export function interfaceName(
  { prefix }: Pick<TunnelKind, 'prefix'>,
  peer: string,
  tunnelId: string,
  taken: ReadonlySet<string>,
): string {
  const plain = `${prefix}-${peer}`;
  if (plain.length <= longestName && !taken.has(plain)) return plain;
  for (let attempt = 0; ; attempt++) {
    const name = hashedName(prefix, peer, tunnelId, attempt);
    if (!taken.has(name)) return name;
  }
}

/** Would `interfaceName` give this name, with some others taken? */
export function isInterfaceName(
  { prefix }: Pick<TunnelKind, 'prefix'>,
  name: string,
  peer: string,
  tunnelId: string,
): boolean {
  if (name === `${prefix}-${peer}`) return name.length <= longestName;
  // A clash takes the next hash; more than a few in a row do not happen.
  return Array.from({ length: 16 }, (_, attempt) => hashedName(prefix, peer, tunnelId, attempt)).includes(
    name,
  );
}

function hashedName(prefix: string, peer: string, tunnelId: string, attempt: number): string {
  const hash = createHash('sha256').update(`${tunnelId} ${attempt}`).digest('hex').slice(0, 4);
  return `${prefix}-${peer.slice(0, 7)}-${hash}`;
}
