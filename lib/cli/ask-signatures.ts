import { spawnSync } from 'node:child_process';
import { signSocketVariable } from './sign-socket-name';

/** Node's own client, since synthesis cannot wait for anything asynchronous. */
const client = `
const { readFileSync, writeSync } = require('node:fs');
const socket = require('node:net').connect({ path: process.argv[1], allowHalfOpen: true });
socket.on('error', ({ code }) => { writeSync(2, code); process.exit(1); });
socket.on('data', (part) => { for (let at = 0; at < part.length; ) at += writeSync(1, part, at); });
socket.end(readFileSync(0));
`;

/**
 * Asks the run that deploys (`dwcp keys exec`) to sign.
 *
 * @returns signatures in the order of the texts; undefined: nobody there signs, as this is no deployment.
 * @throws Error where somebody is there and does not sign, with what it said.
 */
export function askSignatures(
  texts: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] | undefined {
  const socket = env[signSocketVariable];
  if (!socket || texts.length === 0) return undefined;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', client, socket], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    timeout: 60_000,
  });
  if (status !== 0)
    throw new Error(`${signSocketVariable} names a socket that does not answer: ${stderr.trim()}`);
  const answer = JSON.parse(stdout) as { signatures?: readonly string[]; error?: string };
  if (!answer.signatures) throw new Error(`not signed: ${answer.error}`);
  return answer.signatures;
}
