// How many source files a change touches, a line a branch:
// `node scripts/count-touched.mjs <base> <branch>...`.
// Tests, documentation, goldens, stacks' examples and the generated schema are not counted.
import { execFileSync } from 'node:child_process';

const [base, ...branches] = process.argv.slice(2);
if (base === undefined || branches.length === 0) {
  console.error('usage: node scripts/count-touched.mjs <base> <branch>...');
  process.exit(2);
}
const apart = /^(test|docs|stacks)\/|^schema\.json$|\.md$/;
for (const branch of branches) {
  const range = `${base}...${branch}`;
  const names = execFileSync('git', ['diff', '--name-only', range], { encoding: 'utf8' }).trim().split('\n');
  const sources = names.filter((name) => name !== '' && !apart.test(name));
  console.log(`${branch}: ${sources.length} source files: ${sources.join(', ') || 'none'}`);
}
