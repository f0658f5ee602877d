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
    const hash = createHash('sha256').update(`${tunnelId} ${attempt}`).digest('hex').slice(0, 4);
    const name = `wg-${peer.slice(0, 7)}-${hash}`;
    if (!taken.has(name)) return name;
  }
}
