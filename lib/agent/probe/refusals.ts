/** Packets that changed nothing, by why. */
export interface Refusals {
  /** Of no length that STAMP has. */
  malformed: number;
  /** From an address that is no peer's, or for a session that is not ours. */
  foreign: number;
  /** Seen before, or of another time. */
  replayed: number;
  /** Not signed with the session's key. */
  forged: number;
  /** More than a peer may send. */
  limited: number;
}

export function noRefusals(): Refusals {
  return { malformed: 0, foreign: 0, replayed: 0, forged: 0, limited: 0 };
}
