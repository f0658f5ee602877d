import { spawnSync } from 'node:child_process';

const works = (...command: string[]) => spawnSync(command[0], command.slice(1)).status === 0;

/**
 * Why no lab can be made on this machine; undefined: it can.
 *
 * @param tools programs that a test needs beyond the lab's own, with an argument that makes them end well.
 */
export function labGap(...tools: readonly (readonly [string, string])[]): string | undefined {
  if (process.geteuid?.() !== 0) return 'a lab needs root';
  if (!works('ip', 'netns', 'list')) return 'no network namespaces (iproute2)';
  for (const [tool, argument] of [['wg', '--version'], ['nft', '--version'], ['tc', '-V'], ...tools]) {
    if (!works(tool, argument)) return `${tool} is not installed`;
  }
  const probe = `dwcp-gap-${process.pid}`;
  if (!works('ip', 'netns', 'add', probe)) return 'network namespaces may not be made here';
  const kernel = works('ip', '-n', probe, 'link', 'add', 'wg0', 'type', 'wireguard');
  spawnSync('ip', ['netns', 'delete', probe]);
  if (!kernel && !works('wireguard-go', '--version'))
    return 'neither the kernel nor wireguard-go has WireGuard';
  return undefined;
}
