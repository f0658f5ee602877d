import { idFromName, longestId } from '../model';

/** Makes ids of regions from names of other tools, each once. */
export class RegionIds {
  private readonly taken = new Set<string>();

  /** @param names the first that makes an id is taken. */
  next(names: readonly string[]): string {
    const base = names.map((name) => idFromName(name, 'r')).find((id) => id !== '') ?? 'region';
    let id = base;
    for (let i = 2; this.taken.has(id); i++) {
      const tail = `-${i}`;
      id = base.slice(0, longestId - tail.length).replace(/-+$/, '') + tail;
    }
    this.taken.add(id);
    return id;
  }
}
