/** The meaning of the exit codes of some commands. */
interface ExitRow {
  readonly commands: string;
  /** Of 0, 1 and 2. */
  readonly codes: readonly [string, string, string];
}

const usage = 'wrong usage';

/**
 * The exit codes of all commands, as help and docs/commands.md print them; the last row is of all not named
 * above.
 */
export const exitCodes: readonly ExitRow[] = [
  { commands: 'diff', codes: ['no change', `an error, or ${usage}`, 'changes'] },
  { commands: 'verify', codes: ['accepted', 'refused, or unreadable', usage] },
  { commands: 'lock merge', codes: ['merged whole', 'a conflict is left', usage] },
  { commands: 'lab drill', codes: ['as predicted', 'another path, or loss', usage] },
  {
    commands: 'ops',
    codes: ['all gateways did', 'some did not, or an error', usage],
  },
  {
    commands: 'keys exec, lab exec',
    codes: ['of what ran', 'of what ran, or an error', usage],
  },
  { commands: 'all others', codes: ['fine', 'an error, broken objective', usage] },
];

/** Titles of the table's columns. */
export const exitTitles = ['command', '0', '1', '2'] as const;

/** The lines below the main help. */
export function exitSummary(): string {
  const line = (name: string) => {
    const { codes } = exitCodes.find(({ commands }) => commands === name)!;
    return codes.map((means, code) => `${code} ${means.split(',')[0]}`).join(', ');
  };
  return `Exit codes: ${line('all others')};\ndiff: ${line('diff')}.`;
}

/** The table as GitHub-flavoured Markdown, as docs/commands.md prints it. */
export function exitCodesMarkdown(): string {
  const rows = exitCodes.map(({ commands, codes }) => [commands, ...codes]);
  const lines = [exitTitles, ['---', '---', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
