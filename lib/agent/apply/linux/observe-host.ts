import type { HostObject } from '../host-object';
import { hostParts, type HostPart } from '../host-part';
import { markingValue } from '../wanted/wanted-marking';
import { hostSysctlNames, deviceSysctlNames } from '../wanted/wanted-tunnels';
import { nftTable } from '../numbers';
import type { LinuxPlace } from './linux-place';
import { observeLinks } from './observe-links';
import { observeQueues } from './observe-queues';
import { observeRoutes } from './observe-routes';
import { observeSysctls } from './sysctls';

/**
 * Reads what is there of the agent's own from the kernel: `ip -j`, `wg show all dump`, `tc`, `nft -j`.
 * Nothing is remembered, so that what others removed is missed and what is there is adopted.
 *
 * @param parts these alone; settings and queues of interfaces come with the interfaces. Default: all.
 * @throws Error if a tool fails.
 */
export async function observeHost(
  place: LinuxPlace,
  parts: ReadonlySet<HostPart> = new Set(hostParts),
): Promise<HostObject[]> {
  const byInterface = parts.has('settings') || parts.has('queues');
  const links = parts.has('links') || byInterface ? await observeLinks(place) : [];
  const tunnels = links.filter((object) => object.kind === 'tunnel').map((object) => object.key);
  const looks = await Promise.all([
    ...(parts.has('settings')
      ? [
          observeSysctls(place, hostSysctlNames, 'sysctl'),
          observeSysctls(place, deviceSysctlNames(tunnels), 'deviceSysctl'),
        ]
      : []),
    ...(parts.has('queues') ? [observeQueues(place, tunnels)] : []),
    ...(parts.has('routes') ? [observeRoutes(place)] : []),
    ...(parts.has('marking') ? [observeMarking(place)] : []),
  ]);
  return [...links, ...looks.flat()];
}

interface NftListing {
  readonly nftables: readonly {
    readonly chain?: { readonly name: string; readonly type?: string; readonly hook?: string; prio?: number };
    readonly rule?: { readonly chain: string; readonly comment?: string };
  }[];
}

/** Its text too: what was there can be put back. */
async function observeMarking({ prefix, look }: LinuxPlace): Promise<HostObject[]> {
  const list = ['list', 'table', 'inet', nftTable];
  const [{ code, stdout, stderr }, text] = await Promise.all([
    look([...prefix, 'nft', '-j', ...list]),
    look([...prefix, 'nft', '-s', ...list]),
  ]);
  if (code !== 0) {
    if (stderr.includes('No such file or directory') && !stderr.includes('ENOENT')) return [];
    throw new Error(`nft ${list.join(' ')}: ${stderr.trim()}`);
  }
  const entries = (JSON.parse(stdout) as NftListing).nftables;
  const chains = entries.flatMap(({ chain }) => {
    if (!chain) return [];
    const hook = chain.hook === undefined ? '' : `${chain.type} ${chain.hook} ${chain.prio}`;
    const rules = entries.flatMap(({ rule }) => (rule?.chain === chain.name ? [rule.comment ?? null] : []));
    return [{ name: chain.name, hook, rules }];
  });
  return [{ kind: 'marking', key: `inet ${nftTable}`, value: markingValue(chains), script: text.stdout }];
}
