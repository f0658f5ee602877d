import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TerraformVariable, Token } from 'cdktf';
import { parse } from 'yaml';
import { GlobalNetwork, Region } from '../../constructs';
import { terraformText } from '../../lib/escape';
import { readDescription } from '../../lib/model';
import { inMemory, line, newStack, ofType, synth, synthesize } from '../constructs/fixture';
import { skipped } from '../net/skipped';
import { hasTerraform, terraform } from '../support/terraform';
import { liveTemplates, textsOf } from './terraform-templates';
import { textPlaces } from './text-places';

const everything: unknown = parse(
  readFileSync(path.join(__dirname, '..', 'verify', 'everything.yaml'), 'utf8'),
);
const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Each holds the word by which it is found again. */
const payloads = [
  '${file("HOSTILE")}',
  '%{ if true }HOSTILE%{ endif }',
  '$${HOSTILE} $$${HOSTILE} %%{HOSTILE} $%{HOSTILE} %${HOSTILE}',
  '"}${HOSTILE}{"',
];

/** A description in a file, planned and synthesized. */
function fromFile(description: unknown) {
  const file = path.join(folder, 'network.json');
  writeFileSync(file, JSON.stringify(description));
  const stack = newStack();
  const network = GlobalNetwork.fromFile(stack, 'everything', file, inMemory);
  const { plan, diagnostics } = network.plan();
  return { plan, diagnostics, texts: textsOf(synth(stack)) };
}

/** Without the sections that take long to plan, unless the text stands there. */
function lean(description: unknown, pattern: string): unknown {
  const slow = ['demands', 'reservations', 'policies', 'objectives'].filter(
    (name) => !pattern.startsWith(name),
  );
  const kept = Object.entries(description as object).filter(([name]) => !slow.includes(name));
  return Object.fromEntries(kept) as unknown;
}

describe('a text of a description', () => {
  it('is never evaluated by Terraform, wherever it stands', async () => {
    const all = payloads.join(' ');
    const written = new Set<string>();
    const accepted: string[] = [];
    for (const { pattern, with: put } of textPlaces()) {
      const single = payloads.map((payload) =>
        readDescription(JSON.stringify(put(everything, payload)), 'f'),
      );
      // What takes one takes all, here: what is no free text takes none.
      const taken = single.filter(({ network }) => network);
      expect([pattern, taken.length === 0 || taken.length === payloads.length]).toEqual([pattern, true]);
      if (taken.length === 0) continue;
      accepted.push(pattern);
      const own = fromFile(lean(put(everything, all), pattern)).texts.filter((text) =>
        text.includes('HOSTILE'),
      );
      const alive = own.flatMap(liveTemplates).filter((template) => template.includes('HOSTILE'));
      expect([pattern, alive]).toEqual([pattern, []]);
      for (const text of own) written.add(text);
    }
    // What is free text; all else is refused, and planning refuses to renumber what there is not.
    expect(accepted).toEqual([
      '$schema',
      'renumber[]',
      'regions.*.tags.<key>',
      'regions.*.tags.*',
      'tags.<key>',
      'tags.*',
    ]);
    // As tags, keys and values, and as nothing else.
    expect([...written]).toEqual([terraformText(all)]);

    if (!hasTerraform()) return skipped('terraform is not on the path');
    const outputs = [...written].map((text, i) => [`o${i}`, { value: { [`${text} as key`]: text } }]);
    writeFileSync(path.join(folder, 'main.tf.json'), JSON.stringify({ output: Object.fromEntries(outputs) }));
    for (const args of [['init'], ['apply', '-auto-approve']]) {
      const run = await terraform(folder, process.env, ...args);
      expect([args, run.status, run.text]).toEqual([args, 0, expect.any(String)]);
    }
    const state = JSON.parse(readFileSync(path.join(folder, 'terraform.tfstate'), 'utf8')) as {
      outputs: Record<string, { value: Record<string, string> }>;
    };
    const evaluated = Object.values(state.outputs).flatMap(({ value }) => Object.entries(value));
    expect(evaluated).toEqual([[`${all} as key`, all]]);
  }, 600_000);

  it.each([
    ['a text', '${TfToken[TOKEN.0]}'],
    ['a list', '#{TfToken[TOKEN.0]}'],
    ['a map', '&{TfToken[TOKEN.0]}'],
    ['a text inside another', 'x $${TfToken[aws_vpc.made.id.1]} y'],
    ['a number', -1.8881545897087503e289],
    ['a number of a list', -8.109562212591379e298],
    ['a number in a text', 'v-1.8881545897087503e+289'],
    ['a number in a long text', `${'1'.repeat(2000)} -1888154589708750300000e268`],
    ['a value of a map', 'String Map Token Value'],
  ])('is refused in a file where it looks like a token of cdktf for %s', (_what, token) => {
    const refuses = (description: unknown) => {
      const { network, diagnostics } = readDescription(JSON.stringify(description), 'network.json');
      expect(network).toBeUndefined();
      expect(diagnostics.map((d) => d.code)).toEqual(['token-in-file']);
    };
    if (typeof token === 'number') return refuses({ ...line, quotas: { 'vpc: VPCs per region': token } });
    for (const { with: put } of textPlaces()) refuses(put(line, token));
  });

  it('is refused by synth too where a file holds a token that this very program has made', () => {
    const made = new TerraformVariable(newStack(), 'secret', { type: 'string' }).stringValue;
    const { plan, diagnostics, texts } = fromFile({ ...line, tags: { owner: made } });
    expect([plan, diagnostics.map((d) => `${d.code} ${d.path}`)]).toEqual([
      undefined,
      ['token-in-file tags.owner'],
    ]);
    expect(texts.join()).not.toContain('secret');
  });

  it('stays a token where code gives one, also beside what is escaped', () => {
    const stack = newStack();
    const owner = new TerraformVariable(stack, 'owner', { type: 'string' }).stringValue;
    expect(Token.isUnresolved(owner)).toBe(true);
    expect(terraformText(owner)).toBe(owner);
    expect(terraformText(`\${a} ${owner} %{b}`)).toBe(`$\${a} ${owner} %%{b}`);
  });

  it('is escaped where it comes from code as plain text, and passed through in extra', () => {
    const stack = newStack();
    const network = new GlobalNetwork(stack, 'line', { ...inMemory, tags: { owner: '${var.owner}' } });
    new Region(network, 'virginia', {
      place: 'us-east-1',
      extra: { vpc: { tags: { team: '${var.team}' } } },
    });
    expect(network.plan().plan).toBeDefined();
    const [{ tags }] = ofType(synth(stack), 'aws_vpc');
    expect(tags).toMatchObject({ owner: '$${var.owner}', team: '${var.team}' });
  });

  it('changes nothing where it holds no template', () => {
    const tags = { owner: 'network', 'cost: $5': '100 % {sure}' };
    const { synthesized } = synthesize({ ...line, tags });
    expect(ofType(synthesized, 'aws_vpc')[0].tags).toMatchObject(tags);
  });
});
