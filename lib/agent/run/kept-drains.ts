import type { AgentState } from '../decide';
import { forgetStateFile, readStateFile, writeStateFile } from '../files/state-file';

/** Drained places, `region a`, and when each ends by itself: ms since 1970 in UTC; null: it does not. */
export type KeptDrains = ReadonlyMap<string, number | null>;

const fileName = 'drains.json';
/** Far more than the places of any network. */
const mostDrains = 10_000;

/** What was drained when the agent ended; nothing where the file is missing or damaged. */
export function readKeptDrains(stateDir: string): KeptDrains {
  const kept = readStateFile(stateDir, fileName, (raw) => {
    const entries = Object.entries(raw as Record<string, unknown>).slice(0, mostDrains);
    return new Map(
      entries.filter((entry): entry is [string, number | null] => {
        const [place, end] = entry;
        return /^(?:link|gateway|region) \S+$/.test(place) && (end === null || Number.isSafeInteger(end));
      }),
    );
  });
  return kept ?? new Map<string, number | null>();
}

/** Whole or not at all. */
export function writeKeptDrains(
  stateDir: string,
  { drains, drainEnds }: Pick<AgentState, 'drains' | 'drainEnds'>,
): void {
  const kept = [...drains].map((place) => [place, drainEnds.get(place) ?? null] as const);
  writeStateFile(stateDir, fileName, Object.fromEntries(kept));
}

/** After `down`: the host belongs to no network. */
export function forgetKeptDrains(stateDir: string): void {
  forgetStateFile(stateDir, fileName);
}
