import { tunnelKind, tunnelTypes, type TunnelType } from '../../../tunnels';
import type { HostCapabilities } from '../host';
import { driverOf } from '../tunnels/drivers';
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
  const missing: string[] = [];
  if (process.getuid?.() !== 0) missing.push('not root: nothing can be applied');
  const makers: [TunnelType, string | null][] = [];
  for (const type of tunnelTypes) {
    const { maker, lack } = driverOf(type);
    const found = await maker({ prefix });
    makers.push([type, found]);
    if (found === null) missing.push(lack);
  }
  if (!(await canMake('veth'))) missing.push('no interface type veth: segments have no place');
  const tunnelPackages = Object.assign({}, ...tunnelTypes.map((type) => tunnelKind(type).packages));
  const tools: Record<string, string> = {
    ...tunnelPackages,
    ip: 'iproute2',
    tc: 'iproute2',
    nft: 'nftables',
  };
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
  return { tunnels: Object.fromEntries(makers) as HostCapabilities['tunnels'], missing };
}
