import { createHash } from 'node:crypto';
import type { Random } from '../../lib/net/keys';

/**
 * Repeatable bytes from a seed, which is printed on failure of the test that names it: fixtures, never real
 * keys.
 */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return (bytes) => {
    const blocks: Buffer[] = [];
    for (let got = 0; got < bytes; got += 32) {
      blocks.push(createHash('sha256').update(`test fixture ${seed} ${counter++}`).digest());
    }
    return new Uint8Array(Buffer.concat(blocks).subarray(0, bytes));
  };
}
