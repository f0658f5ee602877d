/** How a thing is: `warn` may cost traffic some day, `fail` costs traffic now. */
export type CheckState = 'ok' | 'warn' | 'fail';

/** One thing that was looked at on this host. */
export interface Check {
  readonly name: string;
  readonly state: CheckState;
  /** What was found, in one sentence. */
  readonly says: string;
  /** What to do; empty where nothing is to be done. */
  readonly next: string;
}

export const ok = (name: string, says: string): Check => ({ name, state: 'ok', says, next: '' });
export const warn = (name: string, says: string, next: string): Check => ({
  name,
  state: 'warn',
  says,
  next,
});
export const fail = (name: string, says: string, next: string): Check => ({
  name,
  state: 'fail',
  says,
  next,
});

/** The worst of them; `ok` of none. */
export function worst(checks: readonly Check[]): CheckState {
  const states = checks.map(({ state }) => state);
  return states.includes('fail') ? 'fail' : states.includes('warn') ? 'warn' : 'ok';
}

/** Names in a sentence: the first three, and how many more. */
export function some(names: readonly string[]): string {
  const more = names.length - 3;
  return more > 0 ? `${names.slice(0, 3).join(', ')} and ${more} more` : names.join(', ');
}
