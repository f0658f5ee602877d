import { heal, healFaults, LabFault } from '../../lab';
import type { CliIo, ExitCode } from '../io';
import { failureText, faultText } from './failure-text';
import { found, guarded, type WhichLab } from './lab-world';

/** `dwcp lab heal`: failures and faults of a target, or of all. */
export function healCommand(
  io: CliIo,
  target: string | undefined,
  fault: string | undefined,
  options: WhichLab,
): Promise<ExitCode> {
  return guarded(io, async () => {
    const lab = found(io, options);
    const faults = (await healFaults(lab, target, fault)).map(faultText);
    const failures = fault === undefined ? (await heal(lab, target)).map(failureText) : [];
    const ended = [...failures, ...faults];
    if (target !== undefined && ended.length === 0) {
      throw new LabFault(
        `'${target}' has no ${fault === undefined ? 'failure' : `fault '${fault}' that lasts`}`,
      );
    }
    io.stdout.write(ended.length === 0 ? 'there was no failure\n' : `${ended.join('\n')}: healed\n`);
    return 0;
  });
}
