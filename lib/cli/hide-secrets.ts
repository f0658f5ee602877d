import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** Environment variables that hold or name a secret; no program that we start gets them. */
export const secretVariables: readonly string[] = [
  'DWCP_PASSPHRASE',
  'DWCP_KEY_FILE',
  'DWCP_IDENTITY_FILE',
  'DWCP_NEW_PASSPHRASE',
  'DWCP_NEW_KEY_FILE',
];

/**
 * Takes the secrets out of this process's environment, so that no program that is started by it inherits
 * them, and dumps no core where it may come to hold one.
 *
 * @param command the first argument of the command line.
 * @returns the environment as it was.
 */
export function hideSecrets(command: string | undefined): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of secretVariables) Reflect.deleteProperty(process.env, name);
  const given = secretVariables.some((name) => env[name] !== undefined);
  if (given || ['keys', 'lab', 'ops'].includes(command ?? '')) dumpNoCore();
  return env;
}

/**
 * Linux: this process, and every program that it starts, dumps no core. Node cannot set resource limits,
 * but prlimit(1) of util-linux sets those of the process that started it. Where dumps go to a program, the
 * limit may not count (core(5)): so none of the memory is to be in a dump (coredump_filter, which children
 * inherit). That alone would not do, since registers still hold what was copied last. Swap and tracing are
 * the administrator's.
 */
function dumpNoCore(): void {
  if (process.platform !== 'linux') return;
  spawnSync('prlimit', ['--pid', String(process.pid), '--core=0:0'], { stdio: 'ignore' });
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // There is no /proc.
  }
}
