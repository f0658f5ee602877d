import { delayQueue } from '../../lib/lab/relay/delay-queue';
import { seeded } from '../support/random-seeded';

describe('the delay queue', () => {
  it('gives what is due, by time and then in the order of arrival, like a sorted list', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const queue = delayQueue<number>();
      const plain: { dueMs: number; item: number }[] = [];
      const [taken, wanted]: [unknown[], unknown[]] = [[], []];
      let now = 0;
      for (let item = 0; item < 200; item++) {
        const dueMs = now + random.whole(0, 20);
        queue.push(dueMs, item);
        plain.push({ dueMs, item });
        if (!random.chance(0.4)) continue;
        now += random.whole(0, 10);
        // The sort is stable: equal times stay in the order of arrival.
        plain.sort((a, b) => a.dueMs - b.dueMs);
        while (plain.length > 0 && plain[0].dueMs <= now) {
          taken.push([queue.nextMs, queue.tryTake(now)]);
          const { dueMs: next, item: first } = plain.shift()!;
          wanted.push([next, first]);
        }
        taken.push([queue.tryTake(now), queue.size]);
        wanted.push([undefined, plain.length]);
      }
      expect([seed, taken]).toEqual([seed, wanted]);
    }
  });
});
