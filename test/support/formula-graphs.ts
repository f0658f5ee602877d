import type { ArcInput } from '../../lib/graph';

/** What `freezeTopology` takes. */
export interface FormulaGraph {
  readonly nodes: readonly string[];
  readonly arcs: readonly ArcInput[];
}

/** Regions `r000`, `r001` and so on, so that code unit order is number order. */
function name(i: number): string {
  return `r${String(i).padStart(3, '0')}`;
}

function graph(n: number, joined: (i: number) => readonly number[], bothWays: boolean): FormulaGraph {
  const pairs = new Set<number>();
  for (let a = 0; a < n; a++) {
    for (const b of joined(a)) {
      if (a === b) continue;
      pairs.add(a * n + b);
      if (bothWays) pairs.add(b * n + a);
    }
  }
  const arcs = [...pairs]
    .sort((x, y) => x - y)
    .map((pair) => {
      const [a, b] = [Math.floor(pair / n), pair % n];
      const bandwidth = 100 * (1 + ((13 * a + 7 * b) % 100));
      const utilisation = (11 * a + 19 * b) % 90;
      return {
        from: name(a),
        to: name(b),
        link: `link-${name(a)}-${name(b)}`,
        latencyMs: 5 + ((31 * a + 17 * b) % 196),
        costPerGbUsd: 1 + ((5 * a + 3 * b) % 50),
        availableMbps: Math.floor((bandwidth * (100 - utilisation)) / 100),
        utilisationRatio: utilisation / 100,
      };
    });
  return { nodes: Array.from({ length: n }, (_, i) => name(i)), arcs };
}

/** For each i, links both ways with i + 1, 7 i + 3 and i + floor(n / 2), all mod n; figures by formula. */
export function sparseGraph(n: number): FormulaGraph {
  return graph(n, (i) => [(i + 1) % n, (7 * i + 3) % n, (i + Math.floor(n / 2)) % n], true);
}

/** Every ordered pair joined; figures by formula. */
export function meshGraph(n: number): FormulaGraph {
  return graph(n, () => Array.from({ length: n }, (_, i) => i), false);
}
