/** The step function, written plainly: a list of what was added. */
export class PlainSteps {
  private readonly added: { start: number; end: number; amount: number }[] = [];

  add(start: number, end: number, amount: number): void {
    if (start < end) this.added.push({ start, end, amount });
  }

  at(time: number): number {
    return this.added.reduce((sum, x) => sum + (x.start <= time && time < x.end ? x.amount : 0), 0);
  }

  /** Every time at which something begins or ends between two times, and the first of them. */
  times(start: number, end: number): number[] {
    const all = this.added.flatMap((x) => [x.start, x.end]).filter((t) => t > start && t < end);
    return [...new Set([start, ...all])].sort((a, b) => a - b);
  }

  maxOver(start: number, end: number): number {
    return Math.max(...this.times(start, end).map((t) => this.at(t)));
  }

  endOfLastAbove(start: number, end: number, limit: number): number | null {
    const busy = this.times(start, end).filter((t) => this.at(t) > limit);
    if (busy.length === 0) return null;
    const after = this.times(busy[busy.length - 1], Infinity).slice(1);
    return after.find((t) => this.at(t) !== this.at(busy[busy.length - 1])) ?? Infinity;
  }

  steps(): [number, number][] {
    const found: [number, number][] = [];
    for (const t of this.times(-Infinity, Infinity)) {
      if (found.length === 0 || found[found.length - 1][1] !== this.at(t)) found.push([t, this.at(t)]);
    }
    return found;
  }
}
