import type { CodeText } from './code-text';
import { descriptionCodes } from './description-codes';
import { fileCodes } from './file-codes';
import { keyCodes } from './key-codes';
import { planningCodes } from './planning-codes';
import { verifyCodes } from './verify-codes';

export { codeGroups, type CodeGroup, type CodeText } from './code-text';

/**
 * Every code that a diagnostic can have, with what it means and what to do. The type of codes derives from
 * this table, so the compiler refuses a code that it does not hold; a test finds those that nothing emits.
 * `dwcp help codes` and docs/codes.md are made from it.
 */
export const codes = { ...fileCodes, ...descriptionCodes, ...planningCodes, ...keyCodes, ...verifyCodes };

/** A diagnostic's code: stable and kebab-case. */
export type Code = keyof typeof codes;

/** The table in the order of codes. */
export function codeTable(): readonly (readonly [Code, CodeText])[] {
  return (Object.entries(codes) as [Code, CodeText][]).sort(([x], [y]) => (x < y ? -1 : 1));
}
