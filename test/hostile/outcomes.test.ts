import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatDiagnostic, type Diagnostic } from '../../lib/diagnostics';
import { terraformText, visible } from '../../lib/escape';
import { readDescription } from '../../lib/model';
import { small } from './small-network';
import { textPlaces } from './text-places';

/**
 * Hostile descriptions and what each gets, one after the other in one file: the place and the text in it as
 * JSON, then the exact diagnostics that the text causes, or what an accepted text becomes in Terraform.
 * `UPDATE_GOLDEN=1` rewrites it.
 */
const file = path.join(__dirname, '..', 'golden', 'hostile', 'outcomes.txt');

/** Four families: for a terminal, for a reader, for Terraform, for a file system. */
const texts = [
  '\u001b]0;x\u0007a\u202eb',
  '`a` <b> @org [c](https://evil.example)',
  '${file("x")}',
  '../../etc/passwd',
];

/** What the network says of itself, without anything hostile in it. */
const usual = new Set(shownOf(readDescription(JSON.stringify(small), 'network.json').diagnostics));

function shownOf(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics
    .filter(({ code }) => code !== 'price-unknown')
    .map((d) => formatDiagnostic({ ...d, position: undefined }));
}

function outcomes(): string[] {
  return textPlaces().flatMap(({ pattern, with: put }) =>
    texts.map((text) => {
      const { network, diagnostics } = readDescription(JSON.stringify(put(small, text)), 'network.json');
      const shown = shownOf(diagnostics).filter((line) => !usual.has(line));
      const accepted = network ? [`accepted: ${visible(terraformText(text))}`] : [];
      return [`${pattern}: ${visible(JSON.stringify(text))}`, ...accepted, ...shown].join('\n');
    }),
  );
}

describe('hostile descriptions', () => {
  const found = outcomes();

  it('are more than two hundred, each of its own', () => {
    expect(new Set(found.map((text) => text.split('\n')[0])).size).toBeGreaterThan(200);
  });

  it('get exactly what they got', () => {
    const text = `${found.join('\n\n')}\n`;
    if (process.env.UPDATE_GOLDEN === '1') {
      if (!existsSync(path.dirname(file))) mkdirSync(path.dirname(file));
      writeFileSync(file, text);
    }
    expect(text).toBe(readFileSync(file, 'utf8'));
  });
});
