import type { Histogram } from './statistics';

/** Round-trip times from half a millisecond to a second: a region's own, a continent's, half the Earth's. */
export const rttBounds = Float64Array.of(
  0.0005,
  0.001,
  0.002,
  0.005,
  0.01,
  0.02,
  0.035,
  0.05,
  0.075,
  0.1,
  0.15,
  0.2,
  0.3,
  0.5,
  1,
);

/** A histogram that takes observations without allocating. */
export class RecordedHistogram implements Histogram {
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  /** @param bounds seconds, ascending; shared, not copied. */
  constructor(readonly bounds: Float64Array) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** @param seconds a whole comparison for each bound passed: short lists only. */
  observe(seconds: number): void {
    let i = 0;
    while (i < this.bounds.length && seconds > this.bounds[i]) i++;
    this.counts[i]++;
    this.sum += seconds;
    this.count++;
  }
}
