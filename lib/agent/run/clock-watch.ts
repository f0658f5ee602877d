import type { Agent, Clock } from './agent';

/** How often the wall clock is compared with the monotonic one, ms. */
const periodMs = 1_000;
/** It follows what is a tuning of the clock silently, ms; more was set by somebody. */
const leastStepMs = 250;
const toldStepMs = 1_000;

/**
 * Compares the wall clock with the monotonic one: where it was set, the windows of reservations move with it.
 *
 * @returns ends it.
 */
export function startClockWatch(
  agent: Pick<Agent, 'state' | 'input'>,
  clock: Pick<Clock, 'nowMs' | 'utcMs' | 'after'>,
): () => void {
  let cancel: () => void = () => undefined;
  const iso = (utcMs: number) => new Date(utcMs).toISOString();
  const look = (): void => {
    const [nowMs, utcMs] = [clock.nowMs(), clock.utcMs()];
    const { plan, utcOffsetMs } = agent.state;
    const step = utcMs - nowMs - utcOffsetMs;
    if (plan !== null && Math.abs(step) >= leastStepMs) {
      agent.input({ kind: 'tick', utcOffsetMs: utcMs - nowMs });
      if (Math.abs(step) >= toldStepMs) {
        const cause = `the wall clock was set ${step > 0 ? 'forward' : 'back'} by ${Math.round(Math.abs(step) / 1000)} s`;
        const [from, to] = [iso(nowMs + utcOffsetMs), iso(utcMs)];
        agent.input({ kind: 'tell', event: 'clock', what: 'wall clock', from, to, cause });
      }
    }
    cancel = clock.after(periodMs, look);
  };
  cancel = clock.after(periodMs, look);
  return () => cancel();
}
