import { Registry, type Metric } from 'prom-client';
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

/** Values that prom-client prints in one go: some 0.2 ms. */
const valuesAtOnce = 32;

/**
 * A metric in the text format of Prometheus (version 0.0.4), some values a piece, made as they are asked for:
 * a scrape of a large network is half a megabyte, and prom-client would print it in one go. It is given the
 * values: its own classes copy every observation into maps, which costs too much at a thousand probes a
 * second.
 */
export async function* textOf(
  metric: LiveMetric | LiveHistogram,
  source: TelemetrySource | undefined,
): AsyncIterable<string> {
  let first = true;
  for (const values of source === undefined ? [[]] : inPieces(metric, source)) {
    const text = await printed(metric, values);
    // Each piece begins with two lines of comments.
    yield first ? text : text.slice(text.indexOf('\n', text.indexOf('\n') + 1) + 1);
    first = false;
  }
  yield '\n';
}

function printed(
  { name, help, type }: LiveMetric | LiveHistogram,
  values: readonly PrintedValue[],
): Promise<string> {
  const registry = new Registry();
  const get = () => Promise.resolve({ name, help, type, values, aggregator: 'sum' });
  registry.registerMetric({ name, help, type, get } as unknown as Metric);
  return registry.metrics();
}

/** At least one piece. */
function* inPieces(
  metric: LiveMetric | LiveHistogram,
  source: TelemetrySource,
): Iterable<readonly PrintedValue[]> {
  let piece: PrintedValue[] = [];
  for (const value of metric.type === 'histogram' ? buckets(metric, source) : plain(metric, source)) {
    piece.push(value);
    if (piece.length < valuesAtOnce) continue;
    yield piece;
    piece = [];
  }
  yield piece;
}

function* plain({ read }: LiveMetric, source: TelemetrySource): Iterable<PrintedValue> {
  for (const [labels, value] of read(source)) {
    if (Number.isFinite(value)) yield { labels: visibleLabels(labels), value };
  }
}

function* buckets({ name, read }: LiveHistogram, source: TelemetrySource): Iterable<PrintedValue> {
  const [bucket, sumName, countName] = ['bucket', 'sum', 'count'].map((end) => `${name}_${end}`);
  for (const { labels: given, bounds, counts, sum, count } of read(source)) {
    const labels = visibleLabels(given);
    let running = 0;
    for (let i = 0; i < bounds.length; i++) {
      running += counts[i];
      yield { labels: { ...labels, le: bounds[i] }, value: running, metricName: bucket };
    }
    yield { labels: { ...labels, le: '+Inf' }, value: count, metricName: bucket };
    yield { labels, value: sum, metricName: sumName };
    yield { labels, value: count, metricName: countName };
  }
}

/** prom-client escapes what ends a label; a person may read it too. A scrape asks for thousands of series. */
function visibleLabels(labels: Labels): Labels {
  for (const name in labels) if (!isVisible(labels[name])) return visibleTexts(labels);
  return labels;
}
