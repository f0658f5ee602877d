import { findCapabilities } from '../../../lib/agent/apply/linux/capabilities';
import { batchRunner } from '../../../lib/agent/apply/linux/batch-runner';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Acts like `ip -force -batch -`: runs lines, complains about bad ones with their number, about a word it
 * does not know with that word.
 */
const tool = `
let n = 0, rest = '';
process.stdin.on('data', (piece) => {
  const lines = (rest + piece).split('\\n');
  rest = lines.pop();
  for (const line of lines) {
    n++;
    if (line === 'die') process.exit(3);
    if (line.startsWith('good')) continue;
    process.stderr.write('Error: what is "' + line + '"?\\nsecond line\\nCommand failed -:' + n + '\\n');
  }
});`;

describe('a tool that stays', () => {
  const start = () => batchRunner([process.execPath, '-e', tool]);

  it('acknowledges a list when all of it has run, and says which lines failed and why', async () => {
    const runner = start();
    expect(await runner.run(['good', 'good'])).toEqual([]);
    expect(await runner.run(['good', 'bad one', 'good', 'bad two'])).toEqual([
      { index: 1, message: 'Error: what is "bad one"? second line' },
      { index: 3, message: 'Error: what is "bad two"? second line' },
    ]);
    expect(await runner.run([])).toEqual([]);
    await runner.close();
  });

  it('answers lists that are handed over together one after the other, thousands of lines each', async () => {
    const runner = start();
    const lists = Array.from({ length: 5 }, (_, i) =>
      Array.from({ length: 5000 }, (_, line) => (line === i ? `bad ${i}` : 'good')),
    );
    const answers = await Promise.all(lists.map((lines) => runner.run(lines)));
    expect(answers.map((refused) => refused.map((r) => r.index))).toEqual([[0], [1], [2], [3], [4]]);
    await runner.close();
  });

  it('says that the tool ended, and starts another for the next list', async () => {
    const runner = start();
    await expect(runner.run(['good', 'die', 'good'])).rejects.toThrow('ended: exit code 3');
    expect(await runner.run(['good', 'bad'])).toMatchObject([{ index: 1 }]);
    await runner.close();
    expect(await runner.run(['good'])).toEqual([]);
    await runner.close();
  });

  it('says that there is no such tool', async () => {
    const runner = batchRunner(['/nowhere/ip', '-batch', '-']);
    await expect(runner.run(['good'])).rejects.toThrow(/ENOENT/);
    await runner.close();
  });
});

describe('what a host can do', () => {
  it('is said plainly where everything is missing', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-'));
    const { tunnels, missing } = await findCapabilities({ prefix: ['/nowhere/run'] });
    rmSync(folder, { recursive: true });
    expect(tunnels).toEqual({ wireguard: null });
    expect(missing.filter((lack) => lack !== 'not root: nothing can be applied')).toEqual([
      'no WireGuard: the kernel has none, and wireguard-go or /dev/net/tun is not there',
      'no interface type veth: segments have no place',
      'no wg: install wireguard-tools',
      'no ip: install iproute2',
      'no tc: install iproute2',
      'no nft: install nftables',
      'no segment routing in the kernel (CONFIG_IPV6_SEG6_LWTUNNEL)',
      'no IPv6 in the kernel',
      'no queue disciplines in the kernel (CONFIG_NET_SCHED)',
      'no nexthop objects (Linux 5.3 or later)',
    ]);
  });
});
