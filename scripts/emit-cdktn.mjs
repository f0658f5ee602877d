// The entry for CDK Terrain: dist/constructs with its imports rewritten, one source for two frameworks.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [from, to] = ['constructs', 'cdktn'].map((name) =>
  fileURLToPath(new URL(`../dist/${name}`, import.meta.url)),
);

/** Module specifiers alone: a quoted name behind `from`, `import(` or `require(`. */
const specifier =
  /(\bfrom\s*|\bimport\s*\(\s*|\brequire\s*\(\s*)(["'])(cdktf|@cdktf\/provider-aws)(?=[/"'])/g;
const names = { cdktf: 'cdktn', '@cdktf/provider-aws': '@cdktn/provider-aws' };

rmSync(to, { recursive: true, force: true });
for (const file of readdirSync(from, { recursive: true }).filter((name) => /\.(js|d\.ts)$/.test(name))) {
  const text = readFileSync(path.join(from, file), 'utf8').replace(
    specifier,
    (_, before, quote, name) => `${before}${quote}${names[name]}`,
  );
  const left = /["']@?cdktf[/"']/.exec(text);
  if (left)
    throw new Error(`dist/constructs/${file} names ${left[0]} where no import does; rewrite it by hand`);
  mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
  writeFileSync(path.join(to, file), text);
}
