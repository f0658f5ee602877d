import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readDescription, type Window } from '../../lib/model';
import { buildPlan, planDigest, type PlanDocument } from '../../lib/plan';
import { checkShape, verifyPlan } from '../../lib/verify';

/** Nightly from 2027-03-27T22:00 until 2027-03-30, Europe/Berlin. */
const file = path.join(__dirname, '..', 'cases', 'plan', '09-dst', 't.yaml');
const plan = buildPlan(readDescription(readFileSync(file, 'utf8'), 't.yaml').network!, {
  lock: null,
  keys: null,
}).plan!;

/** The plan with another window, sealed again. */
function withWindow(change: Partial<Window>): PlanDocument {
  const reservations = plan.reservations.map((r) => ({ ...r, window: { ...r.window!, ...change } }));
  const changed = { ...plan, reservations };
  return { ...changed, digest: planDigest(changed) };
}

const times = 'a local time from 1970 to 2199';
const outside: readonly (readonly [string, Partial<Window>, string])[] = [
  ['that starts before 1970', { start: '1969-12-31T23:59' }, times],
  ['that starts in the year 1', { start: '0001-01-01T00:00' }, times],
  ['that starts after 2199', { start: '2200-01-01T00:00', end: '2200-01-01T08:00', until: null }, times],
  ['that ends in the year 9999', { end: '9999-12-31T00:00', recur: null, until: null }, times],
  ['that recurs until after 2199', { until: '2200-01-01' }, times],
  ['on a day that the calendar does not have', { start: '2027-02-29T22:00' }, times],
  ['at an hour that no clock shows', { end: '2027-03-28T24:00' }, times],
  ['until a day that the calendar does not have', { until: '2027-04-31' }, times],
  [
    'that lasts longer than a century',
    { end: null, durationSeconds: 4e9, recur: null, until: null },
    'a number from',
  ],
  ['that lasts no time', { end: null, durationSeconds: 0 }, 'a number from 0.001 to'],
];

describe('a plan with a window', () => {
  it('as it was made is accepted, as is one of the first and last day of all', () => {
    expect(verifyPlan(plan)).toEqual([]);
    const all = { start: '1970-01-01T00:00', end: '1970-01-01T08:00', until: '2199-12-31' };
    expect(checkShape(withWindow(all))).toEqual([]);
    expect(verifyPlan(withWindow(all)).map((d) => d.code)).not.toContain('plan-shape');
  });

  it.each(outside)('%s is refused at once, though its digest is right', (_, change, what) => {
    const before = performance.now();
    for (const found of [checkShape(withWindow(change)), verifyPlan(withWindow(change))]) {
      expect(found.length).toBeGreaterThan(0);
      for (const d of found) {
        expect([d.severity, d.code, d.path]).toEqual([
          'error',
          'plan-shape',
          expect.stringMatching(/^reservations\[0\]\.window\.\w+$/),
        ]);
        expect(d.message).toContain(what);
      }
    }
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
