import { ReplayWindow } from '../../../lib/agent/probe/replay-window';
import { PlainReplayWindow } from '../../reference/probe-replay';
import { seeded } from '../../support/random-seeded';

describe('a replay window', () => {
  test('takes each number once, and what a list of all numbers would take, over wrapping and jumps', () => {
    const seed = 6479;
    process.stderr.write(`seed ${seed}\n`);
    const random = seeded(seed);
    for (let run = 0; run < 60; run++) {
      // Begin near the wrap in every other run.
      const start = run % 2 === 0 ? 0 : 2 ** 32 - random.whole(0, 400);
      const window = new ReplayWindow();
      const plain = new PlainReplayWindow();
      let newest = start;
      for (let i = 0; i < 1500; i++) {
        const jump = random.chance(0.02) ? random.whole(1, 5000) : random.whole(-300, 8);
        const sequence = Math.max(start, newest + jump);
        const admitted = window.admits(sequence >>> 0);
        if (admitted !== plain.admits(sequence)) {
          throw new Error(`run ${run}: ${sequence} after ${newest}: ${String(admitted)}`);
        }
        // Some are refused for other reasons after they were admitted, such as a wrong HMAC.
        if (!admitted || random.chance(0.2)) continue;
        window.take(sequence >>> 0);
        plain.take(sequence);
        newest = Math.max(newest, sequence);
      }
    }
  });
});
