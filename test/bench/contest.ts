import { spawnSync } from 'node:child_process';
import { median } from './measure';

/**
 * A program that does some work, times it itself once it is warm, and prints a `Run` as JSON: a process of
 * its own, so that its start does not count and its memory is its own.
 */
export interface Contender {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Fewer rounds than the others, for the very slow. */
  readonly rounds?: number;
}

/** Why a contender does not take part. */
export interface Absent {
  readonly name: string;
  readonly why: string;
}

/** What a contender prints. */
export interface Run {
  /** Times in ms by what was timed. */
  readonly ms: Readonly<Record<string, number>>;
  /** Largest resident set of the process. */
  readonly peakMb: number;
  /** What was found; contenders that give any must agree. */
  readonly check: readonly number[] | null;
}

/** How a contender did. */
export interface Standing {
  readonly name: string;
  /** All rounds, by what was timed. */
  readonly ms: Readonly<Record<string, readonly number[]>>;
  /** Median of the rounds. */
  readonly peakMb: number;
  readonly check: readonly number[] | null;
}

/**
 * Runs the contenders in turn, round by round, so that drift of the machine meets all alike. @throws if a
 * run fails, or if two contenders found different things by more than `toleranceRatio`.
 */
export function contest(contenders: readonly Contender[], rounds: number, toleranceRatio = 1e-9): Standing[] {
  const runs = contenders.map((): Run[] => []);
  for (let round = 0; round < rounds; round++) {
    contenders.forEach((contender, i) => {
      if (round < (contender.rounds ?? rounds)) runs[i].push(once(contender));
    });
  }
  const checked = runs.flatMap(([run], i) =>
    run.check ? [{ of: contenders[i].name, list: run.check }] : [],
  );
  for (const { of, list } of checked.slice(1)) {
    const [first] = checked;
    const same = list.length === first.list.length;
    const apart = list.findIndex((x, k) => Math.abs(x - first.list[k]) > toleranceRatio * Math.abs(x));
    if (!same || apart !== -1)
      throw new Error(`${of} found ${list[apart]}, ${first.of} ${first.list[apart]} (number ${apart})`);
  }
  return runs.map((list, i) => ({
    name: contenders[i].name,
    ms: Object.fromEntries(Object.keys(list[0].ms).map((what) => [what, list.map((run) => run.ms[what])])),
    peakMb: median(list.map((run) => run.peakMb)),
    check: list[0].check,
  }));
}

function once({ name, command, args }: Contender): Run {
  const done = spawnSync(command, args, { encoding: 'utf8', timeout: 900_000, maxBuffer: 2 ** 26 });
  if (done.status !== 0) throw new Error(`${name} failed:\n${done.stderr}${String(done.error ?? '')}`);
  return JSON.parse(done.stdout) as Run;
}
