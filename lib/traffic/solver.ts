import type { Highs } from 'highs';

/**
 * The LP solver: HiGHS compiled to WebAssembly, one thread, at most 2 GiB of heap. Planning is synchronous
 * and reads no files, so it is loaded elsewhere (`lib/project/solver.ts`) and handed in.
 */
export type Solver = Highs;
