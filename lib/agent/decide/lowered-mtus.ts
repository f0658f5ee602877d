import type { AgentState } from './agent-state';

/**
 * Paths that carry traffic though long packets vanish on them, for there is no better: the largest packet
 * that arrives, bytes, by path. Their destinations are told so, until a longer one arrives.
 */
export function loweredMtus({
  carriage,
  selections,
}: Pick<AgentState, 'carriage' | 'selections'>): ReadonlyMap<string, number> {
  const lowered = new Map<string, number>();
  if (carriage.size === 0) return lowered;
  for (const { members } of selections.values()) {
    for (const { path } of members) {
      const bytes = carriage.get(path)?.carriesBytes ?? null;
      if (bytes !== null) lowered.set(path, bytes);
    }
  }
  return lowered;
}

export function sameMtus(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([path, bytes]) => b.get(path) === bytes);
}
