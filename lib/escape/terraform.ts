/** A token of cdktf inside a text. cdktf itself refuses one that this process has not made. */
const tokenShape = /\$\{TfToken\[[\w:.-]+\]\}/g;

/**
 * Text as Terraform's template language writes it, so that it evaluates to itself: `${` becomes `$${` and
 * `%{` becomes `%%{` (HCL native syntax specification, "Template Expressions"). Tokens of cdktf stay
 * tokens. They come from code alone: a description file that holds the text of one is refused when it is
 * read.
 */
export function terraformText(text: string): string {
  let escaped = '';
  let end = 0;
  for (const token of text.matchAll(tokenShape)) {
    escaped += escapeTemplate(text.slice(end, token.index)) + token[0];
    end = token.index + token[0].length;
  }
  return escaped + escapeTemplate(text.slice(end));
}

/**
 * A plan, or a part of it, with every text in it as Terraform writes it, keys included. The resources are
 * made from this copy alone, so that no construct has to think of it. Ids, names and addresses hold nothing
 * that changes.
 */
export function terraformTexts<T>(value: T): T {
  return escapeAll(value) as T;
}

/** A text as a quoted template inside an expression: `"a \"quoted\" $${text}"`. */
export function terraformQuoted(text: string): string {
  return JSON.stringify(terraformText(text));
}

function escapeAll(value: unknown): unknown {
  if (typeof value === 'string') return terraformText(value);
  if (Array.isArray(value)) return value.map(escapeAll);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [terraformText(key), escapeAll(field)]),
  );
}

function escapeTemplate(text: string): string {
  return text.replace(/[$%]\{/g, (opening) => opening[0] + opening);
}
