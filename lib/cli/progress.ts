import type { Progress } from '../project';
import type { CliIo } from './io';

/** Work shorter than this shows nothing. */
const quietMs = 1000;
const redrawMs = 100;

/**
 * A line on standard error that says what is being done, once the work takes over a second. It is silent
 * where standard error is not a terminal, or one that cannot erase a line.
 */
export function progressLine(io: CliIo, now: () => number = () => performance.now()): Progress {
  const start = now();
  let drawn = -Infinity;
  let shown = false;
  return {
    step(what, done, total) {
      const t = now();
      if (io.stderr.isTTY !== true || io.env.TERM === 'dumb' || t - start < quietMs || t - drawn < redrawMs)
        return;
      drawn = t;
      shown = true;
      const share = total ? ` ${Math.floor((100 * (done ?? 0)) / total)} %` : '';
      io.stderr.write(`\r\u001b[K${what}${share}`);
    },
    end() {
      if (shown) io.stderr.write('\r\u001b[K');
      shown = false;
    },
  };
}
