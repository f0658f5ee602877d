import type { QosClass } from '../model';
import type { Ask } from './ask';
import type { Calendar } from './calendar';
import type { Interval } from './interval';

/** Bandwidth that is held on some arcs for some time. */
export interface Holding {
  readonly id: string;
  /** Arc numbers, each once, and the whole kbps held of each. */
  readonly arcs: readonly number[];
  readonly kbps: readonly number[];
  readonly class: QosClass;
  readonly intervals: readonly Interval[];
  /** 0 strongest to 7; -1: nothing preempts it. */
  readonly holdingPriority: number;
  /** What it was admitted for; null: an amount that traffic placement holds. */
  readonly ask: Ask | null;
}

/** A holding with its place in the list of each of its arcs, so that it is taken out without a search. */
interface Entry {
  readonly holding: Holding;
  readonly places: number[];
}

/**
 * Who holds what: the calendar and the holdings, by id and by arc, always changed together. Every holding is
 * put in and taken out whole, with the same figures, so the calendar ends as it began.
 */
export class Ledger {
  private readonly byId = new Map<string, Entry>();
  private readonly byArc: Entry[][];

  constructor(readonly calendar: Calendar) {
    this.byArc = Array.from({ length: calendar.topology.arcCount }, () => []);
  }

  get(id: string): Holding | undefined {
    return this.byId.get(id)?.holding;
  }

  /** By id, in code unit order. */
  all(): Holding[] {
    return [...this.byId.keys()].sort().map((id) => this.byId.get(id)!.holding);
  }

  /** In no order. */
  on(arc: number): Holding[] {
    return this.byArc[arc].map((entry) => entry.holding);
  }

  /** The holding of an admitted ask on a path. */
  place(ask: Ask, arcs: readonly number[]): void {
    const { id, intervals, holdingPriority } = ask;
    const kbps = arcs.map(() => ask.kbps);
    this.put({ id, arcs, kbps, class: ask.class, intervals, holdingPriority, ask });
  }

  put(holding: Holding): void {
    const { arcs, kbps, intervals } = holding;
    const entry: Entry = { holding, places: [] };
    this.byId.set(holding.id, entry);
    for (let i = 0; i < arcs.length; i++) {
      this.calendar.add(arcs[i], holding.class, intervals, kbps[i]);
      entry.places.push(this.byArc[arcs[i]].push(entry) - 1);
    }
  }

  take(holding: Holding): void {
    const { id, arcs, kbps, intervals } = holding;
    const { places } = this.byId.get(id)!;
    this.byId.delete(id);
    for (let i = 0; i < arcs.length; i++) {
      const arc = arcs[i];
      this.calendar.add(arc, holding.class, intervals, -kbps[i]);
      // The last of the list takes the free place.
      const last = this.byArc[arc].pop()!;
      if (last.holding === holding) continue;
      this.byArc[arc][places[i]] = last;
      last.places[last.holding.arcs.indexOf(arc)] = places[i];
    }
  }
}
