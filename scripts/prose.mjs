// How the project's prose reads: the mean length of a sentence, habits that CONTRIBUTING.md asks to avoid,
// and sentences and doc comments drawn by a seed, so that two commits can be compared.
//
//   node scripts/prose.mjs [--seed 19] [--at <commit>]      default: seed 19, the working tree
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '19' }, at: { type: 'string' } },
});
const git = (...args) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const read = (file) => (values.at ? git('show', `${values.at}:${file}`) : readFileSync(file, 'utf8'));
const files = (values.at ? git('ls-tree', '-r', '--name-only', values.at) : git('ls-files'))
  .trim()
  .split('\n');

/** mulberry32: the same draw for the same seed. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function draw(list, count) {
  const next = random(Number(values.seed));
  const left = [...list];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(next() * left.length), 1),
  ).flat();
}

const sentencesOf = (text) =>
  text
    .split(/(?<=[.!?])\s+(?=[A-Z`*])|\n\s*\n|\n\s*[-|]\s/)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => sentence.split(' ').length > 2);

const plain = (markdown) =>
  markdown
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/^#.*$/gm, '')
    .replace(/^\|.*\|$/gm, '');

const sources = files.filter((file) => /^(lib|constructs|stacks)\/.*\.ts$/.test(file));
const comments = sources.flatMap((file) =>
  [...read(file).matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, body]) => ({
    file,
    text: body.replace(/^\s*\*\s?/gm, '').trim(),
  })),
);

const habits = {
  'opens with a subjectless "What"': /(^|[.!?]\s)What (?!is\b|are\b|does\b)/,
  '"is no X" for "is not a valid X"': /\bis no [a-z]/,
  '"of its own" for "own"': /\bof (its|their) own\b/,
  '"those that" or "those of"': /\bthose (that|of)\b/,
  '"afresh"': /\bafresh\b/,
  '"ways" for paths': /\bways\b/,
};

function tell(name, sentences) {
  const words = sentences.reduce((sum, sentence) => sum + sentence.split(' ').length, 0);
  console.log(
    `${name}: ${sentences.length} sentences, ${(words / sentences.length).toFixed(1)} words on average`,
  );
}

const architecture = sentencesOf(plain(read('ARCHITECTURE.md')));
tell('ARCHITECTURE.md', architecture);
tell('CHANGELOG.md', sentencesOf(plain(read('CHANGELOG.md'))));
tell(
  'doc comments',
  comments.flatMap(({ text }) => sentencesOf(text)),
);
for (const [name, pattern] of Object.entries(habits)) {
  console.log(`  ${name}: ${comments.filter(({ text }) => pattern.test(text)).length} doc comments`);
}
console.log(`\nTen sentences of ARCHITECTURE.md, seed ${values.seed}`);
for (const sentence of draw(architecture, 10)) console.log(`- ${sentence}`);
console.log(`\nTen doc comments, seed ${values.seed}`);
for (const { file, text } of draw(comments, 10)) console.log(`- ${file}: ${text.replace(/\s+/g, ' ')}`);
