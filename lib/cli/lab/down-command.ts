import { chooseLab, endOwner, takeDown, tryReadRecord } from '../../lab';
import type { CliIo, ExitCode } from '../io';
import { folderOf, guarded, requireRoot, type WhichLab } from './lab-world';

/** `dwcp lab down`. */
export function downCommand(io: CliIo, options: WhichLab): Promise<ExitCode> {
  return guarded(io, async () => {
    requireRoot();
    const directory = folderOf(io, options);
    const lab = chooseLab(directory, options.lab);
    await endOwner(directory, lab);
    if (tryReadRecord(directory, lab)) await takeDown(directory, lab);
    io.stdout.write(`lab ${lab} is down\n`);
    return 0;
  });
}
