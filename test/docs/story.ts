import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { runCaptured } from '../golden/captured-io';
import { shellWords } from '../golden/shell-words';
import { notRun } from './not-run';
import { root, type Page } from './pages';

/** A command of an `sh` block: one line, its comment cut off. */
export interface Command {
  readonly text: string;
  /** What it ends with: 0 unless its comment says `exit <n>`. */
  readonly code: number;
}

/** The commands of an `sh` block; a line that ends in a backslash goes on. */
export function commandsOf(block: string): Command[] {
  return block
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => /^((?:[^'"#]|'[^']*'|"[^"]*"|(?<! )#)*?)\s*(?:#(.*))?$/.exec(line))
    .map((found) => ({
      text: (found?.[1] ?? '').trim(),
      code: Number(/\bexit (\d)/.exec(found?.[2] ?? '')?.[1] ?? 0),
    }))
    .filter(({ text }) => text !== '');
}

/** What a page's story came to. */
export interface Told {
  /** Commands that were run. */
  readonly run: readonly string[];
  /** Commands of the list of `not-run.ts`, each with its reason. */
  readonly skipped: readonly (readonly [command: string, reason: string])[];
  readonly faults: readonly string[];
  /** What was printed where a `text` block shows it, by the block's line. */
  readonly shown: ReadonlyMap<number, string>;
}

const plainTools = /^(git|cp|mv|mkdir|rm|echo|sed|cat|head) /;

/**
 * Runs a page from top to bottom in an empty folder. YAML blocks are files by their first line: `# net.yaml`
 * is one, `# net.yaml, in part` is merged into it (maps by key, lists behind one another), and
 * `# net.yaml (refused)` has to be refused. `sh` blocks are run; a `text` block behind one shows lines of
 * what it printed, in order, `...` for others between them.
 */
export async function tell(page: Page): Promise<Told> {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-docs-'));
  const home = path.join(folder, 'home');
  const run: string[] = [];
  const skipped: [string, string][] = [];
  const faults: string[] = [];
  const shown = new Map<number, string>();
  const env: Record<string, string> = {};
  let cwd = path.join(folder, 'work');
  let printed: string | undefined;
  mkdirSync(cwd);
  // What a checkout has, and the package too.
  for (const examples of ['stacks/examples', 'docs/examples'])
    cpSync(path.join(root, examples), path.join(cwd, examples), { recursive: true });
  makeHome(home);

  async function runOne({ text, code }: Command, at: string): Promise<void> {
    const listed = notRun.find(({ pattern }) => pattern.test(text));
    if (listed) {
      skipped.push([text, listed.reason]);
      faults.push(...(await unknownOptions(text)).map((fault) => `${at}: ${text}: ${fault}`));
      return;
    }
    const words = shellWords(text);
    if (words[0] === 'cd') {
      cwd = path.resolve(cwd, words[1]);
      return;
    }
    const set = /^export (\w+)='?([^']*)'?$/.exec(text);
    if (set) {
      env[set[1]] = set[2];
      return;
    }
    let ended: number;
    let output: string;
    const ours = words[0] === 'npx' && words[1] === 'dwcp' ? words.slice(2) : undefined;
    if (ours) {
      const into = ours.indexOf('>');
      const args = into < 0 ? ours : ours.slice(0, into);
      const result = await runCaptured(args, { cwd, env });
      if (into >= 0) writeFileSync(path.resolve(cwd, ours[into + 1]), result.stdout);
      ended = result.code;
      output = (into < 0 ? result.stdout : '') + result.stderr;
    } else if (plainTools.test(text)) {
      const paths = { HOME: home, PATH: `${path.join(home, 'bin')}:${process.env.PATH}` };
      const result = spawnSync('bash', ['-c', text], {
        cwd,
        encoding: 'utf8',
        env: { ...paths, ...gitEnv, ...env },
      });
      ended = result.status ?? -1;
      output = result.stdout + result.stderr;
    } else {
      faults.push(`${at}: ${text}: neither run nor in the list of what is not`);
      return;
    }
    run.push(text);
    printed = (printed ?? '') + output;
    if (ended !== code) faults.push(`${at}: ${text}: ended with ${ended}, not ${code}\n${output}`);
  }

  try {
    for (const block of page.blocks) {
      const at = `${page.name}:${block.line}`;
      if (block.language === 'sh') {
        printed = undefined;
        for (const command of commandsOf(block.text)) await runOne(command, at);
      } else if (block.language === 'text') {
        const missing = printed === undefined ? 'no command above it' : firstMissing(block.text, printed);
        if (printed !== undefined) shown.set(block.line, printed);
        if (missing !== undefined) faults.push(`${at}: not printed: ${missing}\n${printed}`);
      } else if (block.language === 'yaml') {
        const fault = await takeYaml(block.text, cwd, env);
        if (fault !== undefined) faults.push(`${at}: ${fault}`);
      }
    }
    return { run, skipped, faults, shown };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const gitEnv = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'reader',
  GIT_AUTHOR_EMAIL: 'reader@example.net',
  GIT_COMMITTER_NAME: 'reader',
  GIT_COMMITTER_EMAIL: 'reader@example.net',
};

/** A home with an `npx` that knows `dwcp` alone, for what git starts. */
function makeHome(home: string): void {
  mkdirSync(path.join(home, 'bin'), { recursive: true });
  const program = [path.join('test', 'support', 'register-swc.js'), path.join('lib', 'cli', 'main.ts')];
  const [register, main] = program.map((name) => `'${path.join(root, name)}'`);
  const npx = path.join(home, 'bin', 'npx');
  writeFileSync(
    npx,
    `#!/bin/sh\n[ "$1" = dwcp ] || exit 9\nshift\nexec '${process.execPath}' -r ${register} ${main} "$@"\n`,
  );
  chmodSync(npx, 0o755);
}

/** The first line that is not printed after those before it; undefined if all are. */
export function firstMissing(shown: string, printed: string): string | undefined {
  const lines = linesOf(printed);
  let next = 0;
  for (const line of linesOf(shown)) {
    if (line === '...') continue;
    const found = lines.indexOf(line, next);
    if (found < 0) return line;
    next = found + 1;
  }
  return undefined;
}

/** Digests and keys alone differ from run to run, since keys are drawn. */
const linesOf = (text: string) =>
  text
    .replace(/sha256:[0-9a-f]{12}/g, 'sha256:...')
    .replace(/[A-Za-z0-9+/]{43}=/g, 'a key')
    .replace(/\b(epoch|secretEpoch:) \d+|(?<=→ )\d{6,10}\b/g, 'an epoch')
    .split('\n')
    .map((line) => line.trimEnd());

/** Writes or merges a YAML block, and checks it; what is wrong with it, if anything. */
async function takeYaml(text: string, cwd: string, env: Record<string, string>): Promise<string | undefined> {
  const head = /^# ([\w./-]+\.ya?ml)(, in part)?( \(refused\))?$/.exec(text.split('\n')[0]);
  if (!head) return 'its first line names no file';
  const [, name, part, refused] = head;
  const file = path.resolve(cwd, name);
  mkdirSync(path.dirname(file), { recursive: true });
  const whole = part ? stringify(merge(parse(readFileSync(file, 'utf8')), parse(text))) : `${text}\n`;
  writeFileSync(file, whole);
  const { code, stdout, stderr } = await runCaptured(['check', name], { cwd, env });
  return code === (refused ? 1 : 0) ? undefined : `${name} is checked with ${code}\n${stdout}${stderr}`;
}

function merge(under: unknown, over: unknown): unknown {
  if (Array.isArray(under) && Array.isArray(over)) return [...(under as unknown[]), ...(over as unknown[])];
  if (!isMap(under) || !isMap(over)) return over;
  return {
    ...under,
    ...Object.fromEntries(Object.entries(over).map(([key, value]) => [key, merge(under[key], value)])),
  };
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

let agentHelp: Map<string, string> | undefined;

/** Options of a command that is not run, which its help does not name. */
async function unknownOptions(text: string): Promise<string[]> {
  const own = /(?:^|npx )(dwcp|dwcp-agent) ([^|]*?)(?: -- .*)?$/.exec(text);
  if (!own) return [];
  const words = shellWords(own[2]);
  const depth = own[1] === 'dwcp' && /^(lab|keys|lock|ops)$/.test(words[0]) ? 2 : 1;
  const sub = words.slice(0, depth);
  const help = own[1] === 'dwcp' ? await dwcpHelp(sub) : agentHelpOf(sub[0]);
  return words
    .filter((word) => /^--\w/.test(word) && !help.includes(word))
    .map((word) => `no option ${word}`);
}

async function dwcpHelp(sub: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCaptured([...sub, '--help'], { cwd: root });
  if (code !== 0 || !stdout.startsWith(`Usage: dwcp ${sub.join(' ')} `))
    throw new Error(`no command ${sub.join(' ')}: ${stderr}`);
  return stdout;
}

function agentHelpOf(sub: string): string {
  agentHelp ??= new Map();
  const known = agentHelp.get(sub);
  if (known !== undefined) return known;
  const register = path.join(root, 'test', 'support', 'register-swc.js');
  const main = path.join(root, 'lib', 'agent', 'main.ts');
  const help = execFileSync(process.execPath, ['-r', register, main, sub, '--help'], { encoding: 'utf8' });
  if (!help.startsWith(`Usage: dwcp-agent ${sub} `)) throw new Error(`dwcp-agent has no command ${sub}`);
  agentHelp.set(sub, help);
  return help;
}
