import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildProgram } from '../../lib/cli/program';
import { progressLine } from '../../lib/cli/progress';
import { capturedIo, runCaptured, type CapturedRun, type Surroundings } from '../golden/captured-io';

const good = `network: demo
regions:
  dublin: { place: eu-west-1 }
  virginia: { place: us-east-1 }
links:
  - between: [dublin, virginia]
`;
const larger =
  good.replace('links:', '  tokyo: { place: ap-northeast-1 }\nlinks:') + '  - between: [dublin, tokyo]\n';
const commands = ['check', 'plan', 'explain', 'diff', 'schema', 'lock', 'lab', 'keys'];
const escape = '\u001b';

let cwd: string;

beforeEach(() => {
  cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'dwcp-cli-')));
  writeFileSync(path.join(cwd, 'network.yaml'), good);
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function run(line: string, around: Partial<Surroundings> = {}): Promise<CapturedRun> {
  return runCaptured(line.split(' ').filter(Boolean), { cwd, ...around });
}

const files = () => readdirSync(cwd).sort();
const text = (name: string) => readFileSync(path.join(cwd, name), 'utf8');

describe('help', () => {
  /** Pages of a command and of all below it, by what they are asked for with. */
  async function pagesBelow(line: string): Promise<(readonly [string, CapturedRun])[]> {
    const page = await run(`${line} --help`);
    const list = /^Commands:\n((?: .*\n)+)/m.exec(page.stdout)?.[1] ?? '';
    const names = [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name);
    const below = names.filter((name) => name !== 'help').map((name) => pagesBelow(`${line} ${name}`));
    return [[line, page], ...(await Promise.all(below)).flat()];
  }

  it('describes every argument and option of every command in 80 columns', async () => {
    const pages = await pagesBelow('');
    const lines = pages.map(([line]) => line.trim());
    for (const known of [...commands, 'lock merge', 'keys rotate', 'lab fault', 'ops drain'])
      expect(lines).toContain(known);
    for (const [line, { code, stdout, stderr }] of pages) {
      expect([line, code, stderr]).toEqual([line, 0, '']);
      expect(stdout).toMatch(/^Usage: dwcp /);
      expect([line, stdout.split('\n').filter((l) => l.length > 80)]).toEqual([line, []]);
    }
  });

  it('fits a narrow terminal', async () => {
    const { stdout } = await run('plan --help', { stdoutTerminal: true, columns: 60 });
    expect(stdout.split('\n').filter((l) => l.length > 60)).toEqual([]);
  });

  it('names every command, and is what the bare program prints', async () => {
    const { code, stdout } = await run('');
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    expect(stdout).toBe((await run('--help')).stdout);
  });

  it('shows the commands of keys whichever way one asks', async () => {
    for (const line of ['help keys', 'keys --help']) expect((await run(line)).stdout).toContain('rotate');
  });

  it('describes every command and option', () => {
    const program = buildProgram(capturedIo({ cwd }).io, () => undefined);
    for (const command of program.commands) {
      expect([command.name(), command.description() === '']).toEqual([command.name(), false]);
      for (const option of command.options)
        expect([option.flags, option.description === '']).toEqual([option.flags, false]);
    }
  });

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(
      readFileSync(path.join(__dirname, '..', '..', 'package.json'), 'utf8'),
    ) as { version: string };
    expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('exit codes', () => {
  beforeEach(() => {
    writeFileSync(path.join(cwd, 'bad.yaml'), good.replace('eu-west-1', 'eu-west-99'));
    writeFileSync(path.join(cwd, 'larger.yaml'), larger);
  });

  it.each([
    ['check network.yaml', 0],
    ['check bad.yaml', 1],
    ['check --json bad.yaml', 1],
    ['check', 2],
    ['check --what network.yaml', 2],
    ['plan network.yaml', 0],
    ['plan bad.yaml', 1],
    ['explain network.yaml dublin virginia', 0],
    ['explain network.yaml dublin nowhere', 1],
    ['explain network.yaml dublin', 2],
    ['diff network.yaml network.yaml', 0],
    ['diff network.yaml larger.yaml', 2],
    ['diff --json network.yaml larger.yaml', 2],
    ['diff network.yaml bad.yaml', 1],
    ['diff network.yaml', 1],
    ['schema', 0],
    ['schema extra', 2],
    ['unknown', 2],
    ['keys show gone.keys.json', 1],
    ['keys unknown', 2],
  ])('dwcp %s ends with %i', async (line, code) => {
    expect((await run(line)).code).toBe(code);
  });

  it('a pair without a route is explained, and is no error', async () => {
    writeFileSync(path.join(cwd, 'network.yaml'), good + '    drained: true\n');
    const { code, stdout } = await run('explain network.yaml dublin virginia');
    expect([code, stdout.includes('no route')]).toEqual([0, true]);
  });
});

describe('streams', () => {
  it.each(['check', 'plan', 'schema', 'explain --class bulk', 'diff'])(
    'dwcp %s prints JSON alone on standard output',
    async (command) => {
      writeFileSync(path.join(cwd, 'larger.yaml'), larger);
      const rest = {
        check: 'network.yaml',
        plan: 'network.yaml',
        schema: '',
        diff: 'network.yaml larger.yaml',
      }[command];
      const line =
        command === 'schema' ? 'schema' : `${command} --json ${rest ?? 'network.yaml dublin virginia'}`;
      const { stdout } = await run(line);
      expect(JSON.parse(stdout)).toBeInstanceOf(Object);
      expect(stdout.endsWith('\n')).toBe(true);
    },
  );

  it('errors stand on standard error, and no half report on standard output', async () => {
    writeFileSync(path.join(cwd, 'network.yaml'), good.replace('eu-west-1', 'eu-west-99'));
    for (const line of [
      'check network.yaml',
      'plan network.yaml',
      'plan --json network.yaml',
      'explain network.yaml a b',
    ]) {
      const { stdout, stderr } = await run(line);
      expect([line, stdout]).toEqual([line, '']);
      expect(stderr).toContain('error[unknown-place] regions.dublin.place');
    }
  });

  it('warnings stand in the text report, and on standard error beside JSON and Markdown', async () => {
    expect((await run('plan network.yaml')).stdout).toContain('keys-missing');
    await run('plan network.yaml');
    expect((await run('plan network.yaml')).stderr).not.toContain('warning');
    for (const format of ['json', 'markdown']) {
      expect((await run(`plan --format ${format} network.yaml`)).stderr).toContain('warning[keys-missing]');
    }
  });

  const lines = [
    'check network.yaml',
    'plan network.yaml',
    'explain network.yaml dublin virginia',
    'diff network.yaml larger.yaml',
    'check bad.yaml',
  ];

  it.each(lines)(
    'dwcp %s is coloured on a terminal alone, never with NO_COLOR or a dumb one',
    async (line) => {
      writeFileSync(path.join(cwd, 'larger.yaml'), larger);
      writeFileSync(path.join(cwd, 'bad.yaml'), good.replace('eu-west-1', 'eu-west-99'));
      await run('plan network.yaml');
      const terminals = { stdoutTerminal: true, stderrTerminal: true, columns: 100 };
      const shown = async (around: Partial<Surroundings>) => {
        const { stdout, stderr } = await run(line, around);
        return stdout + stderr;
      };
      const plain = await shown({});
      expect(plain).not.toContain(escape);
      expect(await shown({ ...terminals, env: { NO_COLOR: '1' } })).toBe(plain);
      expect(await shown({ ...terminals, env: { TERM: 'dumb' } })).toBe(plain);
      const coloured = await shown({ ...terminals, env: { NO_COLOR: '' } });
      // eslint-disable-next-line no-control-regex -- SGR sequences start with the escape character.
      expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain);
      expect(coloured).toContain(escape);
    },
  );

  it('the report is as wide as the terminal, and 100 columns elsewhere', async () => {
    const widest = (s: string) => Math.max(...s.split('\n').map((l) => [...l].length));
    const env = { NO_COLOR: '1' };
    const of = async (columns: number) =>
      widest((await run('plan network.yaml', { stdoutTerminal: true, columns, env })).stdout);
    expect(widest((await run('plan network.yaml')).stdout)).toBeLessThanOrEqual(100);
    expect(await of(120)).toBeGreaterThan(100);
    expect(await of(400)).toBeLessThanOrEqual(140);
    for (const columns of [60, 80, 120]) expect(await of(columns)).toBeLessThanOrEqual(columns);
    // Into a file or a pipe COLUMNS says how wide it is to be.
    const piped = async (text: string) =>
      widest((await run('plan network.yaml', { env: { COLUMNS: text } })).stdout);
    expect(await piped('80')).toBeLessThanOrEqual(80);
    expect(await piped('120')).toBeGreaterThan(100);
    expect(await piped('wide')).toBeLessThanOrEqual(100);
  });
});

describe('progress', () => {
  function clocked(terminal: boolean) {
    const { io, texts } = capturedIo({ cwd, stderrTerminal: terminal });
    let now = 5000;
    const line = progressLine(io, () => now);
    return { line, shown: () => texts().stderr, pass: (ms: number) => void (now += ms) };
  }

  it('shows nothing within the first second', () => {
    const { line, shown, pass } = clocked(true);
    line.step('routing', 1, 10);
    pass(999);
    line.step('routing', 5, 10);
    line.end();
    expect(shown()).toBe('');
  });

  it('says what is done after a second, redraws ten times a second at most, and takes its line away', () => {
    const { line, shown, pass } = clocked(true);
    pass(1000);
    line.step('routing', 3, 10);
    pass(50);
    line.step('routing', 4, 10);
    pass(50);
    line.step('pricing');
    line.end();
    line.end();
    expect(shown()).toBe(`\r${escape}[Krouting 30 %\r${escape}[Kpricing\r${escape}[K`);
  });

  it('is silent where standard error is no terminal', () => {
    const { line, shown, pass } = clocked(false);
    pass(5000);
    line.step('routing', 1, 2);
    line.end();
    expect(shown()).toBe('');
  });
});

describe('planning again', () => {
  const drained = larger.replace(
    '  - between: [dublin, tokyo]',
    '  - between: [dublin, tokyo]\n  - between: [tokyo, virginia]',
  );

  beforeEach(async () => {
    writeFileSync(path.join(cwd, 'network.yaml'), drained);
    await run('plan network.yaml --out plan.json');
  });

  it('from a plan of the same description gives that plan, byte for byte, and says so', async () => {
    const { code, stdout, stderr } = await run('plan network.yaml --previous plan.json --json');
    expect(code).toBe(0);
    expect(stdout).toBe(text('plan.json'));
    expect(stderr).toContain('nothing changed: this is the plan in plan.json\n');
  });

  it('says what moved, what was kept and why, and is accepted with the plan before', async () => {
    writeFileSync(
      path.join(cwd, 'network.yaml'),
      drained.replace('[dublin, tokyo]', '[dublin, tokyo]\n    drained: true'),
    );
    const { code, stdout } = await run(
      'plan network.yaml --previous plan.json --tolerance 5% --out next.json',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Moved\b/m);
    expect(stdout).toContain('within 5 %');
    const flat = stdout.replace(/\s+/g, ' ');
    expect(flat).toContain('dublin > tokyo to dublin > virginia > tokyo: link-dublin-tokyo is drained');
    expect((await run('verify next.json --previous plan.json')).code).toBe(0);
    expect((await run('diff plan.json next.json')).code).toBe(2);
  });

  it('is refused by verify as made from another plan', async () => {
    writeFileSync(path.join(cwd, 'network.yaml'), drained.replace('demo', 'demo\ntags: { owner: a }'));
    await run('plan network.yaml --previous plan.json --out next.json');
    writeFileSync(path.join(cwd, 'network.yaml'), drained.replace('demo', 'demo\ntags: { owner: b }'));
    await run('plan network.yaml --out other.json');
    const { code, stderr } = await run('verify next.json --previous other.json');
    expect(code).toBe(1);
    expect(stderr).toMatch(/error\[previous\] previous\.digest/);
  });
});

describe('the lock file', () => {
  it('is written by plan, whole and readable, and nothing is left beside it', async () => {
    const { code, stderr } = await run('plan network.yaml');
    expect([code, stderr]).toEqual([
      0,
      'no lock file yet; no key file yet\nwrote demo.lock.json; commit it\n',
    ]);
    expect(files()).toEqual(['demo.lock.json', 'network.yaml']);
    expect(JSON.parse(text('demo.lock.json'))).toMatchObject({ formatVersion: 2, network: 'demo' });
    expect(statSync(path.join(cwd, 'demo.lock.json')).mode & 0o777).toBe(0o644);
  });

  it('is untouched when nothing changes, and named with its generation', async () => {
    await run('plan network.yaml');
    const before = statSync(path.join(cwd, 'demo.lock.json'), { bigint: true });
    const { code, stderr } = await run('plan network.yaml');
    const after = statSync(path.join(cwd, 'demo.lock.json'), { bigint: true });
    expect([code, stderr]).toEqual([0, 'lock demo.lock.json, generation 1; no key file yet\n']);
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
  });

  it('is replaced in one step by another file, never written into', async () => {
    await run('plan network.yaml');
    const before = statSync(path.join(cwd, 'demo.lock.json'), { bigint: true }).ino;
    writeFileSync(path.join(cwd, 'network.yaml'), larger);
    await run('plan network.yaml');
    expect(statSync(path.join(cwd, 'demo.lock.json'), { bigint: true }).ino).not.toBe(before);
    expect(text('demo.lock.json')).toContain('tokyo');
    expect(files()).toEqual(['demo.lock.json', 'network.yaml']);
  });

  it('stays where a symbolic link points', async () => {
    writeFileSync(path.join(cwd, 'real.json'), '');
    rmSync(path.join(cwd, 'real.json'));
    await run('plan --lock real.json network.yaml');
    symlinkSync('real.json', path.join(cwd, 'demo.lock.json'));
    writeFileSync(path.join(cwd, 'network.yaml'), larger);
    await run('plan network.yaml');
    expect(lstatSync(path.join(cwd, 'demo.lock.json')).isSymbolicLink()).toBe(true);
    expect(text('real.json')).toContain('tokyo');
  });

  it('is written by no other command, nor by a plan that fails', async () => {
    writeFileSync(path.join(cwd, 'broken.yaml'), good + 'objectives:\n  fast: { maxLatency: 1 ms }\n');
    const before = files();
    for (const line of [
      'check network.yaml',
      'explain network.yaml dublin virginia',
      'diff network.yaml network.yaml',
      'plan --frozen-lock network.yaml',
      'plan broken.yaml',
    ]) {
      await run(line);
      expect([line, files()]).toEqual([line, before]);
    }
  });

  it('keeps every address when a region comes and goes', async () => {
    await run('plan network.yaml');
    const before = text('demo.lock.json');
    writeFileSync(path.join(cwd, 'network.yaml'), larger);
    await run('plan network.yaml');
    // The count of plans goes on; every address stays.
    const entries = (s: string) =>
      s
        .split('\n')
        .filter((l) => !l.startsWith('  "plan"'))
        .map((l) => l.replace(/,$/, ''));
    expect(entries(before).filter((l) => !entries(text('demo.lock.json')).includes(l))).toEqual([]);
    writeFileSync(path.join(cwd, 'network.yaml'), good);
    await run('plan network.yaml');
    expect(entries(text('demo.lock.json'))).toEqual(entries(before));
  });

  it('numbers plans that differ, and above one that is superseded', async () => {
    const generation = async (more = '') =>
      (JSON.parse((await run(`plan network.yaml --json ${more}`)).stdout) as { generation: number })
        .generation;
    expect(await generation()).toBe(1);
    expect(await generation()).toBe(1);
    writeFileSync(path.join(cwd, 'network.yaml'), larger);
    expect(await generation()).toBe(2);
    expect(await generation('--supersede 7')).toBe(8);
    expect(await generation()).toBe(8);
    writeFileSync(path.join(cwd, 'network.yaml'), good);
    expect(await generation()).toBe(9);
  });

  it('lies beside the description, not in the working directory', async () => {
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'dwcp-cwd-'));
    await run(`plan ${path.join(cwd, 'network.yaml')}`, { cwd: elsewhere });
    expect([files(), readdirSync(elsewhere)]).toEqual([['demo.lock.json', 'network.yaml'], []]);
    rmSync(elsewhere, { recursive: true });
  });
});

describe('a plan document', () => {
  it('is the same from --out, from --json and from any working directory', async () => {
    const { stdout } = await run('plan --json --out plan.json network.yaml');
    expect(text('plan.json')).toBe(stdout);
    expect((await run(`plan --json ${path.join(cwd, 'network.yaml')}`, { cwd: '/' })).stdout).toBe(stdout);
    expect((await run('plan --json plan.json')).stdout).toBe(stdout);
  });

  it('is taken wherever a description is, and needs no lock file then', async () => {
    await run('plan --out plan.json network.yaml');
    rmSync(path.join(cwd, 'demo.lock.json'));
    const before = files();
    expect((await run('check plan.json')).code).toBe(0);
    expect((await run('plan plan.json')).code).toBe(0);
    expect((await run('explain plan.json dublin virginia')).code).toBe(0);
    const stderr = 'network.yaml: no lock file yet; no key file yet\n';
    expect(await run('diff plan.json network.yaml')).toEqual({ code: 0, stdout: 'no changes\n', stderr });
    expect(files()).toEqual(before);
  });
});
