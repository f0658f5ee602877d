// After tsc: the executable bit, and the JSON Schema that editors read.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
chmodSync(new URL('../dist/lib/cli/main.js', import.meta.url), 0o755);
const { descriptionJsonSchema } = require('../dist/lib/model/index.js');
const target = new URL('../schema.json', import.meta.url);
const text = `${JSON.stringify(descriptionJsonSchema(), null, 2)}\n`;
let before = '';
try {
  before = readFileSync(target, 'utf8');
} catch {
  // The first build makes it.
}
if (before !== text) writeFileSync(target, text);
