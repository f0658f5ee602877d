/** What finds a code, in the order in which a description meets them. */
export const codeGroups = {
  files: 'Files and commands',
  description: 'Descriptions',
  planning: 'Planning',
  keys: 'Keys',
  verifying: 'Verifying a plan',
} as const;

export type CodeGroup = keyof typeof codeGroups;

/** What a diagnostic's code means, in a sentence, and what to do about it in general. */
export interface CodeText {
  readonly group: CodeGroup;
  readonly means: string;
  readonly next: string;
}

/** Makes the rows of one group. */
export function rowsOf(group: CodeGroup) {
  return (means: string, next: string): CodeText => ({ group, means, next });
}
