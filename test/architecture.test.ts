import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Rooms in the order in which data meets them; a room imports only from rooms to its left (DESIGN section
 * 2).
 */
const rooms = [
  'escape',
  'units',
  'net',
  'diagnostics',
  'shape',
  'catalog',
  'tunnels',
  'model',
  'graph',
  'routing',
  'traffic',
  'reservation',
  'failure',
  'addressing',
  'plan',
  'verify',
  'gateway',
  'clouds',
  'exchange',
  'report',
  'project',
  'agent',
  'lab',
  'cli',
];

/** Rooms of the agent, in the same order. */
const agentRooms = [
  'files',
  'aws',
  'serve',
  'decide',
  'probe',
  'takeover',
  'apply',
  'peers',
  'bundle',
  'journal',
  'api',
  'telemetry',
  'client',
  'doctor',
  'install',
  'run',
];

const root = path.join(__dirname, '..');

interface Source {
  /** From the root, with `/`. */
  readonly file: string;
  readonly room: string;
  readonly imports: readonly string[];
  readonly text: string;
}

function sources(folder: string): Source[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const file = path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
      const text = readFileSync(path.join(root, file), 'utf8');
      const found = text.matchAll(
        /^\s*(?:import|export)\b[^'"`;]*?from\s+['"]([^'"]+)['"]|(?:import|require)\(['"]([^'"]+)['"]\)/gm,
      );
      const imports = [...found].map((m) => m[1] ?? m[2]);
      return { file, room: file.split('/')[1].replace(/\.ts$/, ''), imports, text };
    });
}

const lib = sources('lib');
const all = [...lib, ...sources('constructs'), ...sources('stacks')];

/** Where an import of a package or of text may stand; the reason is the failure message. */
const rules: readonly {
  readonly pattern: RegExp;
  readonly allowed: (file: string) => boolean;
  readonly reason: string;
}[] = [
  {
    pattern: /^(cdktf|constructs|@cdktf\/.*)$/,
    allowed: (file) => /^(constructs|stacks)\//.test(file),
    reason: 'only constructs/ and stacks/ know cdktf: the planner must run without it',
  },
  {
    pattern: /^@cdktf\/provider-aws(\/lib)?$/,
    allowed: () => false,
    reason: 'import the provider by subpath: its index costs 3 s and 550 MB',
  },
  {
    pattern: /^zod/,
    allowed: (file) => /^lib\/(model|net|gateway|agent\/(bundle|run|api))\//.test(file),
    reason: 'zod stands only where outside data enters',
  },
  {
    pattern: /^graphology/,
    allowed: (file) => /^lib\/(graph|exchange)\//.test(file),
    reason: 'graphology stands only in graph and exchange: algorithms read the flat arrays',
  },
  {
    pattern: /^highs/,
    allowed: (file) => file.startsWith('lib/traffic/') || file === 'lib/project/solver.ts',
    reason: 'the solver stands only in traffic: verifying and running need none',
  },
  {
    pattern: /^tweetnacl/,
    allowed: (file) => file.startsWith('lib/net/'),
    reason: 'tweetnacl stands only where keys are made or sealed',
  },
  {
    pattern: /^prom-client/,
    allowed: (file) => file.startsWith('lib/agent/telemetry/'),
    reason: "prom-client stands only in the agent's metrics",
  },
  {
    pattern: /^(node:)?(fs|net|http|https|dgram|child_process|os|dns|tls|worker_threads)(\/.*)?$/,
    allowed: (file) => /^(lib\/(project|agent|lab|cli)|constructs|stacks)\//.test(file),
    reason: 'no file, network or process left of the agent: data comes in as arguments',
  },
];

/** Sets of files that all import each other (Tarjan 1972), of two and more. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const [index, low] = [new Map<string, number>(), new Map<string, number>()];
  const [stack, found]: [string[], string[][]] = [[], []];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file)!);
    stack.push(file);
    for (const next of graph.get(file)!) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== index.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return found.sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

describe('the structure', () => {
  it('knows every room of lib', () => {
    const unknown = [...new Set(lib.map((s) => s.room))].filter(
      (room) => !rooms.includes(room) && room !== 'index',
    );
    expect(unknown).toEqual([]);
  });

  it('lets a room import only from rooms to its left', () => {
    const wrong = lib.flatMap((source) =>
      source.imports
        .filter((i) => i.startsWith('.'))
        .map((i) => path.posix.join(path.posix.dirname(source.file), i).split('/'))
        .filter(([top, room]) => top !== 'lib' || rooms.indexOf(room) > rooms.indexOf(source.room))
        .filter(() => source.room !== 'index')
        .map((target) => `${source.file} imports ${target.join('/')}`),
    );
    expect(wrong).toEqual([]);
  });

  it('lets a room of the agent import only from rooms of it to its left', () => {
    const inside = lib.filter(({ file }) => file.startsWith('lib/agent/') && file !== 'lib/agent/main.ts');
    const roomOf = (file: string) => agentRooms.indexOf(file.split('/')[2]);
    expect(inside.filter(({ file }) => roomOf(file) === -1).map(({ file }) => file)).toEqual([]);
    const wrong = inside.flatMap(({ file, imports }) =>
      imports
        .filter((i) => i.startsWith('.'))
        .map((i) => path.posix.join(path.posix.dirname(file), i))
        .filter((target) => target.startsWith('lib/agent/') && roomOf(target) > roomOf(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it.each(rules.map((rule) => [rule.reason, rule] as const))('%s', (_reason, rule) => {
    const wrong = all.flatMap((source) =>
      source.imports
        .filter((i) => rule.pattern.test(i) && !rule.allowed(source.file))
        .map((i) => `${source.file} imports ${i}: ${rule.reason}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has no circle of imports, not of types either, but for the constructs that describe a network', () => {
    const known = new Set(all.map(({ file }) => file));
    const graph = new Map(
      all.map(({ file, text }) => [
        file,
        [...text.matchAll(/^\s*(?:import|export)\b[^'"`;]*?from\s+['"](\.[^'"]+)['"]/gm)]
          .map(([, from]) => path.posix.join(path.posix.dirname(file), from.replace(/\.js$/, '')))
          .map((target) => [`${target}.ts`, `${target}/index.ts`].find((name) => known.has(name)))
          .filter((target) => target !== undefined),
      ]),
    );
    expect(circlesOf(graph).filter(([first]) => !first.startsWith('constructs/describe/'))).toEqual([]);
  });

  it('starts dwcp without what only commands need, so that help is instant', () => {
    // What Node loads for `dwcp --help`: static imports, but for those of types.
    const byFile = new Map(lib.map((source) => [source.file, source]));
    const loaded = new Set<string>();
    const packages = new Set<string>();
    const load = (file: string): void => {
      if (loaded.has(file)) return;
      loaded.add(file);
      const statics = byFile
        .get(file)!
        .text.matchAll(/^\s*(?:import|export)\s+(?!type\b)(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm);
      for (const [, name] of statics) {
        if (!name.startsWith('.')) packages.add(name);
        else {
          const target = path.posix.join(path.posix.dirname(file), name);
          load(byFile.has(`${target}.ts`) ? `${target}.ts` : `${target}/index.ts`);
        }
      }
    };
    load('lib/cli/main.ts');
    expect([...packages].filter((name) => !name.startsWith('node:'))).toEqual(['commander']);
    expect([...loaded].filter((file) => !/^lib\/(cli|diagnostics|escape)\//.test(file))).toEqual([
      'lib/report/formats.ts',
      'lib/model/qos.ts',
      'lib/lab/fault/fault-names.ts',
      'lib/project/read-file.ts',
    ]);
  });

  it('prints through what shows the invisible alone', () => {
    // Commands get their streams from visibleIo, the agent prints by print.ts; the rest are programs' first
    // lines.
    const allowed = /^lib\/(cli\/main|agent\/files\/print|lab\/(relay|stream|cloud)\/main)\.ts$/;
    const wrong = lib.filter((s) => /process\.std(out|err)|console\./.test(s.text) && !allowed.test(s.file));
    expect(wrong.map((s) => s.file)).toEqual([]);
    const raw = lib
      .filter((s) => allowed.test(s.file))
      .flatMap(({ file, text }) =>
        [...text.matchAll(/std(?:out|err)\.write\((.*)/g)].map((m) => `${file}: ${m[1]}`),
      )
      .filter(
        (call) => !/write\(|visibleOutput|'\{"ready":true\}\\n'|error\.code \?\? error\.message/.test(call),
      );
    expect(raw).toEqual([]);
  });

  it('makes texts visible in every renderer, before anything else', () => {
    const renderers = lib.flatMap(({ file, text }) =>
      [
        ...text.matchAll(/^export function (render\w+)\([^{]*?(?:\{[^}]*\}[^{]*?)*\): string \{\n(.*)\n/gm),
      ].map((m) => ({
        name: `${file} ${m[1]}`,
        first: m[2].trim(),
      })),
    );
    expect(renderers.length).toBeGreaterThanOrEqual(8);
    expect(
      renderers
        .filter((r) => !/^const (?:\w+|\[[\w, ]+\]) = visibleTexts\(/.test(r.first))
        .map((r) => r.name),
    ).toEqual([]);
    const exported = lib.flatMap(({ text }) => [...text.matchAll(/^export function render\w+\(/gm)]);
    expect(renderers).toHaveLength(exported.length);
  });

  it('has no clock, randomness, environment or locale left of gateway', () => {
    const left = new Set(rooms.slice(0, rooms.indexOf('gateway')));
    const clock = new RegExp(
      [
        'Date\\.now',
        'new Date\\(\\)',
        'Math\\.random',
        'process\\.(env|cwd|hrtime)',
        'randomBytes',
        'localeCompare',
        'performance',
      ]
        .map((word) => `\\b${word}\\b`)
        .join('|')
        .replace('\\(\\)\\b', '\\(\\)'),
    );
    const wrong = lib.filter((s) => left.has(s.room) && clock.test(s.text)).map((s) => s.file);
    expect(wrong).toEqual([]);
  });

  it('imports our own code by relative paths alone, so that constructs/ never shadows the package', () => {
    const packages = new Set(
      Object.keys({
        ...(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { dependencies: object })
          .dependencies,
        ...(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { peerDependencies: object })
          .peerDependencies,
      }),
    );
    const nameOf = (i: string) =>
      i
        .split('/')
        .slice(0, i.startsWith('@') ? 2 : 1)
        .join('/');
    const wrong = all.flatMap((s) =>
      s.imports
        .filter((i) => !i.startsWith('.') && !i.startsWith('node:') && !packages.has(nameOf(i)))
        .map((i) => `${s.file} imports ${i}`),
    );
    expect(wrong).toEqual([]);
    expect(readFileSync(path.join(root, 'tsconfig.json'), 'utf8')).not.toMatch(/baseUrl/);
  });

  it('leaves nothing to do later', () => {
    const marker = new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X'].join(''));
    const wrong = [...all, ...sources('test')].filter((s) => marker.test(s.text)).map((s) => s.file);
    expect(wrong).toEqual([]);
  });
});
