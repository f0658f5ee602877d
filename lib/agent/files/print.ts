import { visibleOutput } from '../../escape';

/** A line, or several, on standard output; what cannot be seen is shown as escapes. */
export function print(text: string): void {
  process.stdout.write(visibleOutput(`${text}\n`, process.stdout.isTTY));
}

/** Are colours for whoever reads standard output? NO_COLOR says no (no-color.org). */
export function isColoured(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return process.stdout.isTTY && !NO_COLOR && TERM !== 'dumb';
}

/** The same on standard error. */
export function printError(text: string): void {
  process.stderr.write(visibleOutput(`${text}\n`, process.stderr.isTTY));
}

/** A log that can no longer be written is no reason to end. */
export function survivePrinting(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
