import type { LockFile } from './lock-file';

/** How long after its planning a gateway may install a plan; then it is to be planned again, or renewed. */
export const validityDays = 365;

/**
 * The lock with the times between which its plan may be installed: from now on, for `validityDays`. They
 * change with the plan's generation alone, so that planning again gives the same bytes.
 *
 * @param before the lock as it was read; null: there was none.
 * @param nowMs Unix time, ms.
 * @param renew also where the plan is the same.
 */
export function withTimes(before: LockFile | null, after: LockFile, nowMs: number, renew = false): LockFile {
  const { plan } = after;
  if (!plan || (!renew && plan.generation === before?.plan?.generation)) return after;
  const instant = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  const notBefore = instant(nowMs);
  const latest = instant(nowMs + validityDays * 86_400_000);
  return { ...after, plan: { generation: plan.generation, digest: plan.digest, notBefore, latest } };
}

/** The same times in Unix seconds; undefined: the lock has none. */
export function timesOf({ plan }: LockFile): { notBefore: number; latest: number } | undefined {
  if (plan?.notBefore === undefined || plan.latest === undefined) return undefined;
  return { notBefore: Date.parse(plan.notBefore) / 1000, latest: Date.parse(plan.latest) / 1000 };
}
