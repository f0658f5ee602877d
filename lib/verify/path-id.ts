/** Regions joined by `>`, behind each the link in brackets unless it is named after the two. */
export function pathId(regions: readonly string[], links: readonly string[]): string {
  const hops = links.map((link, i) => {
    const [x, y] = [regions[i], regions[i + 1]];
    return [`link-${x}-${y}`, `link-${y}-${x}`].includes(link) ? y : `${y}[${link}]`;
  });
  return [regions[0], ...hops].join('>');
}
