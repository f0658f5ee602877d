import { createHash } from 'node:crypto';

/** Linux: IFNAMSIZ is 16 with the closing NUL. */
const longestName = 15;

/**
 * Name of the interface towards `peer`: `wg-<peer>` where that fits and is free, else the start of the
 * peer's name with four hex digits of the tunnel id's SHA-256. `taken` holds the names in use on the
 * gateway.
 */
export function interfaceName(peer: string, tunnelId: string, taken: ReadonlySet<string>): string {
  const plain = `wg-${peer}`;
  if (plain.length <= longestName && !taken.has(plain)) return plain;
  for (let attempt = 0; ; attempt++) {
    const name = hashedName(peer, tunnelId, attempt);
    if (!taken.has(name)) return name;
  }
}

/** Would `interfaceName` give this name, with some others taken? */
export function isInterfaceName(name: string, peer: string, tunnelId: string): boolean {
  if (name === `wg-${peer}`) return name.length <= longestName;
  // A clash takes the next hash; more than a few in a row do not happen.
  return Array.from({ length: 16 }, (_, attempt) => hashedName(peer, tunnelId, attempt)).includes(name);
}

function hashedName(peer: string, tunnelId: string, attempt: number): string {
  const hash = createHash('sha256').update(`${tunnelId} ${attempt}`).digest('hex').slice(0, 4);
  return `wg-${peer.slice(0, 7)}-${hash}`;
}
