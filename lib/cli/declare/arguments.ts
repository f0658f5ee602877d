// Readers of arguments and options that more than one command has, or that say more than a choice of words.
import { InvalidArgumentError, Option } from 'commander';
import { formatsOf, type FormattedReport } from '../../report/formats';

/** A plan's generation as an argument. */
export function generation(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 2 ** 48) {
    throw new InvalidArgumentError('a whole number from 1 is wanted.');
  }
  return value;
}

/** A UTC date, or an instant with its offset, as an argument; ms since 1970. */
export function instant(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d)(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text);
  const [date, ms] = match ? [Date.parse(match[1]), Date.parse(text)] : [NaN, NaN];
  const exists = !Number.isNaN(date + ms) && new Date(date).toISOString().slice(0, 10) === match![1];
  if (!exists || ms < Date.UTC(1970, 0) || ms >= Date.UTC(2200, 0)) {
    throw new InvalidArgumentError(
      'a date in UTC is wanted, 2027-03-27, or an instant with its offset, 2027-03-27T22:00Z, from 1970 to 2199.',
    );
  }
  return ms;
}

/** The option for the format in which a command prints. */
export function formatOption(report: FormattedReport): Option {
  const names = formatsOf(report);
  return new Option('-f, --format <format>', 'how to print it').choices(names).default(names[0]);
}

/** 1, 2 and so on. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return Number(text);
}
