import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { median } from './measure';

/** The year of 100,000 reservations under one bandwidth model. */
export interface ReservationYear {
  readonly model: string;
  /** Admissions asked for in a second; median of the rounds. */
  readonly perSecond: number;
  readonly admitted: number;
  /** Largest resident set of the process, with all asks in it; median. */
  readonly peakMb: number;
}

const rounds = 3;
const models = [
  ['shared', 'one pool for all classes'],
  ['mam', 'maximum allocation (RFC 4125)'],
  ['rdm', 'russian dolls (RFC 4127)'],
] as const;

/** Runs each model in a process of its own, in turn. @throws if a run fails. */
export function reservationYears(): ReservationYear[] {
  const program = path.join(__dirname, 'admit-year.js');
  type Run = Omit<ReservationYear, 'model'>;
  const runs = models.map((): Run[] => []);
  for (let round = 0; round < rounds; round++) {
    models.forEach(([kind], i) => {
      const run = spawnSync(process.execPath, [program, kind], { encoding: 'utf8', timeout: 300_000 });
      if (run.status !== 0) throw new Error(`${program} ${kind} failed:\n${run.stderr}`);
      runs[i].push(JSON.parse(run.stdout) as Run);
    });
  }
  return models.map(([, model], i) => ({
    model,
    perSecond: median(runs[i].map((r) => r.perSecond)),
    admitted: runs[i][0].admitted,
    peakMb: median(runs[i].map((r) => r.peakMb)),
  }));
}
