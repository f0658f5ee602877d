import path from 'node:path';
import { affordableIntervalMs, affordableSpacingMs, usualIntervalMs } from '../../lib/lab';
import { fourRegions } from '../support/four-regions';
import { planOf } from '../verify/plans';

const sixRegions = path.join(__dirname, '../../stacks/examples/six-regions.yaml');

test('a small lab probes as gateways do, a large one as fast as its machine can', () => {
  const four = fourRegions();
  const six = planOf(sixRegions);
  expect(affordableIntervalMs(four, 2)).toBe(usualIntervalMs);
  const [two, four4, many] = [2, 4, 64].map((cores) => affordableIntervalMs(six, cores));
  process.stderr.write(`six regions: ${two} ms on 2 cores, ${four4} ms on 4\n`);
  expect(two).toBeGreaterThan(usualIntervalMs);
  expect(two % usualIntervalMs).toBe(0);
  expect(four4).toBeLessThan(two);
  expect(many).toBe(usualIntervalMs);
});

test('test streams leave a small machine time for the agents', () => {
  const six = planOf(sixRegions);
  const spacings = [1, 6].map((streams) =>
    [2, 4, 64].map((cores) => affordableSpacingMs(six, streams, cores)),
  );
  process.stderr.write(`six regions: ${JSON.stringify(spacings)} ms for 1 and 6 streams on 2, 4, 64 cores\n`);
  for (const [two, four, many] of spacings) {
    expect(two).toBeGreaterThanOrEqual(four);
    expect(two).toBeGreaterThan(many);
    expect(many).toBe(1);
  }
  expect(spacings[1][0]).toBeGreaterThan(spacings[0][0]);
});
