import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The six-region example, as text. */
export function exampleNetwork(): string {
  const file = path.join(__dirname, '..', '..', 'stacks', 'examples', 'six-regions.yaml');
  return readFileSync(file, 'utf8');
}
