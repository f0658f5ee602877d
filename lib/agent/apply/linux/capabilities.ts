import { tunnelKinds } from '../../../tunnels';
import type { HostCapabilities } from '../host';
import type { LinuxPlace } from './linux-place';
import { runProcess } from './run-process';

/** Names that nothing else has, for interfaces that are made to see whether they can be, and removed. */
const trial = 'dwcp-trial';

/** Tries what the kernel and the tools can do. Makes and removes one interface at a time. */
export async function findCapabilities({ prefix }: Pick<LinuxPlace, 'prefix'>): Promise<HostCapabilities> {
  const succeeds = async (...command: string[]) => (await runProcess([...prefix, ...command])).code === 0;
  const canMake = async (type: string) => {
    if (!(await succeeds('ip', 'link', 'add', trial, 'type', type))) return false;
    await runProcess([...prefix, 'ip', 'link', 'delete', trial]);
    return true;
  };
  const kernel = await canMake('wireguard');
  const wireguard = kernel
    ? 'kernel'
    : (await succeeds('sh', '-c', 'command -v wireguard-go && test -c /dev/net/tun'))
      ? 'wireguard-go'
      : null;
  const missing: string[] = [];
  if (process.getuid?.() !== 0) missing.push('not root: nothing can be applied');
  if (wireguard === null) {
    missing.push('no WireGuard: the kernel has none, and wireguard-go or /dev/net/tun is not there');
  }
  if (!(await canMake('veth'))) missing.push('no interface type veth: segments have no place');
  const tools = { ...tunnelKinds.wireguard.packages, ip: 'iproute2', tc: 'iproute2', nft: 'nftables' };
  for (const [tool, from] of Object.entries(tools)) {
    if (!(await succeeds('sh', '-c', `command -v ${tool}`))) missing.push(`no ${tool}: install ${from}`);
  }
  const paths: readonly (readonly [file: string, lack: string])[] = [
    [
      '/proc/sys/net/ipv6/conf/all/seg6_enabled',
      'no segment routing in the kernel (CONFIG_IPV6_SEG6_LWTUNNEL)',
    ],
    ['/proc/sys/net/ipv6/conf/all/forwarding', 'no IPv6 in the kernel'],
    ['/proc/net/psched', 'no queue disciplines in the kernel (CONFIG_NET_SCHED)'],
  ];
  for (const [file, lack] of paths) if (!(await succeeds('test', '-e', file))) missing.push(lack);
  if (!(await succeeds('ip', 'nexthop', 'list'))) missing.push('no nexthop objects (Linux 5.3 or later)');
  return { wireguard, missing };
}
