import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The folder of this project, from the sources as well as from the compiled files in `dist`.
 *
 * @throws Error if no folder above is it.
 */
export function projectRoot(from = __dirname): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string };
      if (name === 'dwcp-multiregion') return folder;
    }
    if (folder === path.dirname(folder))
      throw new Error(`no dwcp-multiregion folder above ${path.basename(from)}`);
  }
}

/** A file of the examples. */
export function exampleFile(name: string): string {
  return path.join(projectRoot(), 'stacks', 'examples', name);
}
