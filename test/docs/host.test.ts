import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hostUse, hostUseMarkdown, hostUseKinds } from '../../lib/agent/apply/host-use';
import { edgeReasons, remarkReasons } from '../../lib/agent/apply/wanted/nft-rules';
import { foreignMarks, hex, packetMarks } from '../../lib/agent/apply/packet-marks';
import { defaultMarkBits } from '../../lib/model/mark-bits';

const file = path.join(__dirname, '..', '..', 'docs', 'host.md');

const table = (head: string, rows: readonly (readonly string[])[]) =>
  [head, head.replace(/[^|]+/g, ' --- '), ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');

const parts: Readonly<Record<string, string>> = {
  marks: table(
    '| whose | bits | what for |',
    foreignMarks.map(({ of, bits, use }) => [of, `\`${hex(bits)}\``, use]),
  ),
  reasons: table('| counter | a packet that |', [
    ...Object.entries(edgeReasons).map(([reason, of]) => [`\`refused-${reason}\``, of]),
    ...Object.entries(remarkReasons).map(([reason, of]) => [`\`remarked-${reason}\``, `${of}: best effort`]),
  ]),
  use: hostUseMarkdown(),
};

/** The page with each part between its marks; the part runs to the next heading or the end. */
function withParts(text: string): string {
  return Object.entries(parts).reduce((page, [name, part]) => {
    const begin = `<!-- ${name} -->`;
    const end = `<!-- end of ${name} -->`;
    const [before, rest] = page.split(begin);
    const after = rest.includes(end) ? rest.slice(rest.indexOf(end) + end.length) : rest;
    return `${before}${begin}\n\n${part}\n\n${end}${after}`;
  }, text);
}

describe('docs/host.md', () => {
  it('shows the tables of the code; UPDATE_GOLDEN=1 writes them', () => {
    const text = readFileSync(file, 'utf8');
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, withParts(text));
    expect(readFileSync(file, 'utf8')).toBe(withParts(text));
  });

  it('has a use for each row, and a row for each kind', () => {
    expect(hostUse.filter(({ name, use }) => !name || !use)).toEqual([]);
    expect(new Set(hostUse.map((row) => row.kind))).toEqual(new Set(Object.keys(hostUseKinds)));
  });
});

describe('our bits of packet marks', () => {
  it('are clear of those of all that is known', () => {
    expect(foreignMarks.filter(({ bits }) => bits & defaultMarkBits).map(({ of }) => of)).toEqual([]);
  });

  it('tell all meanings apart under any mask of three bits, and keep to it', () => {
    for (const mask of [defaultMarkBits, 0x7, 0xe0000000, 0x80000101]) {
      const marks = packetMarks(mask);
      const names = ['none', 'critical', 'realtime', 'interactive', 'bulk', 'best-effort', 'kept', 'probe'];
      const all = names.map((name) => marks.of(name as Parameters<typeof marks.of>[0]));
      expect(new Set(all).size).toBe(names.length);
      expect(all.filter((mark) => (mark & marks.others) !== 0)).toEqual([]);
      expect((marks.others ^ marks.mask) >>> 0).toBe(0xffffffff);
    }
    expect(() => packetMarks(0x3)).toThrow('marks take 3 bits: 0x3');
  });
});
