import type { Network } from '../model';

/**
 * Names of a network's lock or key file, in the order in which they are looked for. The first is the one that
 * is written. The others belong to the network before it was renamed: their content is taken over.
 *
 * @param identity of the network, where it is known.
 */
export function fileNames(
  kind: 'lock' | 'keys',
  { name, renames }: Pick<Network, 'name' | 'renames'>,
  identity?: string,
): readonly string[] {
  const names = [name, renames.network, identity].filter((n) => typeof n === 'string');
  return [...new Set(names)].map((n) => `${n}.${kind}.json`);
}
