import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { codeTable, codes } from '../../lib/diagnostics/codes';
import { descriptionCodes } from '../../lib/diagnostics/codes/description-codes';
import { fileCodes } from '../../lib/diagnostics/codes/file-codes';
import { keyCodes } from '../../lib/diagnostics/codes/key-codes';
import { planningCodes } from '../../lib/diagnostics/codes/planning-codes';
import { verifyCodes } from '../../lib/diagnostics/codes/verify-codes';

const root = path.join(__dirname, '..', '..');

/**
 * Every literal of the source as a pattern, but for names of properties, imports and types: what the source
 * could emit. That it emits nothing else the compiler sees to, by the type `Code`.
 */
function literals(): { readonly texts: ReadonlySet<string>; readonly patterns: readonly RegExp[] } {
  const texts = new Set<string>();
  const patterns: RegExp[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.add(node.text);
    else if (ts.isTemplateExpression(node)) {
      const parts = [node.head.text, ...node.templateSpans.map((span) => span.literal.text)];
      // Only a text that could be a code: `zero-${dimension}`, `${key}-unknown`.
      if (parts.every((part) => /^[a-z-]*$/.test(part)) && parts.some((part) => /[a-z]-|-[a-z]/.test(part)))
        patterns.push(new RegExp(`^${parts.join('[a-z]+')}$`));
    }
    const isName = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
    if (!isName) ts.forEachChild(node, look);
  };
  for (const folder of ['lib', 'constructs']) {
    for (const entry of readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      if (!file.endsWith('.ts') || file.includes(path.join('diagnostics', 'codes'))) continue;
      look(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true));
    }
  }
  return { texts, patterns };
}

describe('the table of codes', () => {
  it('holds no code that nothing can emit', () => {
    const { texts, patterns } = literals();
    const unused = Object.keys(codes).filter(
      (code) => !texts.has(code) && !patterns.some((pattern) => pattern.test(code)),
    );
    expect(unused).toEqual([]);
    expect(texts.has('no-such-code')).toBe(false);
    // Without such patterns some codes would have no source.
    expect(patterns.some((pattern) => pattern.test('zero-ratio'))).toBe(true);
  });

  it('is put together of groups that share no code', () => {
    const groups = [fileCodes, descriptionCodes, planningCodes, keyCodes, verifyCodes];
    const all = groups.flatMap((group) => Object.keys(group));
    expect([...new Set(all)]).toHaveLength(all.length);
    expect(codeTable().map(([code]) => code)).toEqual([...all].sort());
  });

  it('explains each code in whole sentences that fit a line of help', () => {
    for (const [code, { means, next }] of codeTable()) {
      expect([code, means]).toEqual([code, expect.stringMatching(/^['A-Z].*\.$/)]);
      expect([code, next]).toEqual([code, expect.stringMatching(/^['A-Z].*['.\])]$/)]);
      expect(`${code} ${means}`.length).toBeLessThan(140);
    }
  });
});
