import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  announce,
  beginChoice,
  endpointPatienceMs,
  look,
  readGoodEndpoints,
  writeGoodEndpoints,
  type EndpointChoice,
} from '../../../lib/agent/peers';
import { seeded } from '../../support/random-seeded';

const key = 'key';
const [right, wrong, third] = ['52.0.0.1:51820', '52.0.0.66:51820', '52.0.0.77:51820'];

/** A kernel and a peer: packets pass where both know the right place; then the kernel knows it, too. */
class World {
  choice: EndpointChoice;
  kernel: string | null;
  bytes = 0;
  now = 0;
  readonly news: string[] = [];
  constructor(announced: string | null, good: readonly string[] = []) {
    this.choice = beginChoice(announced, good, 0);
    this.kernel = this.choice.set;
  }
  /** Lets `seconds` pass; `answers` says from where the peer answers what is sent to an endpoint. */
  pass(seconds: number, answers: (to: string | null) => string | undefined): void {
    for (let i = 0; i < seconds; i++) {
      this.now += 1000;
      const from = answers(this.kernel);
      if (from !== undefined) [this.kernel, this.bytes] = [from, this.bytes + 100];
      this.take(
        look(this.choice, { publicKey: key, endpoint: this.kernel, receivedBytes: this.bytes }, this.now),
      );
    }
  }
  announce(endpoint: string | null): void {
    this.take(announce(this.choice, endpoint, this.now));
  }
  private take(step: ReturnType<typeof look>): void {
    this.choice = step.choice;
    if (step.set !== undefined) this.kernel = step.set;
    if (step.news) this.news.push(`${step.news.from} → ${step.news.to}: ${step.news.cause}`);
  }
}
const answering =
  (...places: string[]) =>
  (to: string | null) =>
    places.find((place) => place === to);
const silence = () => undefined;

describe('where a peer is taken to be', () => {
  it('stays where it answers, whatever the deployment names, and the difference is told once', () => {
    const w = new World(right);
    w.pass(10, answering(right));
    w.announce(wrong);
    w.announce(wrong);
    w.pass(1000, answering(right));
    expect(w.kernel).toBe(right);
    expect(w.news).toEqual([
      `${right} → ${wrong}: the deployment names it; the peer answers where it is, so that stands`,
    ]);
  });

  it('is reset by a reload where the kernel has gone to a place that is silent now', () => {
    const w = new World(right);
    w.pass(10, answering(right));
    // A relay of somebody else: packets come from there, and then no more.
    w.pass(10, () => wrong);
    w.pass(2, silence);
    w.announce(right);
    expect(w.kernel).toBe(wrong);
    w.pass(2, silence);
    w.announce(right);
    expect(w.kernel).toBe(right);
    expect(w.news.slice(-1)).toEqual([
      `${wrong} → ${right}: nothing authentic has come for 4 s; the deployment names it`,
    ]);
    w.pass(2, answering(right));
    w.announce(right);
    expect([w.kernel, w.choice.searching]).toEqual([right, false]);
  });

  it('is what the deployment names after 15 s where both ends have followed each other to a dead relay', () => {
    const w = new World(right);
    w.pass(10, answering(right));
    w.pass(10, () => wrong);
    w.pass(endpointPatienceMs / 1000, silence);
    expect(w.kernel).toBe(right);
  });

  it('is what the deployment names within 15 s after the old one fell silent', () => {
    const w = new World(right);
    w.pass(10, answering(right));
    w.announce(third);
    w.pass(endpointPatienceMs / 1000, answering(third));
    expect(w.kernel).toBe(third);
    w.pass(2, answering(third));
    expect(w.choice.good).toEqual([third, right]);
    expect(w.news.slice(1)).toEqual([
      `${right} → ${third}: nothing authentic has come for 15 s; the deployment names it`,
      ` → ${third}: the peer answers there`,
    ]);
  });

  it('goes back to the last good one, and tries the new one in turn, for as long as nothing answers', () => {
    const w = new World(right);
    w.pass(10, answering(right));
    w.announce(wrong);
    const tried: (string | null)[] = [];
    for (let i = 0; i < 8; i++) {
      w.pass(endpointPatienceMs / 1000, silence);
      tried.push(w.kernel);
    }
    expect(tried).toEqual([wrong, right, wrong, right, wrong, right, wrong, right]);
    // Told once, not each time.
    expect(w.news).toHaveLength(2);
    w.pass(20, answering(right));
    expect(w.kernel).toBe(right);
  });

  it('follows packets of a peer that moves', () => {
    const w = new World(right);
    w.pass(10, answering(right));
    w.pass(3, () => third);
    expect(w.choice.good).toEqual([third, right]);
    expect(w.news).toEqual([`${right} → ${third}: authentic packets come from there now`]);
  });

  it('is set at once where nobody is known or all is silent', () => {
    const w = new World(null);
    w.announce(right);
    expect(w.kernel).toBe(right);
    const silent = new World(wrong);
    silent.pass(16, silence);
    silent.announce(right);
    expect(silent.kernel).toBe(right);
  });

  it('begins with what answered before a restart', () => {
    expect(new World(wrong, [right, third]).kernel).toBe(right);
    expect(new World(wrong).kernel).toBe(wrong);
  });

  it('is found again within three patiences wherever it answered, whatever was announced (seed 5)', () => {
    const random = seeded(5);
    let worst = 0;
    for (let run = 0; run < 500; run++) {
      const w = new World(right);
      w.pass(5, answering(right));
      for (let step = 0; step < 20; step++) {
        if (random.chance(0.5)) w.announce(random.pick([right, wrong, third, null]));
        w.pass(random.whole(0, 40), silence);
      }
      let seconds = 0;
      for (; w.kernel !== right && seconds < 100; seconds++) w.pass(1, answering(right));
      worst = Math.max(worst, seconds);
    }
    process.stderr.write(`found again after ${worst} s at most\n`);
    expect(worst).toBeLessThanOrEqual((3 * endpointPatienceMs) / 1000);
  });
});

describe('the memory of endpoints', () => {
  it('is read back, and forgets what is damaged', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-good-'));
    try {
      expect(readGoodEndpoints(folder).size).toBe(0);
      const good = new Map([
        ['tunnel-a', [right, '[2600:1f18::1]:51820']],
        ['tunnel-b', [third]],
      ]);
      writeGoodEndpoints(folder, good);
      expect(readGoodEndpoints(folder)).toEqual(good);
      const file = path.join(folder, 'endpoints-good.json');
      writeFileSync(file, '{"tunnel-a":["52.0.0.1:51820 peer x", 7],"tunnel-b":"52.0.0.1:1"}');
      expect(readGoodEndpoints(folder).size).toBe(0);
      writeFileSync(file, '{"tunnel-a":["52.');
      expect(readGoodEndpoints(folder).size).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
