import { spawn, type StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import { signingChain, unsealText, type OpenedKeyFile } from '../net/keys';
import { secretVariables } from './hide-secrets';
import { KeysFailure, type KeysIo } from './keys-io';
import { openSignSocket } from './sign-socket';
import { signSocketVariable } from './sign-socket-name';
import { signaturesVariable } from './sign-stacks';

/** Terraform variable that takes the unsealing secrets: a JSON map from gateway id to base64. */
export const unsealVariable = 'dwcp_unseal_secrets';

const forwarded: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/**
 * Runs a command with every gateway's unsealing secret in its environment, and nowhere else. What it
 * synthesizes meanwhile is signed over a socket, so that it never sees the signing key. The passphrase is not
 * handed on. Signals go on to the command.
 *
 * @returns its exit code; 128 and the signal's number if a signal ended it.
 * @throws KeysFailure if it cannot be started.
 */
export async function runWithSecrets(
  opened: OpenedKeyFile,
  command: readonly string[],
  io: KeysIo,
): Promise<number> {
  const socket = signingChain(opened.file).length > 0 ? await openSignSocket(opened) : undefined;
  try {
    return await run(command, environment(opened, socket?.path, io), io);
  } finally {
    socket?.close();
  }
}

/** The variables that the command finds in its environment. */
function environment(opened: OpenedKeyFile, socket: string | undefined, io: KeysIo): NodeJS.ProcessEnv {
  const ids = Object.keys(opened.file.gateways).sort();
  const secrets = Object.fromEntries(ids.map((id) => [id, unsealText(opened, id)]));
  const kept = Object.entries(io.env).filter(([name]) => !secretVariables.includes(name));
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(kept),
    [`TF_VAR_${unsealVariable}`]: JSON.stringify(secrets),
  };
  if (socket === undefined) return env;
  env[signSocketVariable] = socket;
  // No digest of a manifest: a stack without signatures in its folder is refused before anything is applied.
  env[`TF_VAR_${signaturesVariable}`] ??= JSON.stringify({ 'not signed': '' });
  return env;
}

function run(command: readonly string[], env: NodeJS.ProcessEnv, io: KeysIo): Promise<number> {
  return new Promise((resolve, reject) => {
    const stdio: StdioOptions = [fd(io.stdin), fd(io.stdout), fd(io.stderr)];
    const child = spawn(command[0], command.slice(1), { cwd: io.cwd, env, stdio });
    child.stdout?.pipe(io.stdout, { end: false });
    child.stderr?.pipe(io.stderr, { end: false });
    child.stdin?.on('error', () => undefined);
    if (child.stdin) io.stdin.pipe(child.stdin);
    const forward = (signal: NodeJS.Signals) => {
      // A terminal sends Ctrl-C to the command as well; a second one makes Terraform give up its state.
      if (io.isTty && (signal === 'SIGINT' || signal === 'SIGQUIT')) return;
      child.kill(signal);
    };
    for (const signal of forwarded) process.on(signal, forward);
    const finish = () => {
      for (const signal of forwarded) process.off(signal, forward);
      if (child.stdin) io.stdin.unpipe(child.stdin);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      finish();
      reject(new KeysFailure(`error: cannot run '${command[0]}': ${error.code}`));
    });
    child.once('close', (code, signal) => {
      finish();
      resolve(code ?? 128 + constants.signals[signal!]);
    });
  });
}

/** The stream's own descriptor where it has one, so that the command sees the terminal; else a pipe. */
function fd(stream: object): number | 'pipe' {
  const own = (stream as { fd?: unknown }).fd;
  return typeof own === 'number' && own >= 0 ? own : 'pipe';
}
