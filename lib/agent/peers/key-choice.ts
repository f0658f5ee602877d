import type { SeenPeer } from '../apply';

/**
 * Silence under one key before the other is tried, ms: the first time, the next, ... To try costs little: the
 * session of the first stays, and what comes in under it brings it back.
 */
const patienceMs = [200, 1_000, 1_000, 1_000, 5_000];
/** How long a key of before is quiet until it is done with, ms: WireGuard's REJECT_AFTER_TIME. */
export const quietMs = 180_000;

/** Under which of two keys a tunnel's far end was heard. A value: each look gives the next. */
export interface KeyWatch {
  /** Bytes by public key at the last look. */
  readonly bytes: ReadonlyMap<string, number>;
  /** Monotonic ms of the last authentic packet by public key. */
  readonly heardMs: ReadonlyMap<string, number>;
  /** Monotonic ms since which the key that holds the tunnel has been waited for. */
  readonly sinceMs: number;
  /** How often a key was given up in a row. */
  readonly tries: number;
}

export interface KeyStep {
  readonly watch: KeyWatch;
  /** The key that is to hold the tunnel. `heard`: it was; else it is tried. */
  readonly give?: { readonly publicKey: string; readonly heard: boolean };
}

export function beginWatch(nowMs: number): KeyWatch {
  return { bytes: new Map(), heardMs: new Map(), sinceMs: nowMs, tries: 0 };
}

/**
 * Who holds a tunnel that has two keys: the one under which the far end speaks. Where it speaks under none,
 * each in turn, for only the holder begins handshakes.
 */
export function watchKeys(before: KeyWatch, seen: readonly SeenPeer[], nowMs: number): KeyStep {
  const bytes = new Map(seen.map((peer) => [peer.publicKey, peer.receivedBytes]));
  const heardMs = new Map(before.heardMs);
  const grew = ({ publicKey, receivedBytes }: SeenPeer) => receivedBytes > (before.bytes.get(publicKey) ?? 0);
  for (const peer of seen) if (grew(peer)) heardMs.set(peer.publicKey, nowMs);
  const watch = { ...before, bytes, heardMs };
  const holder = seen.find(({ holds }) => holds);
  const other = seen.find((peer) => peer !== holder);
  if (!holder || !other) return { watch: { ...watch, sinceMs: nowMs } };
  const held = grew(holder);
  const newer = other.handshakeSeconds > holder.handshakeSeconds;
  if (grew(other) && (!held || newer)) {
    const give = { publicKey: other.publicKey, heard: true };
    return { watch: { ...watch, sinceMs: nowMs, tries: 0 }, give };
  }
  if (held) return { watch: { ...watch, sinceMs: nowMs, tries: 0 } };
  const waitMs = patienceMs[Math.min(before.tries, patienceMs.length - 1)];
  if (nowMs - before.sinceMs < waitMs) return { watch };
  const give = { publicKey: other.publicKey, heard: false };
  return { watch: { ...watch, sinceMs: nowMs, tries: before.tries + 1 }, give };
}

/** Has the far end used its key for so long, and the one of before no more, that this one can go? */
export function isDone(
  { heardMs }: KeyWatch,
  key: string,
  earlier: string,
  sinceMs: number,
  nowMs: number,
): boolean {
  const last = heardMs.get(earlier) ?? sinceMs;
  return heardMs.has(key) && nowMs - last >= quietMs && nowMs - heardMs.get(key)! < quietMs;
}
