import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const plans = path.join(__dirname, '..', 'golden', 'plans');

/** Of each golden report with demands: sum and traffic in the headline, and in the cost table. */
const reports = readdirSync(plans).flatMap((name) => {
  const text = readFileSync(path.join(plans, name, 'report.md'), 'utf8');
  const headline = /· ([\d,.]+) USD a month known, ([\d,.]+) USD of it traffic\. Plan/.exec(text);
  const table = /^\| known \| +\| ([\d,.]+) USD \|$/m.exec(text);
  const traffic = /^\| traffic of demands \| .* \| ([\d,.]+) USD \|$/m.exec(text);
  return traffic ? [{ name, headline: headline?.slice(1), table: [table?.[1], traffic[1]] }] : [];
});

describe('the headline of a report', () => {
  it('names the whole known cost, as the cost table adds it up, and the traffic in it', () => {
    expect(reports.length).toBeGreaterThan(1);
    for (const { name, headline, table } of reports) expect([name, headline]).toEqual([name, table]);
  });
});
