import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { placeholderOf, tryValueOf } from '../../lib/cli/completion-model';
import { keysEntry } from '../../lib/cli/keys-entry';
import { buildProgram } from '../../lib/cli/program';
import { capturedIo, runCaptured } from '../golden/captured-io';

/** A shell of this machine; without it its tests are skipped, and the reason is printed. */
function describeIn(shell: string, body: () => void): void {
  const found = spawnSync(shell, ['-c', 'exit 0'], { stdio: 'ignore' });
  if (found.error === undefined) return describe(`completion in ${shell}`, body);
  const reason = `skipped: this machine has no ${shell}`;
  process.stderr.write(`${reason}\n`);
  describe.skip(`completion in ${shell} (${reason})`, body);
}

const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-completion-'));
writeFileSync(path.join(folder, 'net one.yaml'), '');
writeFileSync(path.join(folder, 'net.lock.json'), '');
mkdirSync(path.join(folder, 'nest'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function scriptOf(shell: string): Promise<string> {
  const { code, stdout, stderr } = await runCaptured(['completion', shell], { cwd: folder });
  expect([code, stderr]).toEqual([0, '']);
  const file = path.join(folder, `script.${shell}`);
  writeFileSync(file, stdout);
  return file;
}

/** Every command with what the shell should offer, by what stands on the line; the last word is completed. */
const lines: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['pl'], ['plan']],
  [
    ['lab', 'd'],
    ['down', 'drill'],
  ],
  [['lock', ''], ['merge']],
  [
    ['keys', 'r'],
    ['reseal', 'rotate'],
  ],
  [['plan', '--fo'], ['--format']],
  [
    ['plan', '--format', ''],
    ['gexf', 'graphml', 'json', 'markdown', 'text'],
  ],
  [
    ['explain', 'a', 'b', 'c', '--class', 'b'],
    ['best-effort', 'bulk'],
  ],
  [
    ['completion', ''],
    ['bash', 'fish', 'zsh'],
  ],
  [
    ['help', 'co'],
    ['codes', 'completion'],
  ],
  [['lab', 'drill', '--only', 'l'], ['links']],
  [
    ['plan', 'net'],
    ['net one.yaml', 'net.lock.json'],
  ],
  [
    ['plan', '--out', 'net'],
    ['net one.yaml', 'net.lock.json'],
  ],
  [
    ['diff', 'plan', 'net'],
    ['net one.yaml', 'net.lock.json'],
  ],
  [['lab', 'up', '--directory', 'ne'], ['nest']],
];
const titled = lines.map(([words, offered]) => [`dwcp ${words.join(' ')}`, words, offered] as const);

describeIn('bash', () => {
  async function offered(words: readonly string[]): Promise<string[]> {
    const program = [
      `source '${await scriptOf('bash')}'`,
      'COMP_WORDS=(dwcp "$@")',
      'COMP_CWORD=$#',
      '_dwcp',
      '(( ${#COMPREPLY[@]} == 0 )) || printf "%s\\n" "${COMPREPLY[@]}"',
    ].join('\n');
    const run = spawnSync('bash', ['-c', program, 'bash', ...words], { cwd: folder, encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([0, '']);
    return run.stdout.split('\n').filter(Boolean).sort();
  }

  it.each(titled)('%s', async (_title, words, wanted) => {
    // A folder begins like the files.
    const found = (await offered(words)).filter(
      (name) => wanted.includes(name) || !/^(nest|script)/.test(name),
    );
    expect(found).toEqual(wanted);
  });

  it('offers files behind an option that bash parted at its equals sign', async () => {
    expect(await offered(['plan', '--out', '=', 'net.'])).toEqual(['net.lock.json']);
    expect(await offered(['plan', '--format', '=', 'm'])).toEqual(['markdown']);
    expect(await offered(['plan', '--out', '=', 'x', '--al'])).toEqual(['--all']);
  });

  it('offers every command and every option of each', async () => {
    for (const command of everyCommand()) {
      const words = wordsOf(command);
      const names = command.commands.map((c) => c.name());
      if (names.length > 0) expect(await offered([...words, ''])).toEqual(names.sort());
      const flags = command.options.map((o) => o.long).filter((flag) => typeof flag === 'string');
      expect(await offered([...words, '--'])).toEqual([...new Set([...flags, '--help'])].sort());
    }
  });
});

describeIn('fish', () => {
  it.each(titled)('%s', async (_title, words, wanted) => {
    const line = ['dwcp', ...words].join(' ');
    const program = `source '${await scriptOf('fish')}'; complete -C '${line}'`;
    const around = { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder } } as const;
    const run = spawnSync('fish', ['-N', '-c', program], around);
    expect([run.status, run.stderr]).toEqual([0, '']);
    const found = run.stdout.split('\n').map((l) => l.split('\t')[0].replace(/\/$/, ''));
    const names = found.map((name) => name.replace(/\\ /g, ' ')).filter(Boolean);
    expect(names.filter((name) => wanted.includes(name) || !/^(nest|script)/.test(name)).sort()).toEqual(
      wanted,
    );
  });
});

describeIn('zsh', () => {
  it('is a script that zsh can read', async () => {
    const run = spawnSync('zsh', ['-f', '-n', await scriptOf('zsh')], { encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([0, '']);
  });

  it('hands the options of the command on the line to _arguments', async () => {
    const program = [
      'compdef() { : }',
      '_arguments() { print -rl -- "$@" }',
      '_describe() { print -rl -- "${(@P)2}" }',
      `source '${await scriptOf('zsh')}'`,
      'words=(dwcp lab drill "")',
      'CURRENT=4',
      '_dwcp',
      'words=(dwcp lab "")',
      'CURRENT=3',
      '_dwcp',
    ].join('\n');
    const run = spawnSync('zsh', ['-f', '-c', program], { encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toContain('(--only)--only[these alone]:value:(links regions brownouts)\n');
    expect(run.stdout).toContain('status:gateways, agents, tunnels, and failures in force\n');
  });
});

describe('what completes a value', () => {
  it('is known for the name of every argument and option', () => {
    const unknown = everyCommand().flatMap((command) => {
      const values = [
        ...command.registeredArguments.map((a) => [a.name(), a.argChoices] as const),
        ...command.options.map((o) => [placeholderOf(o), o.argChoices] as const),
      ];
      return values
        .filter(([name, choices]) => name !== undefined && !tryValueOf(name, choices))
        .map(([name]) => `${wordsOf(command).join(' ')}: ${name}`);
    });
    expect(unknown).toEqual([]);
  });

  it('is asked of shells that there are', async () => {
    const { code, stderr } = await runCaptured(['completion', 'csh'], { cwd: folder });
    expect([code, stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish')]);
  });
});

function everyCommand(): Command[] {
  const { io } = capturedIo({ cwd: folder });
  const program = buildProgram(io, () => undefined);
  program.addCommand(keysEntry(io));
  const below = (command: Command): Command[] => [command, ...command.commands.flatMap(below)];
  return below(program);
}

function wordsOf(command: Command): string[] {
  return command.parent ? [...wordsOf(command.parent), command.name()] : [];
}
