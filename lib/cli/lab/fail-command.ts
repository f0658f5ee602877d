import { fail } from '../../lab';
import type { CliIo, ExitCode } from '../io';
import { failureText } from './failure-text';
import { found, guarded, type WhichLab } from './lab-world';

interface FailOptions extends WhichLab {
  readonly blackhole?: boolean;
  readonly loss?: number;
  readonly delay?: number;
  readonly towards?: string;
}

/** `dwcp lab fail`. */
export function failCommand(io: CliIo, target: string, options: FailOptions): Promise<ExitCode> {
  return guarded(io, async () => {
    const { loss = 0, delay = 0, towards = null } = options;
    const blackhole =
      options.blackhole === true || (options.loss === undefined && options.delay === undefined);
    const failure = { target, blackhole, lossRatio: loss / 100, extraMs: delay, towards };
    await fail(found(io, options), failure);
    io.stdout.write(`${failureText(failure)}\n`);
    return 0;
  });
}
