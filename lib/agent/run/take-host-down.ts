import { linuxHost, takeDown } from '../apply';
import { forgetGoodEndpoints, forgetRotation } from '../peers';
import { forgetApplied } from '../bundle/applied-record';
import { arrivalsName } from './earlier-arrivals';
import { forgetKeptDrains } from './kept-drains';
import { print, printError } from '../files/print';
import { routeTablesName } from '../../gateway/route-tables';
import { forgetStateFile } from '../files/state-file';

/** `dwcp-agent down`: everything that the agent made goes; the host may then join any network. */
export async function takeHostDown(options: {
  readonly runDir: string;
  readonly stateDir: string;
}): Promise<number> {
  const host = linuxHost({ folder: options.runDir });
  try {
    const report = await takeDown(host);
    if (report.failures.length > 0) {
      const { line, message } = report.failures[0];
      printError(`dwcp-agent: '${line ?? ''}' failed: ${message}; run it again`);
      return 1;
    }
    forgetApplied(options.stateDir, options.runDir);
    forgetGoodEndpoints(options.stateDir);
    forgetRotation(options.stateDir);
    forgetKeptDrains(options.stateDir);
    forgetStateFile(options.stateDir, arrivalsName);
    forgetStateFile(options.stateDir, routeTablesName);
    print(
      report.commands === 0
        ? 'nothing of the agent was here'
        : `removed what the agent made, in ${report.commands} steps`,
    );
    return 0;
  } finally {
    await host.close();
  }
}
