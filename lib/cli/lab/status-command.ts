import { labStatus, underlayNotes } from '../../lab';
import { paint } from '../../report/paint';
import { table } from '../../report/table';
import { wantsColour, widthOf, type CliIo, type ExitCode } from '../io';
import { failureText, faultText } from './failure-text';
import { found, guarded, type WhichLab } from './lab-world';

/** `dwcp lab status`. */
export function statusCommand(io: CliIo, options: WhichLab & { json?: boolean }): Promise<ExitCode> {
  return guarded(io, async () => {
    const status = await labStatus(found(io, options));
    if (options.json) {
      io.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
      return 0;
    }
    const p = paint(wantsColour(io, io.stdout));
    const rows = status.gateways.map((g) => [
      g.id,
      g.agent === null ? p.red('does not run') : `process ${g.agent}`,
      g.tunnelsUp === g.tunnels ? `all ${g.tunnels}` : p.red(`${g.tunnelsUp} of ${g.tunnels}`),
      g.namespace,
    ]);
    const columns = [
      { title: 'gateway' },
      { title: 'agent' },
      { title: 'tunnels up' },
      { title: 'namespace' },
    ];
    const inForce = [...status.failures.map(failureText), ...status.faults.map(faultText)];
    const lines = [
      `lab ${status.lab}: network ${status.network}, plan ${status.planDigest.slice(0, 19)}`,
      underlayNotes[status.underlay],
      '',
      ...table(columns, rows, widthOf(io), 0, p.dim),
      '',
      inForce.length === 0 ? 'no failure in force' : p.bold('failures in force'),
      ...inForce.map((line) => `  ${line}`),
    ];
    io.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  });
}
