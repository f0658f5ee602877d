import { smallBytes, type TriedTarget } from './tried-target';
import type { TrafficSettings } from './traffic-target';

/** Has rounds be as frequent as wanted, and as the budgets of tunnels and of this machine allow. */
export function paceTargets(tried: readonly TriedTarget[], settings: TrafficSettings): void {
  const packets = ({ target }: TriedTarget) => target.ends.length * (target.mtu === null ? 1 : 2);
  const bits = ({ target }: TriedTarget) => 8 * target.ends.length * (smallBytes + (target.mtu ?? 0));
  const wanted = ({ target }: TriedTarget) => (target.used ? settings.usedMs : settings.unusedMs);
  const perMs = new Map<string, number>();
  for (const t of tried) {
    const { tunnel } = t.target;
    if (tunnel) perMs.set(tunnel.id, (perMs.get(tunnel.id) ?? 0) + bits(t) / wanted(t));
  }
  const all = tried.reduce((sum, t) => sum + packets(t) / wanted(t), 0) * 1000;
  for (const t of tried) {
    const { tunnel } = t.target;
    const allowed = (tunnel?.bandwidthMbps ?? Infinity) * 1000 * settings.bandwidthShare;
    const byTunnel = tunnel ? perMs.get(tunnel.id)! / Math.max(allowed, 1e-9) : 1;
    const by = Math.max(1, all / settings.packetsPerSecond, byTunnel);
    t.intervalMs = Math.min(Math.max(wanted(t), settings.longestMs), wanted(t) * by);
  }
}
