import type { Displacement } from './displace';

/** The answer to an ask. */
export type Admission = Admitted | { readonly admitted: false; readonly refusal: AdmissionRefusal };

/** Bandwidth is held on every arc of the path, for the whole window. */
export interface Admitted {
  readonly admitted: true;
  readonly arcs: readonly number[];
  /** Who had to leave, directly or in the cascade, and where they went; empty: room was free. */
  readonly displaced: readonly Displacement[];
  /**
   * How much the first victims held together; `victimsProven`: no smaller set would have made room on this
   * path. 0 and true where room was free.
   */
  readonly victimKbps: number;
  readonly victimsProven: boolean;
}

/**
 * Why bandwidth was refused, as a value: `bad-amount`, not a whole number of kbps above 0; `bad-priority`,
 * not 0 to 7 or holding weaker than setup (RFC 3209 section 4.7.3); `no-time`, the window holds no instant;
 * `no-route`, routing has no path under the policy; `no-bandwidth`, every path lacks it at some time;
 * `search-limit`, the path search gave up.
 */
export interface AdmissionRefusal {
  readonly code: 'bad-amount' | 'bad-priority' | 'no-time' | 'no-route' | 'no-bandwidth' | 'search-limit';
  readonly message: string;
  /** What would work, in a sentence; empty if nothing is known. */
  readonly nearest: string;
  /** Of `no-bandwidth`: what lacks on the path that the policy prefers. Of a static hold: on its arcs. */
  readonly shortages: readonly Shortage[];
  readonly alternatives: Alternatives;
}

/** A link direction with too little left; `freeKbps` in the whole window, for the class. */
export interface Shortage {
  readonly arc: number;
  readonly link: string;
  readonly freeKbps: number;
}

/** What would fit; null: nothing, or not looked for. */
export interface Alternatives {
  /** The most that any path has free in that window. */
  readonly lessBandwidth: { readonly kbps: number; readonly arcs: readonly number[] } | null;
  /**
   * The window moved later as a whole, as little as fits. `earliest`: proven over all paths of the policy;
   * false: a limit of the search was met, and something earlier may fit.
   */
  readonly anotherWindow: {
    readonly shiftMs: number;
    readonly startMs: number;
    readonly arcs: readonly number[];
    readonly earliest: boolean;
  } | null;
  /** The best path with room when the constraints of the policy are left aside. */
  readonly anotherPath: { readonly arcs: readonly number[] } | null;
}

export const noAlternatives: Alternatives = Object.freeze({
  lessBandwidth: null,
  anotherWindow: null,
  anotherPath: null,
});

/** A refusal of this code, with what is known. */
export function refused(
  code: AdmissionRefusal['code'],
  message: string,
  nearest = '',
  shortages: readonly Shortage[] = [],
  alternatives: Alternatives = noAlternatives,
): { readonly admitted: false; readonly refusal: AdmissionRefusal } {
  return { admitted: false, refusal: { code, message, nearest, shortages, alternatives } };
}
