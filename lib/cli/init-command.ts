import { existsSync, mkdirSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommanderError } from 'commander';
import { hasErrors, problem } from '../diagnostics';
import { idFromName, readDescription } from '../model';
import type { CliIo, ExitCode } from './io';
import { frameworks, projectFiles, type Framework } from './init-templates';
import { loadPlan } from '../project';
import { writeFault } from '../project/write-file';
import { hostOf } from './host';
import { printDiagnostics } from './print-diagnostics';

export interface InitOptions {
  readonly framework: Framework['name'];
  /** Default: the folder's name. */
  readonly network?: string;
}

/**
 * `dwcp init`: a project of its own folder, from a description to a deployment, that is a lock file and,
 * where a secret is at hand, a key file too. Nothing that is there is overwritten: with one of its files
 * there already, nothing is written.
 *
 * @param version of this package.
 */
export async function initCommand(
  io: CliIo,
  folder: string,
  options: InitOptions,
  version: string,
): Promise<ExitCode> {
  const root = path.resolve(io.cwd, folder);
  const network = options.network ?? (idFromName(path.basename(root)) || 'net');
  const framework = frameworks[options.framework];
  const files = projectFiles({ network, framework, version });
  const described = readDescription(files['network.yaml'], 'network.yaml');
  if (hasErrors(described.diagnostics)) {
    printDiagnostics(io, described.diagnostics);
    return 1;
  }
  const taken = [...Object.keys(files), `${network}.lock.json`, `${network}.keys.json`].filter((name) =>
    existsSync(path.join(root, name)),
  );
  if (taken.length > 0) {
    const message = `${path.join(folder, taken[0])} is there already; nothing was written`;
    printDiagnostics(io, [problem('file-exists', '', message, 'name an empty or a new folder')]);
    return 1;
  }
  const fault = writeAll(root, files);
  if (fault !== undefined) {
    const message = `${path.join(folder, fault.name)} cannot be written: ${fault.why}`;
    printDiagnostics(io, [problem('file-unwritable', '', message, 'check the folder and the disk')]);
    return 1;
  }
  const there: CliIo = { ...io, cwd: root };
  const { diagnostics, plan } = loadPlan(hostOf(there), 'network.yaml', { writeLock: true });
  if (!plan) {
    printDiagnostics(io, diagnostics);
    return 1;
  }
  for (const name of [...Object.keys(files), `${network}.lock.json`])
    io.stdout.write(`wrote ${path.join(folder, name)}\n`);
  const keys = await makeKeys(there);
  io.stdout.write(`\n${nextSteps(folder, network, framework, keys === 'made')}`);
  return keys === 'failed' ? 1 : 0;
}

/** Makes the keys where a secret is at hand; says why where it cannot. */
async function makeKeys(io: CliIo): Promise<'made' | 'none' | 'failed'> {
  if (io.env.DWCP_PASSPHRASE === undefined && io.env.DWCP_KEY_FILE === undefined) return 'none';
  const { keysEntry } = await import('./keys-entry.js');
  try {
    await keysEntry(io).exitOverride().parseAsync(['init', 'network.yaml'], { from: 'user' });
    return 'made';
  } catch (error) {
    if (error instanceof CommanderError) return 'failed';
    throw error;
  }
}

/** Writes every file, or none: what was begun is taken back. */
function writeAll(
  root: string,
  files: Readonly<Record<string, string>>,
): { readonly name: string; readonly why: string } | undefined {
  const undo: (() => void)[] = [];
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    try {
      const made = mkdirSync(path.dirname(file), { recursive: true });
      if (made !== undefined) undo.push(() => removeFolders(path.dirname(file), made));
      writeFileSync(file, text, { flag: 'wx' });
      undo.push(() => unlinkSync(file));
    } catch (error) {
      for (const back of undo.reverse()) back();
      return { name, why: writeFault(error) };
    }
  }
  return undefined;
}

/** Removes empty folders from the deepest up to the first that was made. */
function removeFolders(deepest: string, first: string): void {
  for (let folder = deepest; folder.startsWith(first); folder = path.dirname(folder)) rmdirSync(folder);
}

function nextSteps(folder: string, network: string, framework: Framework, withKeys: boolean): string {
  const steps = [
    ...(folder === '.' ? [] : [`cd ${folder}`]),
    'npm install',
    'git init',
    "git config merge.dwcp-lock.driver 'npx dwcp lock merge --deployed main %O %A %B %P'",
    'npx dwcp plan network.yaml',
    ...(withKeys ? [] : ['npx dwcp keys init network.yaml']),
    'npm test',
    'git add --all',
    `npx dwcp keys exec ${network}.keys.json -- npx ${framework.name} deploy`,
  ];
  return `Next (Node ${framework.node} or later, Terraform 1.11 or later):\n${steps.map((s) => `  ${s}\n`).join('')}`;
}
