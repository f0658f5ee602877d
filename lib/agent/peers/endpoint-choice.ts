/**
 * For so long nothing authentic comes from an endpoint before another one is tried, ms: WireGuard sends a
 * handshake three times in it (REKEY_TIMEOUT, 5 s: WireGuard whitepaper, section 6.1). The gateway that is to
 * be patient (`wanted-marking.ts`) begins one each 12 s, so once.
 */
export const endpointPatienceMs = 15_000;

/** A deployment that is taken anew resets an endpoint that was silent for so long, ms: probes come often. */
export const resetPatienceMs = 3_000;

/** Endpoints remembered a tunnel: a stranger between both gateways must not push out the true one at once. */
export const mostGood = 3;

/** Where a tunnel's peer is taken to be. A value: each step gives the next. */
export interface EndpointChoice {
  /** By the deployment, `192.0.2.1:51820`; null: it names none. */
  readonly announced: string | null;
  /** Set last by us; null: the peer is waited for. */
  readonly set: string | null;
  /** From where authentic packets came, newest first, at most `mostGood`. */
  readonly good: readonly string[];
  /** Where the kernel sends to, as far as was seen. */
  readonly seen: string | null;
  /** Bytes that the kernel has taken from the peer under this key; null: not looked yet. */
  readonly received: { readonly publicKey: string; readonly bytes: number } | null;
  /** Monotonic ms of the last authentic packet, or of the last setting. */
  readonly sinceMs: number;
  /** Other endpoints are tried, since nothing came from the last good one. */
  readonly searching: boolean;
}

/** What the kernel says of a tunnel's peer. */
export interface PeerSight {
  readonly publicKey: string;
  /** Source of the last authentic packet, or what was set since (WireGuard whitepaper, section 2.1). */
  readonly endpoint: string | null;
  /** Of authentic packets alone. */
  readonly receivedBytes: number;
}

/** What people are to be told. */
export interface EndpointNews {
  readonly from: string;
  readonly to: string;
  readonly cause: string;
}

export interface EndpointStep {
  readonly choice: EndpointChoice;
  /** To be set in the kernel now. */
  readonly set?: string;
  readonly news?: EndpointNews;
}

/**
 * A tunnel that comes with a plan: at first where it answered last, whatever the deployment says, for an
 * authentic packet is better evidence than an unsigned file.
 */
export function beginChoice(
  announced: string | null,
  good: readonly string[],
  nowMs: number,
): EndpointChoice {
  const set = good.length > 0 ? good[0] : announced;
  return { announced, set, good, seen: set, received: null, sinceMs: nowMs, searching: false };
}

/**
 * The deployment names another endpoint. It is taken at once where the peer is silent. Where it answers, the
 * new one is kept for when it no longer does: a peer that really moved sends from its new address, and the
 * kernel follows its packets.
 */
export function announce(before: EndpointChoice, announced: string | null, nowMs: number): EndpointStep {
  if (announced === before.announced) return reset(before, nowMs);
  const choice = { ...before, announced };
  if (announced === null || announced === before.seen) return { choice };
  const silent = nowMs - before.sinceMs >= endpointPatienceMs || before.searching;
  if (before.seen !== null && !silent) {
    const cause = 'the deployment names it; the peer answers where it is, so that stands';
    return { choice, news: { from: before.seen, to: announced, cause } };
  }
  return { choice: { ...choice, set: announced, seen: announced, sinceMs: nowMs }, set: announced };
}

/**
 * The same again, by a reload or another plan. Both ends may have followed each other to a place that is dead
 * by now, and wait there for one another: the kernel's endpoint counts, not what was set last.
 */
function reset(before: EndpointChoice, nowMs: number): EndpointStep {
  const { announced, seen, sinceMs } = before;
  if (announced === null || announced === seen || nowMs - sinceMs < resetPatienceMs)
    return { choice: before };
  const choice = { ...before, set: announced, seen: announced, sinceMs: nowMs, searching: true };
  const cause = `nothing authentic has come for ${Math.round((nowMs - sinceMs) / 1000)} s; the deployment names it`;
  return { choice, set: announced, news: { from: seen ?? '', to: announced, cause } };
}

/** What the kernel says now. */
export function look(before: EndpointChoice, sight: PeerSight, nowMs: number): EndpointStep {
  const { publicKey, endpoint, receivedBytes: bytes } = sight;
  const heard = before.received?.publicKey === publicKey && bytes > before.received.bytes;
  const choice = { ...before, seen: endpoint, received: { publicKey, bytes } };
  return heard && endpoint !== null ? hear(choice, before, endpoint, nowMs) : waitFor(choice, nowMs);
}

function hear(choice: EndpointChoice, before: EndpointChoice, endpoint: string, nowMs: number): EndpointStep {
  const good = [endpoint, ...choice.good.filter((other) => other !== endpoint)].slice(0, mostGood);
  const next = { ...choice, good, sinceMs: nowMs, searching: false };
  if (before.searching) {
    return { choice: next, news: { from: '', to: endpoint, cause: 'the peer answers there' } };
  }
  const moved = before.good.length > 0 && before.good[0] !== endpoint;
  const cause = 'authentic packets come from there now';
  return moved ? { choice: next, news: { from: before.good[0], to: endpoint, cause } } : { choice: next };
}

/** The next that may be right, in turn: what the deployment names, then those that answered once. */
function waitFor(choice: EndpointChoice, nowMs: number): EndpointStep {
  const { announced, good, seen } = choice;
  const list = [...new Set([...(announced === null ? [] : [announced]), ...good])];
  if (nowMs - choice.sinceMs < endpointPatienceMs || list.length === 0) return { choice };
  const to = list[(list.indexOf(seen ?? '') + 1) % list.length];
  if (to === seen) return { choice };
  const next = { ...choice, set: to, seen: to, sinceMs: nowMs, searching: true };
  if (choice.searching) return { choice: next, set: to };
  const what = good.includes(to) ? 'it answered there before' : 'the deployment names it';
  const cause = `nothing authentic has come for ${endpointPatienceMs / 1000} s; ${what}`;
  return { choice: next, set: to, news: { from: seen ?? '', to, cause } };
}
