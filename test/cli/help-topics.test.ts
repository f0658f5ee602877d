import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { examples } from '../../lib/cli/examples';
import { exitCodesMarkdown } from '../../lib/cli/exit-codes';
import { codesMarkdown } from '../../lib/cli/help-topics';
import { keysEntry } from '../../lib/cli/keys-entry';
import { buildProgram } from '../../lib/cli/program';
import { codes } from '../../lib/diagnostics/codes';
import { capturedIo, runCaptured, type Surroundings } from '../golden/captured-io';

const root = path.join(__dirname, '..', '..');
const run = (line: string, around: Partial<Surroundings> = {}) =>
  runCaptured(line.split(' ').filter(Boolean), { cwd: root, ...around });

function leaves(): { readonly path: string; readonly command: Command }[] {
  const { io } = capturedIo({ cwd: root });
  const program = buildProgram(io, () => undefined);
  program.addCommand(keysEntry(io));
  const below = (command: Command, names: readonly string[]): ReturnType<typeof leaves> =>
    command.commands.length === 0
      ? [{ path: names.join(' '), command }]
      : command.commands.flatMap((c) => below(c, [...names, c.name()]));
  return below(program, []);
}

describe('examples', () => {
  it('stand under the help of every command, and of no other', () => {
    expect(Object.keys(examples).sort()).toEqual(
      leaves()
        .map((leaf) => leaf.path)
        .sort(),
    );
  });

  it.each(leaves().map((leaf) => [leaf.path, leaf] as const))(
    'dwcp %s: each is right',
    async (name, leaf) => {
      const { stdout } = await run(`${name} --help`);
      for (const line of examples[name]) {
        expect(stdout).toContain(`\n  ${line}\n`);
        // The command itself, without what is piped into it or what it is piped into.
        const own = line.split(' | ').filter((part) => part.includes(`dwcp ${name}`));
        expect(own).toHaveLength(1);
        const words = own[0].split(' > ')[0].replace(/\)$/, '').split(' ');
        const end = words.includes('--') ? words.indexOf('--') : words.length;
        const flags = words.slice(0, end).filter((word) => word.startsWith('--'));
        const known = leaf.command.options.map((option) => option.long);
        expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
      }
    },
  );
});

describe('standard input', () => {
  it('is named in the help of every command that reads a description or plan', () => {
    const read = leaves().flatMap(({ path: name, command }) =>
      command.registeredArguments
        .filter((a) => ['description', 'plan', 'network', 'before', 'after'].includes(a.name()))
        .map((a) => [`${name} ${a.name()}`, a.description] as const),
    );
    expect(read.map(([name]) => name)).toHaveLength(15);
    for (const [name, about] of read)
      expect([name, about]).toEqual([name, expect.stringContaining('; - for')]);
  });
});

describe('dwcp help', () => {
  it('shows the help of any command, as its --help does', async () => {
    for (const name of ['plan', 'lab', 'lab up', 'lock merge', 'keys', 'keys rotate']) {
      expect(await run(`help ${name}`)).toEqual(await run(`${name} --help`));
    }
    expect((await run('help')).stdout).toContain('dwcp help exit-codes');
    expect(await run('help nothing')).toMatchObject({ code: 2, stdout: '' });
  });

  it('is as wide as the terminal, from 60 to 110 columns, else 80', async () => {
    const widest = async (around: Partial<Surroundings>) =>
      Math.max(...(await run('lab drill --help', around)).stdout.split('\n').map((l) => l.length));
    const at = (columns: number) => widest({ stdoutTerminal: true, columns });
    expect(await widest({})).toBeLessThanOrEqual(80);
    for (const columns of [60, 80, 100]) {
      const most = await at(columns);
      expect([columns, most > columns - 12, most <= columns]).toEqual([columns, true, true]);
    }
    expect(await at(40)).toBe(await at(60));
    expect(await at(300)).toBe(await at(110));
    expect(await at(110)).toBeGreaterThan(await at(80));
  });

  it('lists every code with its meaning, at 60 columns too', async () => {
    for (const columns of [60, 110]) {
      const { code, stdout } = await run('help codes', { stdoutTerminal: true, columns });
      expect(code).toBe(0);
      for (const name of Object.keys(codes)) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
      expect(stdout.split('\n').filter((line) => line.length > columns)).toEqual([]);
    }
  });

  it('explains one code: what it means, and what to do', async () => {
    const { code, stdout } = await run('help codes block-overlap');
    expect([code, stdout]).toEqual([
      0,
      'block-overlap\n  Two blocks or pools overlap.\n  next: Move one of them.\n  found in: Descriptions\n',
    ]);
    expect(await run('help codes block-overlpa')).toEqual({
      code: 2,
      stdout: '',
      stderr: "error: there is no code 'block-overlpa'\n  next: did you mean 'block-overlap'?\n",
    });
  });

  it('lists the exit codes that docs/commands.md prints', async () => {
    const { stdout } = await run('help exit-codes');
    expect(stdout).toMatch(/^diff +no change +an error, or wrong usage +changes$/m);
    expect(readFileSync(path.join(root, 'docs', 'commands.md'), 'utf8')).toContain(
      `\n${exitCodesMarkdown()}\n`,
    );
  });

  it('has its table of codes in docs/codes.md', () => {
    const file = path.join(root, 'docs', 'codes.md');
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, codesMarkdown());
    expect(readFileSync(file, 'utf8')).toBe(codesMarkdown());
  });
});

describe('dwcp version', () => {
  it('says which formats of files it reads and writes', async () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    const { stdout } = await run('version --json');
    expect(JSON.parse(stdout)).toEqual({
      version,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      formats: {
        plan: { reads: [1], writes: 1 },
        lock: { reads: [1, 2], writes: 2 },
        keys: { reads: [1, 2], writes: 2 },
      },
    });
    expect((await run('version')).stdout).toMatch(
      /^dwcp [\d.]+, Node [\d.]+, \w+ \w+\n {2}plan {2}format 1\n/,
    );
  });
});

describe('colour', () => {
  const coloured = async (around: Partial<Surroundings>) =>
    (await run('diff nowhere.yaml nowhere.yaml', around)).stderr.includes('\u001b[');

  it('stands on terminals alone, unless NO_COLOR or FORCE_COLOR say otherwise', async () => {
    const on = { stderrTerminal: true };
    expect(await coloured({})).toBe(false);
    expect(await coloured(on)).toBe(true);
    expect(await coloured({ ...on, env: { TERM: 'dumb' } })).toBe(false);
    expect(await coloured({ ...on, env: { NO_COLOR: '1' } })).toBe(false);
    expect(await coloured({ ...on, env: { NO_COLOR: '' } })).toBe(true);
    expect(await coloured({ env: { FORCE_COLOR: '1' } })).toBe(true);
    expect(await coloured({ env: { FORCE_COLOR: '' } })).toBe(true);
    expect(await coloured({ ...on, env: { FORCE_COLOR: '0' } })).toBe(false);
    expect(await coloured({ ...on, env: { FORCE_COLOR: 'false' } })).toBe(false);
    // As Node decides it.
    expect(await coloured({ env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).toBe(true);
  });
});
