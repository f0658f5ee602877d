import path from 'node:path';
import { affordableIntervalMs, usualIntervalMs } from '../../lib/lab';
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
