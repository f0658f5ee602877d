import { parseQuantity, type Dimension } from '../units';
import type { RawPath, Reporter } from './reporter';

/** The range a figure must lie in, in the base unit; both ends included unless `above`. */
export interface FigureRange {
  readonly min?: number;
  readonly max?: number;
  /** Must be greater than zero. */
  readonly above?: 0;
  /** Must be less than this. */
  readonly below?: number;
}

/** What no figure may exceed and, unless it is zero, not fall below; `text` as people write it. */
interface Bound {
  readonly least: number;
  readonly greatest: number;
  readonly text: readonly [string, string];
}

/**
 * By dimension, in base units. Loads are counted in whole bit/s and time in whole ms, exact in a double up to
 * 2^53: a network of ninety links of the greatest bandwidth still is. A ratio is bounded where it is read.
 */
const bounds: Readonly<Record<Dimension, Bound>> = {
  bandwidth: { least: 1e-6, greatest: 1e8, text: ['1 bps', '100 Tbps'] },
  latency: { least: 1e-6, greatest: 3.6e6, text: ['0.001 us', '3600 s'] },
  duration: { least: 1e-3, greatest: 36525 * 86400, text: ['1 ms', '36525 d'] },
  money: { least: 0.01, greatest: 1e12, text: ['0.01 USD', '1000000000000 USD'] },
  price: { least: 1e-9, greatest: 1e6, text: ['0.000001 USD/TB', '1000000 USD/GB'] },
  ratio: { least: 1e-12, greatest: Infinity, text: ['0.0000000001 %', ''] },
};

/**
 * Reads an optional quantity in its base unit. Absent gives undefined; what is no such quantity, or out of
 * range or of the bounds of its dimension, is reported and gives undefined too.
 */
export function readFigure(
  raw: unknown,
  dimension: Dimension,
  path: RawPath,
  reporter: Reporter,
  range: FigureRange = {},
): number | undefined {
  if (raw === undefined) return undefined;
  const parsed = parseQuantity(raw, dimension);
  if (!parsed.ok) {
    reporter.error(`bad-${dimension}`, path, parsed.problem.message, parsed.problem.next);
    return undefined;
  }
  const { value } = parsed;
  const text = `'${String(raw)}'`;
  if (range.above !== undefined && value <= range.above) {
    reporter.error(`zero-${dimension}`, path, `${text} is zero`, 'give a figure above zero');
    return undefined;
  }
  const { least, greatest, text: ends } = bounds[dimension];
  if (value > greatest && range.max === undefined) {
    const message = `${text} is more than any ${words[dimension]} may be`;
    reporter.error(`${dimension}-out-of-range`, path, message, `give at most ${ends[1]}`);
    return undefined;
  }
  if (value > 0 && value < least) {
    const message = `${text} is less than any ${words[dimension]} above zero may be`;
    reporter.error(`${dimension}-out-of-range`, path, message, `give at least ${ends[0]}`);
    return undefined;
  }
  const high =
    (range.max !== undefined && value > range.max) || (range.below !== undefined && value >= range.below);
  if (high || (range.min !== undefined && value < range.min)) {
    reporter.error(
      `${dimension}-out-of-range`,
      path,
      `${text} is out of range`,
      `give ${rangeText(range, dimension)}`,
    );
    return undefined;
  }
  return value;
}

function rangeText(range: FigureRange, dimension: Dimension): string {
  const figure = (v: number) => `${dimension === 'ratio' ? v * 100 : v} ${baseUnits[dimension]}`;
  const low =
    range.above === undefined ? `at least ${figure(range.min ?? 0)}` : `more than ${figure(range.above)}`;
  if (range.below !== undefined) return `${low} and less than ${figure(range.below)}`;
  return range.max === undefined ? low : `${low} and at most ${figure(range.max)}`;
}

const words: Readonly<Record<Dimension, string>> = {
  bandwidth: 'bandwidth',
  latency: 'delay',
  duration: 'length of time',
  money: 'amount of money',
  price: 'price',
  ratio: 'share',
};

const baseUnits: Readonly<Record<Dimension, string>> = {
  bandwidth: 'Mbps',
  latency: 'ms',
  duration: 's',
  money: 'USD',
  price: 'USD/GB',
  ratio: '%',
};

/** Reads an optional whole number; reports what is none, or out of range. */
export function readWhole(
  raw: number | undefined,
  min: number,
  max: number,
  path: RawPath,
  reporter: Reporter,
): number | undefined {
  if (raw === undefined) return undefined;
  if (Number.isInteger(raw) && raw >= min && raw <= max) return raw;
  reporter.error(
    'bad-number',
    path,
    `${raw} is not a whole number from ${min} to ${max}`,
    `give one from ${min} to ${max}`,
  );
  return undefined;
}

const idShape = /^(?!.*--)[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?$/;

/**
 * Reports an id that is not a lower-case letter followed by up to 19 of a-z, 0-9 and single hyphens, ending
 * in no hyphen. Two in a row part network and region in the names of cloud resources.
 */
export function checkId(id: string, what: string, path: RawPath, reporter: Reporter): boolean {
  if (idShape.test(id)) return true;
  const next = 'use a lower-case letter, then up to 19 of a-z, 0-9 and single hyphens, ending in no hyphen';
  reporter.error('bad-id', path, `'${id}' is no ${what} id`, next);
  return false;
}

const longIdShape = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Is it an id of a link or demand as it stands? */
export function isLongId(id: string): boolean {
  return longIdShape.test(id);
}

/**
 * The same for what is named after two regions, links and demands: up to 63 characters, hyphens as they come.
 */
export function checkLongId(id: string, what: string, path: RawPath, reporter: Reporter): boolean {
  if (isLongId(id)) return true;
  const next = 'use a lower-case letter, then up to 62 of a-z, 0-9 and hyphen, ending in no hyphen';
  reporter.error('bad-id', path, `'${id}' is no ${what} id`, next);
  return false;
}
