import { paint } from '../../report/paint';
import { worst, type Check, type CheckState } from './check';

const width = 80;

/**
 * A line for each check, at most 80 columns, the next action below; the sum last.
 *
 * @param colour marks up states for a terminal.
 */
export function doctorText(checks: readonly Check[], colour: boolean): string {
  const p = paint(colour);
  const shown: Readonly<Record<CheckState, string>> = {
    ok: p.green('ok  '),
    warn: p.yellow('warn'),
    fail: p.red('fail'),
  };
  const name = Math.max(...checks.map((check) => check.name.length));
  const indent = ' '.repeat(4 + 2 + name + 2);
  const lines = checks.flatMap((check) => {
    const [first, ...more] = wrap(check.says, width - indent.length);
    const next = check.next === '' ? [] : wrap(`next: ${check.next}`, width - indent.length);
    return [
      `${shown[check.state]}  ${check.name.padEnd(name)}  ${first}`,
      ...[...more, ...next].map((line) => `${indent}${line}`),
    ];
  });
  const count = (state: CheckState) => checks.filter((check) => check.state === state).length;
  const sum = { ok: 'nothing to do', warn: 'look at the warnings', fail: 'traffic is lost or will be' };
  return [
    ...lines,
    '',
    `${count('ok')} ok, ${count('warn')} warn, ${count('fail')} fail: ${sum[worst(checks)]}`,
  ].join('\n');
}

/** Lines of at most so many columns, broken at spaces; a longer word stays whole up to that, then is cut. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ').flatMap((w) => w.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? [''])) {
    const last = lines[lines.length - 1];
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
