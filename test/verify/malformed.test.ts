import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PlanDocument } from '../../lib/plan';
import { encodePlan, planDigest } from '../../lib/plan/digest';
import { checkShape } from '../../lib/verify';
import { runCaptured } from '../golden/captured-io';
import { seeded } from '../support/random-seeded';
import { placesOf, replaced, valueAt } from './leaves';
import { planOf } from './plans';

const seed = 20261126;
const plan = planOf(path.join(__dirname, 'everything.yaml'));
const text = encodePlan(plan);
let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'dwcp-malformed-'));
});

afterAll(() => {
  rmSync(cwd, { recursive: true });
});

const readers = [
  ['verify', 'plan.json'],
  ['explain', 'plan.json', 'dublin', 'london'],
  ['failures', 'plan.json'],
  ['diff', 'plan.json', 'plan.json'],
];

/** Runs a command on a plan's text, and says what is not a clean refusal. */
async function notRefused(content: string, command: readonly string[]): Promise<string[]> {
  writeFileSync(path.join(cwd, 'plan.json'), content);
  const { code, stdout, stderr } = await runCaptured(command, { cwd });
  const clean =
    code === 1 &&
    stdout === '' &&
    /^error\[[a-z-]+\] .*\n/.test(stderr) &&
    !/^\s+at (?!plan\.json)|\[object |plan-malformed/m.test(stderr);
  return clean ? [] : [`${command[0]}: ${code} ${stdout.slice(0, 200)} ${stderr.slice(0, 400)}`];
}

/** The same data, however it is written? */
function same(content: string): boolean {
  try {
    return encodePlan(JSON.parse(content) as PlanDocument) === text;
  } catch {
    return false;
  }
}

/** Sealed where it can be. */
function sealed(document: PlanDocument): PlanDocument {
  try {
    return { ...document, digest: planDigest(document) };
  } catch {
    return document;
  }
}

const foreign: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  -0,
  Infinity,
  '',
  'x',
  [],
  [[]],
  {},
  { kind: 'x' },
  JSON.parse('{"__proto__": {"a": 1}}'),
];

/** Fields that not every plan has: a region without prefixes has none, a plan without a canary no rollout. */
const mayBeMissing = [
  'regions[].prefixes',
  'rollout',
  'edge',
  'operations',
  'operations.webhooks[].secretFile',
  'operations.ssmAgent',
  'operations.ssmAgent.sha256.amd64',
  'operations.ssmAgent.url',
  'operations.logs',
  'failures.failures[].interruption',
  'availability.gatewayFailuresPerYear',
];

describe(`malformed plans, seed ${seed}`, () => {
  it('name the place of a wrong type, wherever it stands', () => {
    const random = seeded(seed);
    const wrong: string[] = [];
    let refused = 0;
    for (const [pattern, places] of placesOf(plan)) {
      const place = random.pick(places);
      for (const value of foreign) {
        const faults = checkShape(replaced(plan, place, value));
        refused += faults.length > 0 ? 1 : 0;
        const at = place.map((s, i) => (typeof s === 'number' ? `[${s}]` : i === 0 ? s : `.${s}`)).join('');
        if (faults.some((d) => d.code !== 'plan-shape' || !d.path.startsWith(at)))
          wrong.push(`${pattern} as ${JSON.stringify(value)}: ${JSON.stringify(faults.slice(0, 2))}`);
      }
    }
    process.stderr.write(`${refused} wrong types refused by their place\n`);
    expect(wrong).toEqual([]);
  });

  it('are told what is missing, and what has no place there', () => {
    const random = seeded(seed);
    const wrong: string[] = [];
    for (const [pattern, places] of placesOf(plan)) {
      const place = random.pick(places);
      if (typeof place[place.length - 1] === 'number' || place.includes('tags')) continue;
      const missing = checkShape(replaced(plan, place, undefined));
      if (missing.length === 0 && !mayBeMissing.includes(pattern)) wrong.push(`${pattern} missing`);
      // As JSON.parse makes it: a field of its own, not the prototype.
      const holder = { ...(valueAt(plan, place.slice(0, -1)) as object) };
      Object.defineProperty(holder, '__proto__', { value: { evil: 1 }, enumerable: true });
      const copy = place.length === 1 ? holder : replaced(plan, place.slice(0, -1), holder);
      const [found] = checkShape(copy);
      if (!found?.path.endsWith('__proto__')) wrong.push(`${pattern} beside __proto__`);
    }
    expect(wrong).toEqual([]);
  });

  it('are refused cleanly by every command that reads plans, however their text is damaged', async () => {
    const random = seeded(seed);
    const at = () => random.whole(0, text.length - 1);
    const numbers = [...text.matchAll(/: (\d+(?:\.\d+)?)(?=[,}\n])/g)];
    const maps = [...text.matchAll(/\{(?=")/g)];
    const put = (place: number, length: number, what: string) =>
      text.slice(0, place) + what + text.slice(place + length);
    const damages: (() => string)[] = [
      () => text.slice(0, at()),
      () => put(at(), 1, ''),
      () => put(at(), 1, random.pick(['"', '{', ']', ',', '\u0000', '\ud800', '9', 'x'])),
      () => put(at(), random.whole(1, 2000), ''),
      () => {
        const n = random.pick(numbers);
        return put(
          n.index + 2,
          n[1].length,
          random.pick(['1e999', '-1e999', '1e308', '9007199254740993', '-0.5']),
        );
      },
      () => put(random.pick(maps).index + 1, 0, '"__proto__": {"digest": 1}, '),
      () => put(random.pick(maps).index + 1, 0, '"constructor": null, '),
    ];
    const wrong: string[] = [];
    for (let n = 0; n < 140; n++) {
      const content = damages[n % damages.length]();
      if (same(content)) continue;
      wrong.push(...(await notRefused(content, readers[n % 4])));
    }
    expect(wrong).toEqual([]);
  }, 600_000);

  it('are refused cleanly where they are sealed but no plan', async () => {
    const random = seeded(seed);
    const wrong: string[] = [];
    const patterns = [...placesOf(plan)].filter(([pattern]) => pattern !== 'digest');
    for (let n = 0; n < 80; n++) {
      const [, places] = random.pick(patterns);
      const changed = sealed(replaced(plan, random.pick(places), random.pick([[[]], { kind: 'x' }])));
      if (checkShape(changed).length === 0) continue;
      wrong.push(...(await notRefused(JSON.stringify(changed), readers[n % 4])));
    }
    expect(wrong).toEqual([]);
  }, 600_000);

  it('are refused cleanly where they are anything at all', async () => {
    const deep = '['.repeat(100_000);
    const wrong: string[] = [];
    for (const content of [
      'null',
      '1',
      '"plan"',
      '[]',
      '{}',
      deep,
      deep + ']'.repeat(100_000),
      `{"formatVersion": 1, "digest": "x", "regions": ${deep}${']'.repeat(100_000)}}`,
      '{"formatVersion": 1e999}',
      '{"formatVersion": {"a": 1}}',
      '{"__proto__": {"formatVersion": 1}}',
      '{"formatVersion": 1, "formatVersion": 2}',
      '\ufeff{"formatVersion": 1}',
      '',
      '\u0000',
    ]) {
      for (const reader of readers) wrong.push(...(await notRefused(content, reader)));
    }
    expect(wrong).toEqual([]);
  }, 600_000);
});
