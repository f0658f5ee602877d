import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readLock, timesOf } from '../../lib/addressing';
import { runCaptured } from '../golden/captured-io';

// Between which times a plan may be installed stands in the lock file, and changes with the plan alone.

let cwd: string;
beforeEach(() => (cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'dwcp-times-')))));
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const describeNetwork = (bandwidth: string) =>
  writeFileSync(
    path.join(cwd, 'net.yaml'),
    `network: net
regions:
  virginia: { place: us-east-1 }
  dublin: { place: eu-west-1 }
links:
  - { between: [virginia, dublin], bandwidth: ${bandwidth} }
`,
  );
const lockText = () => readFileSync(path.join(cwd, 'net.lock.json'), 'utf8');
const planAt = async (seconds: number, ...options: string[]) => {
  const env = { SOURCE_DATE_EPOCH: String(seconds) };
  const { code, stderr } = await runCaptured(['plan', 'net.yaml', ...options], { cwd, env });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return lockText();
};
const day = 86_400;
const first = Date.UTC(2026, 10, 30, 18) / 1000;

it('counts a year from the first planning, and the same until the plan differs', async () => {
  describeNetwork('1 Gbps');
  const made = await planAt(first);
  expect(made).toContain('"notBefore":"2026-11-30T18:00:00Z","latest":"2027-11-30T18:00:00Z"}');
  expect(await planAt(first + 40 * day)).toBe(made);
  describeNetwork('2 Gbps');
  const next = await planAt(first + 40 * day);
  expect(next).toContain('"generation":2');
  expect(next).toContain('"notBefore":"2027-01-09T18:00:00Z","latest":"2028-01-09T18:00:00Z"}');
});

it('renews the times of the same plan when it is told to', async () => {
  describeNetwork('1 Gbps');
  await planAt(first);
  const renewed = await planAt(first + 300 * day, '--renew');
  expect(renewed).toContain('"generation":1');
  expect(timesOf(readLock(renewed, 'net.lock.json').lock!)).toEqual({
    notBefore: first + 300 * day,
    latest: first + 665 * day,
  });
});

it('leaves a lock without times as it is while the plan is the same', async () => {
  describeNetwork('1 Gbps');
  const bare = (await planAt(first)).replace(/,"notBefore":"[^"]*","latest":"[^"]*"/, '');
  writeFileSync(path.join(cwd, 'net.lock.json'), bare);
  expect(await planAt(first + day)).toBe(bare);
  expect(timesOf(readLock(bare, 'net.lock.json').lock!)).toBeUndefined();
});

describe('times that nobody writes are refused', () => {
  const wrong: [string, string][] = [
    ['one of the two', '"notBefore":"2026-11-30T18:00:00Z"'],
    ['the wrong way round', '"notBefore":"2027-11-30T18:00:00Z","latest":"2026-11-30T18:00:00Z"'],
    ['no such day', '"notBefore":"2026-11-31T18:00:00Z","latest":"2027-13-30T18:00:00Z"'],
    ['a number', '"notBefore":1796061600,"latest":1827597600'],
  ];
  test.each(wrong)('%s', async (_what, times) => {
    describeNetwork('1 Gbps');
    const made = await planAt(first);
    const { diagnostics } = readLock(made.replace(/"notBefore":"[^"]*","latest":"[^"]*"/, times), 'l.json');
    expect(diagnostics.map(({ code }) => code)).toEqual(['lock-damaged']);
  });
});
