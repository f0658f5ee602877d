import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readFetched } from '../../../lib/agent/run/read-fetched';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-fetched-'));
  mkdirSync(path.join(folder, 'current'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const report = `dwcp-report 1
gateway a/1
bundle ${'ab'.repeat(32)}
generation 3
result waiting
health unknown
at 1700000000
reason for a report of b/1, until 2026-12-01T00:00:00Z at the latest
`;
const read = () => readFetched(folder, path.join(folder, 'current'));

test('nothing is said where nothing fetches, or what it wrote is damaged', () => {
  expect(read()).toBeNull();
  for (const damaged of ['', 'x', report.replace('waiting', 'fine'), report.replace('1700000000', 'x')]) {
    writeFileSync(path.join(folder, 'report'), damaged);
    expect([damaged, read()]).toEqual([damaged, null]);
  }
});

test('the last attempt, and until when what is installed may be installed anew', () => {
  writeFileSync(path.join(folder, 'report'), report);
  const said = {
    result: 'waiting',
    health: 'unknown',
    atUtcMs: 1_700_000_000_000,
    reason: 'for a report of b/1, until 2026-12-01T00:00:00Z at the latest',
  };
  expect(read()).toEqual({ ...said, latestUtcMs: null });
  for (const [line, latestUtcMs] of [
    ['latest 1800000000', 1_800_000_000_000],
    ['latest 0', null],
    ['latest x', null],
  ] as const) {
    writeFileSync(path.join(folder, 'current/manifest'), `dwcp-manifest 1\n${line}\ncanary -\n`);
    expect(read()).toEqual({ ...said, latestUtcMs });
  }
});
