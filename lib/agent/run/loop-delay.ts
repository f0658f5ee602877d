import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the event loop's delay is looked at, ms. */
const resolutionMs = 100;

/** How late the event loop runs what is due. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs });

  constructor() {
    this.#histogram.enable();
  }

  /** Delays since the last call, seconds. */
  take(): { readonly mean: number; readonly most: number } {
    const delays = { mean: delayOf(this.#histogram.mean), most: delayOf(this.#histogram.max) };
    this.#histogram.reset();
    return delays;
  }
}

/** Node records the whole time between two looks, ns; the delay is what it exceeds the resolution by, s. */
function delayOf(betweenNs: number): number {
  return Number.isFinite(betweenNs) ? Math.max(0, betweenNs / 1e9 - resolutionMs / 1000) : 0;
}
