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

/**
 * Reads an optional quantity in its base unit. Absent gives undefined; what is no such quantity, or out of
 * range, is reported and gives undefined too.
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
