import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Beside the repository, never in it: CC BY 4.0, Knight et al. 2011. */
const file = 'shared/data/internet-topology-zoo-graphml.tar.xz';
// From the sources, and from their compiled form in dist.
const places = ['../../..', '../../../..'].map((up) => path.join(__dirname, up, file));
const archive = places.find((place) => existsSync(place)) ?? places[0];

/**
 * The GraphML texts of the Internet Topology Zoo by network name, in code unit order; null where the archive
 * is absent. Unpacked by `tar` into a temporary folder that is gone when this returns.
 */
export function zooFiles(): { readonly name: string; readonly graphml: string }[] | null {
  if (!existsSync(archive)) return null;
  const folder = mkdtempSync(path.join(tmpdir(), 'zoo-'));
  try {
    execFileSync('tar', ['-xJf', archive, '-C', folder]);
    const inside = path.join(folder, 'graphml');
    return readdirSync(inside)
      .filter((file) => file.endsWith('.graphml'))
      .sort()
      .map((file) => ({
        name: file.slice(0, -'.graphml'.length),
        graphml: readFileSync(path.join(inside, file), 'utf8'),
      }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
