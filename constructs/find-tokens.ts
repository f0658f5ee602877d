import { Token } from 'cdktf';
import { problem, type Diagnostic } from '../lib/diagnostics';

/**
 * An error for each field that holds an unresolved token: a value that Terraform knows at apply, where the
 * planner needs it at synth. Paths as the parser writes them: `links.<id>.bandwidth`, `regions.<id>.block`.
 */
export function findTokens(description: unknown): Diagnostic[] {
  const found: Diagnostic[] = [];
  const report = (path: string) => {
    const message = 'is a Terraform token: its value is known at apply, and the planner needs it at synth';
    found.push(problem('value-is-token', path, message, 'write the value itself here, as text or number'));
  };
  const visit = (value: unknown, path: string, depth: number): void => {
    if (Token.isUnresolved(value)) return report(path);
    if (Array.isArray(value)) {
      value.forEach((entry: unknown, i) => {
        visit(entry, depth === 1 ? listLabel(path, entry, i) : `${path}[${i}]`, depth + 1);
      });
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, field] of Object.entries(value)) {
        if (Token.isUnresolved(key)) report(path);
        else visit(field, path === '' ? key : `${path}.${key}`, depth + 1);
      }
    }
  };
  visit(description, '', 0);
  return found;
}

function listLabel(path: string, entry: unknown, index: number): string {
  const id = typeof entry === 'object' && entry !== null ? (entry as { id?: unknown }).id : undefined;
  return typeof id === 'string' && !Token.isUnresolved(id) ? `${path}.${id}` : `${path}[${index}]`;
}
