import { makeFault } from '../../lab';
import type { CliIo, ExitCode } from '../io';
import { found, guarded, type WhichLab } from './lab-world';

/** `dwcp lab fault`. */
export function faultCommand(
  io: CliIo,
  [gateway, name, value]: readonly [string, string, string | undefined],
  options: WhichLab,
): Promise<ExitCode> {
  return guarded(io, async () => {
    io.stdout.write(`${await makeFault(found(io, options), gateway, name, value)}\n`);
    return 0;
  });
}
