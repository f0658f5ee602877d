/**
 * On how many cases a seeded law is tried: as many as found every mutant of the code that the law was held
 * against. With DWCP_TEST_SEEDS=all (`npm run test:slow`) it is tried on all.
 */
export function seeds(usual: number, all: number): number {
  const asked = process.env.DWCP_TEST_SEEDS ?? '';
  if (!['', 'all'].includes(asked)) throw new Error(`DWCP_TEST_SEEDS is ${asked}: say all, or nothing`);
  return asked === 'all' ? all : usual;
}
