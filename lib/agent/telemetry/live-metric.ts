import type { Metric, Registry } from 'prom-client';
import { isVisible, visibleTexts } from '../../escape';
import type { TelemetrySource } from './telemetry-source';

type Labels = Readonly<Record<string, string>>;

/** One series: its labels and value. Series without a finite value are left out: unknown is never zero. */
export type Reading = readonly [labels: Labels, value: number];

/** A gauge or counter whose series are read when it is scraped, so that none outlives what it is about. */
export interface LiveMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly read: (source: TelemetrySource) => Iterable<Reading>;
}

/** One histogram of a family: labels and counts by bucket, not cumulative, the last beyond all bounds. */
export interface BucketReading {
  readonly labels: Labels;
  readonly bounds: ArrayLike<number>;
  readonly counts: ArrayLike<number>;
  readonly sum: number;
  readonly count: number;
}

export interface LiveHistogram {
  readonly name: string;
  readonly help: string;
  readonly type: 'histogram';
  readonly read: (source: TelemetrySource) => Iterable<BucketReading>;
}

/** A value as prom-client prints it. */
interface PrintedValue {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/**
 * Adds a metric that is read when scraped. prom-client asks a metric for its values by `get`; its own classes
 * copy every observation into maps, which costs too much at a thousand probes a second.
 */
export function register(
  registry: Registry,
  metric: LiveMetric | LiveHistogram,
  source: () => TelemetrySource | undefined,
): void {
  const { name, help, type } = metric;
  const get = () => {
    const from = source();
    const values =
      from === undefined ? [] : type === 'histogram' ? buckets(metric, from) : plain(metric, from);
    return Promise.resolve({ name, help, type, values, aggregator: 'sum' });
  };
  registry.registerMetric({ name, help, type, get } as unknown as Metric);
}

/** prom-client escapes what ends a label; a person may read it too. A scrape asks for thousands of series. */
function visibleLabels(labels: Labels): Labels {
  for (const name in labels) if (!isVisible(labels[name])) return visibleTexts(labels);
  return labels;
}

function plain(metric: LiveMetric, source: TelemetrySource): PrintedValue[] {
  const values: PrintedValue[] = [];
  for (const [labels, value] of metric.read(source)) {
    if (Number.isFinite(value)) values.push({ labels: visibleLabels(labels), value });
  }
  return values;
}

function buckets(metric: LiveHistogram, source: TelemetrySource): PrintedValue[] {
  const values: PrintedValue[] = [];
  const [bucket, sumName, countName] = ['bucket', 'sum', 'count'].map((end) => `${metric.name}_${end}`);
  for (const { labels: given, bounds, counts, sum, count } of metric.read(source)) {
    const labels = visibleLabels(given);
    let running = 0;
    for (let i = 0; i < bounds.length; i++) {
      running += counts[i];
      values.push({ labels: { ...labels, le: bounds[i] }, value: running, metricName: bucket });
    }
    values.push({ labels: { ...labels, le: '+Inf' }, value: count, metricName: bucket });
    values.push({ labels, value: sum, metricName: sumName });
    values.push({ labels, value: count, metricName: countName });
  }
  return values;
}
