import type { Code } from '../../lib/diagnostics';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { textOf } from '../../lib/agent/telemetry/live-metric';
import type { TelemetrySource } from '../../lib/agent/telemetry';
import { formatDiagnostic } from '../../lib/diagnostics';
import { explain, renderExplanations } from '../../lib/report';
import { frrConfig } from '../support/frr-config';
import { gatewayFiles, gatewayState } from '../../lib/gateway';
import { renderDiff, renderDiffMarkdown, reportedDiff } from '../../lib/report/diff-report';
import { evaluateFailures, renderFailures, renderFailuresMarkdown } from '../../lib/report/failures-report';
import { renderPlan, renderPlanMarkdown } from '../../lib/report/report';
import { markdownCode, markdownFence, markdownText, visible, visibleOutput } from '../../lib/escape';
import { readDescription } from '../../lib/model';
import type { PlanDocument } from '../../lib/plan';
import { checkShape } from '../../lib/verify';
import { runCaptured } from '../golden/captured-io';
import { planOf } from '../support/plan-of';
import { placesOf, valueAt } from '../verify/leaves';
import { markdownNodes } from './markdown-tree';
import { payloads, unseen, withoutOurs } from './payloads';
import { small } from './small-network';
import { textPlaces } from './text-places';

const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));
const all = Object.values(payloads).join(' ');

/** Everything that is made of a plan for people, by name. */
function shownOf(
  plan: PlanDocument,
  before: PlanDocument,
): Record<'terminal' | 'markdown' | 'file', string[]> {
  const failures = evaluateFailures(plan);
  const diff = reportedDiff(before, plan);
  const [from, to] = plan.regions.map((region) => region.id);
  const gateways = plan.gateways.map(({ id }) => id);
  return {
    terminal: [
      renderPlan(plan, { colour: true, all: true }),
      renderExplanations(plan, explain(plan, from, to), { colour: true }),
      renderFailures(failures, { colour: true, all: true }),
      renderDiff(diff, { colour: true, all: true }),
      plan.warnings.map((w) => formatDiagnostic({ ...w, severity: 'warning' })).join('\n'),
    ],
    markdown: [
      renderPlanMarkdown(plan, { all: true }),
      renderFailuresMarkdown(failures, true),
      renderDiffMarkdown(diff, { all: true }),
    ],
    file: gateways.flatMap((id) => [
      ...gatewayFiles(plan, id, null).values(),
      frrConfig(gatewayState(plan, id)),
    ]),
  };
}

const ours = new Set([
  'document',
  'heading',
  'paragraph',
  'list',
  'item',
  'text',
  'softbreak',
  'code',
  'code_block',
]);
/** What GitHub makes something of in rendered text. */
const github = /@org|:\/\/evil|:tada:|\$a\$|#1/;

/** What lives in one of the outputs, each with the beginning of where it does; none: all is well. */
function alive({ terminal, markdown, file }: ReturnType<typeof shownOf>): string[] {
  // Programs read JSON, and may read anything in its texts.
  const configurations = file.filter((text) => !text.startsWith('{'));
  const raw = [...terminal, ...markdown, ...configurations].flatMap((text) => {
    const found = unseen.exec(withoutOurs(text));
    return found ? [`raw U+${found[0].codePointAt(0)!.toString(16)} in ${text.slice(0, 40)}`] : [];
  });
  const coloured = [...markdown, ...file].filter((text) => text.includes('\u001b'));
  const marked = markdown.flatMap((text) =>
    (markdownNodes(text) ?? [])
      .filter((node) => !ours.has(node.type) || (node.type === 'text' && github.test(node.text)))
      .map((node) => `${node.type} ${node.text}`),
  );
  const lines = file.flatMap((text) =>
    text.split('\n').filter((line) => /^\s*(?:PostUp|end$|fake_metric)/.test(line)),
  );
  return [...raw, ...coloured, ...marked, ...lines];
}

describe('a hostile text in a description', () => {
  it.each(textPlaces().map((place) => [place.pattern, place] as const))(
    'at %s is refused in visible words or is data in every output',
    async (pattern, { with: put }) => {
      const names = Object.keys(payloads) as (keyof typeof payloads)[];
      const taken = names.filter((name) => {
        const { network, diagnostics } = readDescription(JSON.stringify(put(small, payloads[name])), 'f');
        if (!network)
          expect(unseen.test(withoutOurs(diagnostics.map(formatDiagnostic).join('')))).toBe(false);
        return network !== undefined;
      });
      const free = /^(regions\.\*\.)?tags\./.test(pattern);
      const visibleOnes = names.filter((name) => !unseen.test(payloads[name]));
      // `$schema` is read by editors alone, and planning refuses to renumber what there is not.
      const anything = pattern === '$schema' || pattern === 'renumber[]';
      expect(taken).toEqual(anything ? names : free ? visibleOnes : []);

      const file = path.join(folder, 'network.json');
      writeFileSync(file, JSON.stringify(put(small, all)));
      for (const args of [['check'], ['check', '--json']]) {
        const around = { cwd: folder, stderrTerminal: true, stdoutTerminal: true };
        const { stdout, stderr } = await runCaptured([...args, 'network.json'], around);
        expect([args, unseen.exec(withoutOurs(stdout + stderr))?.[0]]).toEqual([args, undefined]);
      }
      if (!free) return;
      const before = planOf(small as never);
      for (const name of taken) {
        expect([name, alive(shownOf(planOf(put(small, payloads[name]) as never), before))]).toEqual([
          name,
          [],
        ]);
      }
    },
  );
});

/** A plan in which a text is another, wherever it stands, so that names still lead to what they name. */
function renamed(plan: PlanDocument, old: string, text: string): PlanDocument {
  const visit = (value: unknown): unknown => {
    if (value === old) return text;
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [key === old ? text : key, visit(field)]),
    );
  };
  return visit(plan) as PlanDocument;
}

describe('a hostile text in a plan', () => {
  const before = planOf(small as never);
  const patterns = [...placesOf(before)].flatMap(([pattern, [place]]) => {
    const value = valueAt(before, place);
    return typeof value === 'string' && value !== '' ? [[pattern, value] as const] : [];
  });
  const visiblePayload = Object.values(payloads)
    .filter((payload) => !unseen.test(payload))
    .join(' ');

  it('is refused by its shape, or is data in every output', () => {
    const free: string[] = [];
    for (const [pattern, value] of patterns) {
      for (const payload of [visiblePayload, all]) {
        const plan = renamed(before, value, payload);
        const faults = checkShape(plan);
        if (faults.length > 0) {
          expect(unseen.test(withoutOurs(faults.map(formatDiagnostic).join('')))).toBe(false);
          continue;
        }
        free.push(pattern);
        expect([pattern, alive(shownOf(plan, before))]).toEqual([pattern, []]);
      }
    }
    // Sentences, and names that no program reads.
    expect(free.sort()).toMatchInlineSnapshot(`
     [
       "cost.asOf",
       "cost.items[].item",
       "cost.unknown[]",
       "regions[].city",
       "regions[].tags.*",
       "reservations[].nearest",
       "reservations[].reason",
       "routes[].refusal.message",
       "routes[].refusal.nearest",
       "warnings[].code",
       "warnings[].message",
       "warnings[].next",
     ]
    `);
  });

  it('is data in every renderer even where its shape is not looked at', () => {
    const shown = {
      ...before,
      network: all,
      tags: { [all]: all },
      warnings: [{ code: all as Code, path: all, message: all, next: all }],
    };
    const regions = before.regions.map((region) => ({ ...region, city: all, country: all }));
    const links = before.links.map((link) => ({ ...link, srlgs: [all] }));
    expect(alive(shownOf({ ...shown, regions, links }, before))).toEqual([]);
  });
});

describe('an escaper', () => {
  it.each(Object.entries(payloads))('keeps %s as text in Markdown', (_name, payload) => {
    const text = visible(payload);
    const [line, code, fence] = [
      markdownText(payload),
      markdownCode(payload),
      markdownFence([payload]).join('\n'),
    ];
    const paragraph = markdownNodes(`- ${line}\n`);
    if (!paragraph) return;
    const literals = (markdown: string) =>
      markdownNodes(markdown)!
        .map((node) => (node.type === 'softbreak' ? '\n' : node.text))
        .join('');
    expect(paragraph.filter(({ type }) => !['text', 'code'].includes(type)).map(({ type }) => type)).toEqual([
      'document',
      'list',
      'item',
      'paragraph',
    ]);
    expect(literals(`- ${line}\n`).replaceAll('\\|', '|')).toBe(text.trimStart());
    expect(literals(code).replaceAll('\\|', '|')).toBe(text);
    expect(literals(fence)).toBe(`${text}\n`);
  });

  it.each([
    ['> quoted', '\\> quoted'],
    ['1. one', '1\\. one'],
    ['- point', '\\- point'],
    ['--- ', '\\--- '],
    ['# heading', '`#` heading'],
    ['5 % ~ fe80::1:a', '5 % ~ fe80::1:a'],
    ['a > b', 'a > b'],
  ])('writes %j as %j in Markdown', (text, markdown) => {
    expect(markdownText(text)).toBe(markdown);
  });

  it('lets colours through to a terminal alone, and JSON stay the same JSON', () => {
    const output = '\u001b[31mred\u001b[39m\n\r\u001b[Kprogress\u001b[2J';
    expect(visibleOutput(output, true)).toBe('\u001b[31mred\u001b[39m\n\r\u001b[Kprogress\\u001b[2J');
    expect(visibleOutput(output, false)).toBe(
      '\\u001b[31mred\\u001b[39m\n\\u000d\\u001b[Kprogress\\u001b[2J',
    );
    const json = JSON.stringify(payloads);
    expect(JSON.parse(visibleOutput(json, false))).toEqual(payloads);
    expect(unseen.test(visibleOutput(json, false))).toBe(false);
  });

  it('keeps labels of metrics on their line', async () => {
    const read = function* () {
      for (const payload of Object.values(payloads)) yield [{ link_id: payload }, 1] as const;
    };
    const metric = { name: 'dwcp_test', help: 'Test.', type: 'gauge', read } as const;
    let text = '';
    for await (const piece of textOf(metric, {} as TelemetrySource)) text += piece;
    expect(unseen.test(withoutOurs(text))).toBe(false);
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines.slice(2)).toHaveLength(Object.keys(payloads).length);
    for (const line of lines.slice(2)) expect(line).toMatch(/^dwcp_test\{link_id="(?:[^"\\]|\\.)*"\} 1$/);
  });
});
