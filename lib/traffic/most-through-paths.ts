import type { Floats } from '../graph';

/**
 * The most that given paths can carry together and how: max sum x, x >= 0, on every arc the x of the paths
 * over it at most its capacity. Primal simplex on a dense tableau from x = 0, smallest index first (Bland
 * 1977), so it ends and is deterministic; meant for at most some dozens of paths. Mbps by path.
 */
export function mostThroughPaths(capacity: Floats, paths: readonly (readonly number[])[]): Float64Array {
  const rows = [...new Set(paths.flat())].sort((x, y) => x - y);
  const [m, n] = [rows.length, paths.length];
  const width = n + m + 1;
  const table = rows.map((a, i) => {
    const row = new Float64Array(width);
    paths.forEach((path, j) => (row[j] = path.includes(a) ? 1 : 0));
    row[n + i] = 1;
    row[width - 1] = Math.max(0, capacity[a]);
    return row;
  });
  const gain = new Float64Array(width);
  for (let j = 0; j < n; j++) gain[j] = 1;
  const basis = rows.map((_, i) => n + i);
  for (;;) {
    const enter = gain.findIndex((g, j) => j < width - 1 && g > 1e-9);
    if (enter === -1) break;
    let [leave, least] = [-1, Infinity];
    for (let i = 0; i < m; i++) {
      if (table[i][enter] <= 1e-9) continue;
      const ratio = table[i][width - 1] / table[i][enter];
      if (ratio < least || (ratio === least && basis[i] < basis[leave])) [leave, least] = [i, ratio];
    }
    if (leave === -1) break;
    const pivot = table[leave];
    const size = pivot[enter];
    for (let j = 0; j < width; j++) pivot[j] /= size;
    for (const row of [...table, gain]) {
      const factor = row[enter];
      if (row === pivot || factor === 0) continue;
      for (let j = 0; j < width; j++) row[j] -= factor * pivot[j];
    }
    basis[leave] = enter;
  }
  const x = new Float64Array(n);
  basis.forEach((j, i) => {
    if (j < n) x[j] = table[i][width - 1];
  });
  return x;
}
