import type { AgentInput } from './agent-input';
import type { AgentState } from './agent-state';
import { endDrains } from './drains';
import { keep, publish, type Draft } from './draft';
import { reusedAtMs } from './flap-penalty';
import { lasted, standingOf } from './session-record';
import { nextBoundMs, openAt } from './windows';

/** Lets time pass: waits end, penalties decay, windows open and close. */
export function advance(draft: Draft, input: AgentInput): void {
  const { nowMs, settings, sessions, raised, plan } = draft;
  for (const [session, record] of sessions) {
    const after = lasted(record, settings, nowMs);
    if (after === record) continue;
    keep(draft, session, after);
    if (record.penalty.suppressed && !after.penalty.suppressed) {
      const cause = 'its penalty has decayed';
      publish(draft, { kind: 'damping', what: session, from: 'suppressed', to: 'free', cause });
    }
    const [from, to] = [standingOf(record), standingOf(after)];
    if (from !== to) publish(draft, { kind: 'health', what: session, from, to, cause: 'its wait is over' });
  }
  for (const [session, { untilMs }] of raised) {
    if (untilMs > nowMs) continue;
    raised.delete(session);
    draft.repace = true;
  }

  const moved = input.kind === 'tick' && input.utcOffsetMs !== undefined;
  if (moved) draft.utcOffsetMs = input.utcOffsetMs!;
  endDrains(draft);
  const bound = draft.nextBoundUtcMs ?? Infinity;
  const due = bound - draft.utcOffsetMs <= nowMs;
  // At the bound itself the sum may be rounded to just before it.
  const utcMs = Math.max(nowMs + draft.utcOffsetMs, due ? bound : -Infinity);
  if (!(moved || due || input.kind === 'plan')) return;
  draft.nextBoundUtcMs = nextBoundMs(plan.windows, utcMs);
  const open = openAt(plan.windows, utcMs);
  if (open.join() === draft.open.join()) return;
  for (const id of new Set([...draft.open, ...open])) {
    const [was, is] = [draft.open.includes(id), open.includes(id)];
    if (was === is) continue;
    const cause = plan.windows.has(id) ? `its window ${is ? 'opens' : 'closes'}` : 'it left the plan';
    const word = (on: boolean) => (on ? 'open' : 'closed');
    publish(draft, { kind: 'reservation', what: id, from: word(was), to: word(is), cause });
  }
  draft.open = open;
  draft.dirty = 'all';
}

/** When time alone changes something next, monotonic ms. */
export function nextTickMs(state: AgentState): number | null {
  const { nowMs, settings, nextBoundUtcMs, utcOffsetMs } = state;
  const times = [...state.raised.values()].map(({ untilMs }) => untilMs);
  for (const { health, sinceMs, held, penalty } of state.sessions.values()) {
    if (held !== null) times.push(held.untilMs);
    if (penalty.suppressed) times.push(reusedAtMs(penalty, settings.damping));
    if (health === 'down') times.push(sinceMs + settings.doubtMs);
  }
  for (const end of state.drainEnds.values()) times.push(end - utcOffsetMs);
  if (nextBoundUtcMs !== null) times.push(nextBoundUtcMs - utcOffsetMs);
  const next = Math.min(...times.filter((time) => time > nowMs));
  return Number.isFinite(next) ? next : null;
}
