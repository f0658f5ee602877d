import type { AgentInput } from './agent-input';
import { publish, type Draft } from './draft';

/** An operator drains a place, puts it back into service, or moves the end of its drain. */
export function takeDrain(
  draft: Draft,
  { of, id, on, untilUtcMs }: Extract<AgentInput, { kind: 'drain' }>,
): void {
  const place = `${of} ${id}`;
  if (!draft.plan.places.has(place)) return;
  const was = draft.drains.has(place);
  const end = on ? untilUtcMs : undefined;
  if (was === on && draft.drainEnds.get(place) === end) return;
  setDrain(draft, place, on, end);
  const until = end === undefined ? '' : `, until ${new Date(end).toISOString()}`;
  tell(draft, place, was, on, `by the operator${until}`);
}

/** Takes up what was drained before the agent ended, but for what ended meanwhile or left the plan. */
export function takeDrains(draft: Draft, drains: ReadonlyMap<string, number | null>): void {
  for (const [place, end] of drains) {
    if (!draft.plan.places.has(place) || draft.drains.has(place)) continue;
    if (end !== null && end <= draft.nowMs + draft.utcOffsetMs) continue;
    setDrain(draft, place, true, end ?? undefined);
  }
}

/** Ends the drains whose time is over. */
export function endDrains(draft: Draft): void {
  for (const [place, end] of draft.drainEnds) {
    if (end - draft.utcOffsetMs > draft.nowMs) continue;
    setDrain(draft, place, false, undefined);
    tell(draft, place, true, false, 'its time is over');
  }
}

function setDrain(draft: Draft, place: string, on: boolean, end: number | undefined): void {
  if (draft.drains.has(place) !== on) {
    const others = [...draft.drains].filter((p) => p !== place);
    draft.drains = new Set(on ? [...others, place].sort() : others);
    draft.dirty = 'all';
  }
  const ends = new Map(draft.drainEnds);
  if (end === undefined) ends.delete(place);
  else ends.set(place, end);
  draft.drainEnds = ends;
}

function tell(draft: Draft, place: string, from: boolean, to: boolean, cause: string): void {
  const word = (drained: boolean) => (drained ? 'drained' : 'in service');
  publish(draft, { kind: 'drain', what: place, from: word(from), to: word(to), cause });
}
