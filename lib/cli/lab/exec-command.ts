import { spawn, type StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import { inside, LabFault, onGateway } from '../../lab';
import type { CliIo, ExitCode } from '../io';
import { found, guarded, type WhichLab } from './lab-world';

/** `dwcp lab exec`: exit code of the command; 128 and the signal's number if a signal ended it. */
export function execCommand(
  io: CliIo,
  where: string,
  words: readonly string[],
  options: WhichLab,
): Promise<ExitCode> {
  return guarded(io, async () => {
    const lab = found(io, options);
    const region = lab.layout.regions.find((r) => r.id === where);
    const gateway = lab.layout.gateways.find((g) => g.id === where);
    if (!region && !gateway) {
      throw new LabFault(`the lab has no region or gateway '${where}'; 'dwcp lab status' lists them`);
    }
    const command = region ? inside(region.namespace, words) : onGateway(lab, where, words);
    return runInteractive(io, command);
  });
}

function runInteractive(io: CliIo, command: readonly string[]): Promise<ExitCode> {
  const fd = (stream: object) => {
    const own = (stream as { fd?: unknown }).fd;
    return typeof own === 'number' && own >= 0 ? own : ('pipe' as const);
  };
  return new Promise((resolve, reject) => {
    const stdio: StdioOptions = [fd(io.stdin), fd(io.stdout), fd(io.stderr)];
    const child = spawn(command[0], command.slice(1), { cwd: io.cwd, stdio });
    child.stdout?.pipe(io.stdout, { end: false });
    child.stderr?.pipe(io.stderr, { end: false });
    child.stdin?.end();
    // The terminal sends Ctrl-C to the command as well: it is the one to act on it.
    const ignore = () => undefined;
    process.on('SIGINT', ignore);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', ignore);
      resolve(code ?? 128 + constants.signals[signal!]);
    });
  });
}
