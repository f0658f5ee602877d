import { packagePrograms, restartAgent } from '../../lab';
import type { CliIo, ExitCode } from '../io';
import { found, guarded, type WhichLab } from './lab-world';

/** `dwcp lab restart`. */
export function restartCommand(
  io: CliIo,
  gateway: string,
  options: WhichLab & { readonly upgrade?: boolean },
): Promise<ExitCode> {
  return guarded(io, async () => {
    const program = options.upgrade ? packagePrograms().agent : undefined;
    const ms = await restartAgent(found(io, options), gateway, program);
    const what = program ? 'has the agent of this package' : 'has a new agent';
    io.stdout.write(`${gateway} ${what}, after ${(ms / 1000).toFixed(1)} s\n`);
    return 0;
  });
}
