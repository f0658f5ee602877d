import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { frrConfig } from '../support/frr-config';
import { gatewayState, type GatewayState } from '../../lib/gateway';
import { skipped } from '../net/skipped';
import { fourRegions } from '../support/four-regions';
import { typescript } from '../support/lab-process';
import { frrGap } from '../support/start-frr';

const update = process.env.UPDATE_GOLDEN === '1';
const plan = fourRegions();
const london = gatewayState(plan, 'london/1');
const drained: GatewayState = {
  ...gatewayState(plan, 'dublin/2'),
  drained: true,
  tunnels: gatewayState(plan, 'dublin/2').tunnels.map((t, i) => (i === 0 ? { ...t, drained: true } : t)),
};
const configs = [
  ['london-1', frrConfig(london)],
  ['dublin-2-drained', frrConfig(drained, { intervalMs: 50, multiplier: 3 })],
] as const;

describe("FRR's configuration", () => {
  it.each(configs)('of %s is as it was read', (name, text) => {
    const file = path.join(__dirname, '..', 'golden', 'frr', `${name}.conf`);
    if (update) writeFileSync(file, text);
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(text);
  });

  it('costs a tenth of a ms each, at least 1 and less than what is drained', () => {
    const cost = (latencyMs: number) =>
      /ip ospf cost (\d+)/.exec(frrConfig({ ...london, tunnels: [{ ...london.tunnels[0], latencyMs }] }))![1];
    expect([0, 0.04, 5, 157.5, 60_000].map(cost)).toEqual(['1', '1', '50', '1575', '65534']);
  });

  it.each([
    { intervalMs: 9, multiplier: 3 },
    { intervalMs: 20.5, multiplier: 3 },
    { intervalMs: 60_001, multiplier: 3 },
    { intervalMs: 20, multiplier: 1 },
    { intervalMs: 20, multiplier: 256 },
  ])('refuses a timing that BFD has not: %j', (timing) => {
    expect(() => frrConfig(london, timing)).toThrow(RangeError);
  });

  it.each(configs)('of %s passes the check of vtysh', (_, text) => {
    const why = frrGap();
    if (why) return skipped(why);
    expect(check(text)).toEqual({ status: 0, output: '' });
    // The check must be able to fail.
    expect(check(text.replace('ip ospf cost', 'ip ospf price')).status).not.toBe(0);
  });

  it.each(configs)('of %s is what its daemons run once they have loaded it', (_, text) => {
    const why = frrGap();
    if (why) return skipped(why);
    const command = ['--net', '--mount', '--pid', '--fork', '--kill-child', ...typescript];
    const program = path.join(__dirname, '..', 'support', 'frr-program.ts');
    const run = spawnSync('unshare', [...command, program], { input: text, encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([0, '']);
    const running = statements(run.stdout);
    const missing = [...statements(text)].filter((s) => !running.has(s) && !restated(s));
    expect(missing).toEqual([]);
  });
});

function check(text: string): { status: number | null; output: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'frr-check-'));
  const file = path.join(folder, 'frr.conf');
  writeFileSync(file, text);
  const { status, stdout, stderr } = spawnSync('vtysh', ['-C', '-f', file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return { status, output: stdout + stderr };
}

/** Lines with the block they stand in. */
function statements(text: string): Set<string> {
  const found = new Set<string>();
  let block: string[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(!.*|exit)?$/.test(line)) continue;
    const depth = /^ */.exec(line)![0].length;
    block = [...block.slice(0, depth), line.trim()];
    found.add(block.join(' / '));
  }
  return found;
}

/** What FRR 8.4 prints in other words, or not at all. */
function restated(statement: string): boolean {
  return (
    // vtysh keeps it to itself, zebra the name of the machine.
    /^(frr defaults|hostname) /.test(statement) ||
    // Defaults.
    statement === 'bfd / profile dwcp / detect-multiplier 3'
  );
}
