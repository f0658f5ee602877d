import { byText } from '../diagnostics';
import type { Admission } from './admission';
import type { AdmissionAuthority, AdmitOptions } from './admission-authority';
import type { Ask } from './ask';

/** The answer to one of several asks. */
export interface Outcome {
  readonly id: string;
  readonly admission: Admission;
}

/**
 * Admits asks by setup priority, strongest first, then by id: the same answers in whatever order they were
 * declared. None of them displaces another (a later one is not stronger than an earlier one's setup priority,
 * so neither than its holding priority); what was held before may be. By id.
 */
export function admitAll(
  authority: AdmissionAuthority,
  asks: readonly Ask[],
  options: AdmitOptions = {},
): Outcome[] {
  return [...asks]
    .sort((a, b) => a.setupPriority - b.setupPriority || byText(a.id, b.id))
    .map((ask) => ({ id: ask.id, admission: authority.admit(ask, options) }))
    .sort((a, b) => byText(a.id, b.id));
}
