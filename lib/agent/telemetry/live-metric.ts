import { isVisible, visible } from '../../escape';
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

/**
 * A metric in the text format of Prometheus (version 0.0.4), a series or a histogram a piece, made as they
 * are asked for: a scrape of a large network is half a megabyte, and is not to be made in one go.
 */
export function* textOf(
  metric: LiveMetric | LiveHistogram,
  source: TelemetrySource | undefined,
): Iterable<string> {
  const { name, help, type } = metric;
  yield `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
  if (source !== undefined)
    yield* metric.type === 'histogram' ? buckets(metric, source) : plain(metric, source);
  yield '\n';
}

function* plain({ name, read }: LiveMetric, source: TelemetrySource): Iterable<string> {
  for (const [labels, value] of read(source)) {
    if (!Number.isFinite(value)) continue;
    const inner = labelText(labels);
    yield inner === '' ? `${name} ${value}\n` : `${name}{${inner}} ${value}\n`;
  }
}

function* buckets({ name, read }: LiveHistogram, source: TelemetrySource): Iterable<string> {
  for (const { labels, bounds, counts, sum, count } of read(source)) {
    const inner = labelText(labels);
    const whole = inner === '' ? '' : `{${inner}}`;
    const before = `${name}_bucket{${inner === '' ? '' : `${inner},`}le="`;
    let text = '';
    let running = 0;
    for (let i = 0; i < bounds.length; i++) {
      running += counts[i];
      text += `${before}${bounds[i]}"} ${running}\n`;
    }
    yield `${text}${before}+Inf"} ${count}\n${name}_sum${whole} ${sum}\n${name}_count${whole} ${count}\n`;
  }
}

const special = /[\\"\n]/;

/** What ends a label is escaped; a person may read it too. A scrape asks for thousands of series. */
function labelText(labels: Labels): string {
  let text = '';
  for (const name in labels) {
    let value = labels[name];
    if (!isVisible(value)) value = visible(value);
    if (special.test(value)) {
      value = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    }
    text += text === '' ? `${name}="${value}"` : `,${name}="${value}"`;
  }
  return text;
}
