import { spawnSync } from 'node:child_process';
import path from 'node:path';

const hook = path.join(__dirname, '../support/register-swc.js');
const program = path.join(__dirname, 'pair-threads-program.ts');

interface Result {
  readonly one: string;
  readonly several: readonly string[];
  readonly small: string;
  readonly alone: string | null;
  readonly online: number;
}

/** A process of its own: jest's loader does not reach into worker threads. */
function run(args: readonly string[]): Result {
  const done = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  expect([done.status, done.stderr]).toEqual([0, '']);
  return JSON.parse(done.stdout) as Result;
}

describe('pairs of link failures over threads', () => {
  it('are the same bytes with or without worker threads', () => {
    const { one, several, small, alone, online } = run(['-r', hook, program]);
    expect([...several, small, alone]).toEqual([one, one, one, one, one, one]);
    expect(online).toBeGreaterThan(0);
  });

  it('come from the first thread where no worker comes up', () => {
    // The hook is not among the arguments that workers inherit, so they cannot read the sources.
    const load = `require(${JSON.stringify(hook)}); require(${JSON.stringify(program)})`;
    const { one, several, alone } = run(['-e', load]);
    expect([...several, alone]).toEqual([one, one, one, one, null]);
  });
});
