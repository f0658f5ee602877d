import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Absent, Contender } from './contest';

const sources = path.join(__dirname, '..', '..', '..', 'test', 'bench', 'peers');
const python = '/usr/bin/python3';

/** One of our own programs of this folder. */
export function ours(name: string, ...args: readonly string[]): Contender {
  return { name, command: process.execPath, args: [path.join(__dirname, 'ours.js'), ...args] };
}

/** igraph in C, compiled into the folder with Debian's libigraph-dev. */
export function igraphC(name: string, folder: string, ...args: readonly string[]): Contender | Absent {
  const command = path.join(folder, 'igraph');
  if (!existsSync(command)) {
    const flags = spawnSync('pkg-config', ['--cflags', '--libs', 'igraph'], { encoding: 'utf8' });
    if (flags.status !== 0) return { name, why: 'libigraph-dev is not installed' };
    const source = path.join(sources, 'igraph.c');
    const built = spawnSync('gcc', ['-O2', '-o', command, source, ...flags.stdout.trim().split(/\s+/)], {
      encoding: 'utf8',
    });
    if (built.error) return { name, why: 'gcc is not installed' };
    if (built.status !== 0) throw new Error(`igraph.c does not compile:\n${built.stderr}`);
  }
  return { name, command, args };
}

/** A Python peer: Debian's python3-igraph or python3-networkx. */
export function pythonPeer(
  name: string,
  library: 'igraph' | 'networkx',
  ...args: readonly string[]
): Contender | Absent {
  if (spawnSync(python, ['-c', `import ${library}`]).status !== 0)
    return { name, why: `python3-${library} is not installed` };
  return { name, command: python, args: [path.join(sources, `python-${library}.py`), ...args] };
}
