import { firstPort } from '../../addressing';
import { tunnelsPerGroup } from '../../catalog/aws/quotas';
import type { Tunnel, TunnelEnd } from '../../plan';

/** Security groups that one network interface takes (quota `security groups per ENI`). */
export const mostGroups = 5;

/**
 * Which of a gateway's security groups, from 1, a tunnel's rules stand in. Follows from the listen port,
 * which the lock file keeps: another region in the network moves no rule.
 */
export function securityGroupOf(end: TunnelEnd): number {
  return Math.max(1, Math.floor((end.listenPort - firstPort) / tunnelsPerGroup) + 1);
}

/** A gateway's tunnels by listen port, with its own end and the other. */
export function tunnelsOf(
  tunnels: readonly Tunnel[],
  gateway: string,
): readonly { readonly tunnel: Tunnel; readonly own: TunnelEnd; readonly peer: TunnelEnd }[] {
  return tunnels
    .flatMap((tunnel) => {
      const side = tunnel.ends.findIndex((end) => end.gateway === gateway);
      return side < 0 ? [] : [{ tunnel, own: tunnel.ends[side], peer: tunnel.ends[1 - side] }];
    })
    .sort((x, y) => x.own.listenPort - y.own.listenPort);
}
