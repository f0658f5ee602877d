import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * A node program that runs `dwcp keys` of this working tree as a process of its own, for what only a
 * process shows: terminals, signals, kills. Loads the sources through swc, as the tests do. `network.json`
 * stands for a description.
 */
export function keysProgram(folder: string, body = main): string {
  const file = join(folder, 'keys-program.cjs');
  writeFileSync(file, `${hook}\n${body}`);
  return file;
}

/** Imports a source file inside a program. */
export function source(path: string): string {
  return `require(${JSON.stringify(resolve(__dirname, '../..', path))})`;
}

export function start(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): ChildProcess {
  return spawn(process.execPath, [program, ...args], { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
}

const hook = `const fs = require('fs');\nrequire(${JSON.stringify(resolve(__dirname, '../support/register-swc.js'))});`;

const main = `const { keysCommand } = ${source('lib/cli/keys-command.ts')};
const { stdin, stdout, stderr, env } = process;
const loadGateways = (path) => JSON.parse(fs.readFileSync(path, 'utf8'));
const isTty = Boolean(stdin.isTTY && stderr.isTTY);
keysCommand({ stdin, stdout, stderr, env, cwd: process.cwd(), isTty, loadGateways }, { n: 1024, r: 1, p: 1 })
  .parseAsync(process.argv.slice(2), { from: 'user' })
  .catch((error) => { process.exitCode = error.exitCode ?? 70; if (error.exitCode === undefined) throw error; });`;
