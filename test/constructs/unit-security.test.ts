import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fetchService } from '../../constructs/clouds/aws/fetch/units';
import { agentFiles } from '../../lib/gateway';
import { skipped } from '../net/skipped';

const agentService = agentFiles('').get('dwcp-agent.service')!;
const hostService = agentFiles('').get('dwcp-host.service')!;

/** systemd's exposure of a unit, 0 (none) to 10; undefined: no systemd 250 or later is here to ask. */
function exposure(unit: string): number | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-unit-'));
  const file = path.join(folder, 'dwcp-asked.service');
  writeFileSync(file, unit);
  const asked = ['security', '--offline=yes', '--no-pager', file];
  const { stdout, error } = spawnSync('systemd-analyze', asked, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  rmSync(folder, { recursive: true });
  const [, figure] = /Overall exposure level for dwcp-asked\.service: ([\d.]+)/.exec(stdout ?? '') ?? [];
  if (error || figure === undefined) return void skipped('no systemd-analyze of systemd 250 or later');
  return Number(figure);
}

/** A unit with its own [Service] lines of these names alone. */
const only = (unit: string, names: RegExp) =>
  unit
    .split('\n')
    .filter((line) => !line.includes('=') || names.test(line))
    .join('\n');

// Newer versions of systemd weigh a little differently, and know more.
test.each([
  ['the agent', agentService, 2.6],
  ['the fetcher', fetchService, 1.8],
  ['what tells others on the host', hostService, 1.8],
  ['what sends the journal', agentFiles('').get('dwcp-logs.service')!, 1.8],
])('%s is exposed as little as its work allows', (_, unit, figure) => {
  const now = exposure(unit);
  if (now === undefined) return;
  expect(now).toBeLessThan(4);
  expect(Math.abs(now - figure)).toBeLessThanOrEqual(0.3);
});

test("the agent's unit runs node as the process that systemd hears", () => {
  if (spawnSync('perl', ['-MSocket', '-e', '1']).status !== 0) return skipped('no perl');
  const [, line] = /^ExecStart=(.*) \/usr\/bin\/node /m.exec(agentService)!;
  const [, program] = /^\/usr\/bin\/perl -MSocket -e "([^"\\%]*)"$/.exec(line)!;
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-notify-'));
  // Stands for systemd: prints what one process said, and who it was.
  const listener = `use Socket; socket(L,AF_UNIX,SOCK_DGRAM,0); bind(L,pack_sockaddr_un($ENV{NOTIFY_SOCKET})) or die;
    my $pid=fork; if(!$pid){exec @ARGV} recv(L,$m,100,0); waitpid $pid,0; print "$m $pid"`;
  const node = `require('fs').writeSync(Number(process.env.DWCP_NOTIFY_FD), 'READY=1 ' + process.pid)`;
  const command = ['perl', '-MSocket', '-e', program.replaceAll('$$', '$'), process.execPath, '-e', node];
  const { stdout, stderr } = spawnSync('perl', ['-e', listener, ...command], {
    encoding: 'utf8',
    env: { ...process.env, NOTIFY_SOCKET: path.join(folder, 'notify') },
  });
  rmSync(folder, { recursive: true });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^READY=1 (\d+) \1$/);
});

test('without their hardening they are exposed as they were before', () => {
  const before = `CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_NET_BIND_SERVICE CAP_SYS_ADMIN CAP_DAC_OVERRIDE CAP_SYS_NICE\nProtectHome=yes\n`;
  const agent = exposure(
    `${only(agentService, /^(ExecStart|NoNewPrivileges)=/)}`.replace('[Install]', `${before}[Install]`),
  );
  if (agent === undefined) return;
  expect(Math.abs(agent - 7.5)).toBeLessThanOrEqual(0.3);
  expect(Math.abs(exposure(only(fetchService, /^ExecStart=/))! - 9.6)).toBeLessThanOrEqual(0.3);
});
