import { nearest } from '../diagnostics';
import { codeGroups, codes, codeTable, type Code, type CodeGroup } from '../diagnostics/codes';
import { fold, table } from '../report/table';
import { exitCodes, exitTitles } from './exit-codes';
import type { CliIo, ExitCode } from './io';

/** Columns of a topic: those of help. */
export interface TopicLayout {
  readonly width: number;
}

/** `dwcp help codes [code]`: every code with its meaning, or one with what to do about it. */
export function codesTopic(io: CliIo, code: string | undefined, { width }: TopicLayout): ExitCode {
  if (code === undefined) {
    io.stdout.write(`${listOfCodes(width).join('\n')}\n`);
    return 0;
  }
  if (!Object.hasOwn(codes, code)) {
    const near = nearest(code, Object.keys(codes));
    const next = near ? `did you mean '${near}'?` : "'dwcp help codes' lists them all";
    io.stderr.write(`error: there is no code '${code}'\n  next: ${next}\n`);
    return 2;
  }
  const { group, means, next } = codes[code as Code];
  const lines = [code, ...fold(means, width, 2), ...fold(`next: ${next}`, width, 2)];
  io.stdout.write(`${[...lines, ...fold(`found in: ${codeGroups[group]}`, width, 2)].join('\n')}\n`);
  return 0;
}

function listOfCodes(width: number): string[] {
  const names = Object.keys(codeGroups) as CodeGroup[];
  const longest = Math.max(...Object.keys(codes).map((code) => code.length));
  const parts = names.map((name) => {
    const rows = codeTable().filter(([, { group }]) => group === name);
    // One width of the first column for all groups.
    const cells = rows.map(([code, { means }]) => [code.padEnd(longest), means]);
    const [, ...lines] = table([{ title: 'code' }, { title: 'means', elastic: true }], cells, width);
    return [codeGroups[name], ...lines, ''];
  });
  return [...parts.flat(), "'dwcp help codes <code>' says what to do about one."];
}

/** `dwcp help exit-codes`. */
export function exitCodesTopic(io: CliIo, { width }: TopicLayout): ExitCode {
  const columns = exitTitles.map((title, i) => ({ title, elastic: i > 0 }));
  const rows = exitCodes.map(({ commands, codes: means }) => [commands, ...means]);
  io.stdout.write(`${table(columns, rows, width, 0).join('\n')}\n`);
  return 0;
}

/** docs/codes.md: the table of codes by group. */
export function codesMarkdown(): string {
  const lines = [
    '# Diagnostic codes',
    '',
    'Made from the table in `lib/diagnostics/codes` (`UPDATE_GOLDEN=1 npx jest test/cli/help-topics.test.ts`).',
    '`dwcp help codes <code>` prints a row.',
  ];
  for (const name of Object.keys(codeGroups) as CodeGroup[]) {
    lines.push('', `## ${codeGroups[name]}`, '', '| code | means | what to do |', '| --- | --- | --- |');
    for (const [code, { group, means, next }] of codeTable()) {
      if (group === name) lines.push(`| \`${code}\` | ${means} | ${next.replace(/</g, '&lt;')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
