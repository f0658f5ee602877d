import type { QosClass } from '../../model';

/** How the traffic of one class to one region leaves this gateway now. */
export interface Selection {
  readonly to: string;
  readonly class: QosClass;
  /**
   * Paths with whole weights of 1 to 256 against each other. Empty: no planned path lives, so the
   * destination goes to the fallback plane or becomes unreachable at once.
   */
  readonly members: readonly SelectedPath[];
}

export interface SelectedPath {
  /** Path id. */
  readonly path: string;
  readonly weight: number;
}
