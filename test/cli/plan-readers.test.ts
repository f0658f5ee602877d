import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PlanDocument } from '../../lib/plan';
import { encodePlan, planDigest } from '../../lib/plan/digest';
import { runCaptured } from '../golden/captured-io';
import { descriptions, planOf } from '../verify/plans';

/** A plan whose digest is right says nothing about who made it: whoever reads one looks at what it holds. */
const file = descriptions().find(([name]) => name === 'ring')![1];
const plan = planOf(file);
const zero = `${'A'.repeat(43)}=`;

const unsound: readonly (readonly [string, PlanDocument, RegExp])[] = [
  [
    'a key of small order',
    { ...plan, gateways: plan.gateways.map((g, i) => (i === 0 ? { ...g, publicKey: zero } : g)) },
    /error\[public-key\] .*small order/,
  ],
  [
    'one block for two regions',
    { ...plan, regions: plan.regions.map((r) => ({ ...r, ipv4Block: plan.regions[0].ipv4Block })) },
    /error\[block-overlap\]/,
  ],
  [
    'a demand from nowhere',
    { ...plan, demands: plan.demands.map((d) => ({ ...d, from: 'nowhere' })) },
    /error\[unknown-region\]/,
  ],
];
const [a, b] = plan.regions.map((r) => r.id);
const readers: readonly (readonly string[])[] = [
  ['plan', 'plan.json'],
  ['explain', 'plan.json', a, b],
  ['failures', 'plan.json'],
  ['diff', 'plan.json', 'plan.json'],
  ['check', 'network.yaml', '--previous', 'plan.json'],
  ['plan', 'network.yaml', '--previous', 'plan.json'],
  ['keys', 'init', 'plan.json'],
];
let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'dwcp-readers-'));
  copyFileSync(file, path.join(cwd, 'network.yaml'));
});

afterEach(() => rmSync(cwd, { recursive: true }));

describe.each(unsound)('a plan with %s', (_what, changed, message) => {
  it.each(readers.map((r) => [r.join(' '), r] as const))('is refused by dwcp %s', async (_line, args) => {
    const sealed = { ...changed, digest: planDigest(changed) };
    writeFileSync(path.join(cwd, 'plan.json'), encodePlan(sealed));
    const { code, stdout, stderr } = await runCaptured(args, { cwd });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  });
});
