import { linuxHost, takeDown } from '../apply';
import { forgetApplied } from './applied-record';

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
      process.stderr.write(`dwcp-agent: '${line ?? ''}' failed: ${message}; run it again\n`);
      return 1;
    }
    forgetApplied(options.stateDir);
    process.stdout.write(
      report.commands === 0
        ? 'nothing of the agent was here\n'
        : `removed what the agent made, in ${report.commands} steps\n`,
    );
    return 0;
  } finally {
    await host.close();
  }
}
