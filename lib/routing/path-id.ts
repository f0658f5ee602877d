/**
 * The id of a path: its regions joined by `>`. A hop over a link that is not named after its two regions
 * (`link-<x>-<y>` or `link-<y>-<x>`) has the link's id in brackets behind the region it reaches:
 * `tokyo>oregon[cable-2]>virginia`. `links[i]` leads from `regions[i]` to `regions[i + 1]`.
 */
export function pathId(regions: readonly string[], links: readonly string[]): string {
  let id = regions[0] ?? '';
  for (let i = 0; i < links.length; i++) {
    const [x, y, link] = [regions[i], regions[i + 1], links[i]];
    id += link === `link-${x}-${y}` || link === `link-${y}-${x}` ? `>${y}` : `>${y}[${link}]`;
  }
  return id;
}
