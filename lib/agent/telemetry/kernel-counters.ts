/** Bytes and packets of one interface, as the kernel counts them. */
export interface InterfaceCounters {
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** What the kernel says of the machine. */
export interface HostSample {
  readonly interfaces: ReadonlyMap<string, InterfaceCounters>;
  /** Jiffies since boot, all processors. */
  readonly busyTicks: number;
  readonly totalTicks: number;
  readonly memoryTotalBytes: number;
  readonly memoryAvailableBytes: number;
}

/**
 * Reads `/proc/net/dev`, `/proc/stat` and `/proc/meminfo` (proc(5)); lines that are not as documented are
 * passed over.
 */
export function parseHostSample(netDev: string, stat: string, memInfo: string): HostSample {
  const interfaces = new Map<string, InterfaceCounters>();
  for (const line of netDev.split('\n')) {
    const match = /^\s*([^\s:]+):\s*(.*)$/.exec(line);
    if (!match) continue;
    const fields = match[2].trim().split(/\s+/).map(Number);
    if (fields.length < 16 || fields.some((f) => !Number.isFinite(f))) continue;
    interfaces.set(match[1], { receivedBytes: fields[0], sentBytes: fields[8] });
  }
  const cpu = /^cpu\s+(.*)$/m.exec(stat)?.[1].trim().split(/\s+/).map(Number) ?? [];
  // user nice system idle iowait irq softirq steal; guest time stands in user already.
  const ticks = cpu.slice(0, 8).filter(Number.isFinite);
  const totalTicks = ticks.reduce((sum, t) => sum + t, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const bytesOf = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(memInfo)?.[1] ?? 0) * 1024;
  return {
    interfaces,
    busyTicks: totalTicks - idle,
    totalTicks,
    memoryTotalBytes: bytesOf('MemTotal'),
    memoryAvailableBytes: bytesOf('MemAvailable'),
  };
}

/** Share of processor time between two samples that was busy, 0 to 1; 0 where no time has passed. */
export function busyRatio(before: HostSample, after: HostSample): number {
  const total = after.totalTicks - before.totalTicks;
  return total > 0 ? Math.min(1, Math.max(0, (after.busyTicks - before.busyTicks) / total)) : 0;
}
