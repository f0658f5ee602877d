import type { IConstruct } from 'constructs';
import { withIds } from './refs';

/** The parts of a description that constructs describe. Links and demands are lists, the rest maps by id. */
export type Section = 'regions' | 'links' | 'policies' | 'demands' | 'reservations' | 'objectives';

const lists: ReadonlySet<Section> = new Set(['links', 'demands']);

interface Addition {
  readonly section: Section;
  readonly id: string;
  readonly value: unknown;
}

/**
 * Collects a description: the one it starts from, untouched and unchecked, and what constructs add.
 * Remembers which construct stands for which part, so that a diagnostic finds its cause.
 */
export class DescriptionBook {
  private readonly additions: Addition[] = [];
  private readonly constructs = new Map<string, IConstruct>();

  constructor(private base: Readonly<Record<string, unknown>>) {}

  /** Starts from another description. */
  startFrom(base: Readonly<Record<string, unknown>>): void {
    this.base = base;
  }

  /** Adds a part that a construct describes. `id` is its key in a map; lists carry theirs inside. */
  add(section: Section, construct: IConstruct, value: object): void {
    const id = construct.node.id;
    const label = lists.has(section) ? `${section}[${this.length(section)}]` : `${section}.${id}`;
    this.additions.push({ section, id, value: withIds(value) });
    this.constructs.set(label, construct);
    if (lists.has(section) && 'id' in value) this.constructs.set(`${section}.${id}`, construct);
  }

  /**
   * Says that a construct stands for a part of the description it started from: `links.link-a-b`,
   * `links[3]`.
   */
  place(label: string, construct: IConstruct): void {
    this.constructs.set(label, construct);
  }

  /** The whole description as raw data, in the order of declaration. */
  assemble(): Record<string, unknown> {
    const whole: Record<string, unknown> = { ...this.base };
    for (const { section, id, value } of this.additions) {
      const before = whole[section];
      const entries = Array.isArray(before) ? (before as unknown[]) : [];
      if (lists.has(section)) whole[section] = [...entries, value];
      else whole[section] = { ...(typeof before === 'object' ? before : {}), [id]: value };
    }
    return { ...whole, regions: whole.regions ?? {} };
  }

  /** Does this raw path lie in the description it started from, rather than in what constructs added? */
  isGiven(path: readonly (string | number)[]): boolean {
    if (path.length < 2) return true;
    const section = this.base[path[0]];
    return typeof section === 'object' && section !== null && path[1] in section;
  }

  /** The construct that stands for the longest part of a diagnostic's path, if one does. */
  constructAt(path: string): IConstruct | undefined {
    let best: string | undefined;
    for (const label of this.constructs.keys()) {
      const covers = path === label || path.startsWith(`${label}.`) || path.startsWith(`${label}[`);
      if (covers && label.length > (best?.length ?? 0)) best = label;
    }
    return best === undefined ? undefined : this.constructs.get(best);
  }

  private length(section: Section): number {
    const given = this.base[section];
    const added = this.additions.filter((addition) => addition.section === section).length;
    return (Array.isArray(given) ? given.length : 0) + added;
  }
}
