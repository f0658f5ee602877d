import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { renderPlan } from '../../lib/report/report';
import { readDescription } from '../../lib/model';
import { buildPlan } from '../../lib/plan';
import { joinIntervals, openingsAfter } from '../../lib/reservation';
import { windowTimes } from '../../lib/verify/window-times';
import { runCaptured } from '../golden/captured-io';

/** Windows of the trial on real networks, around changes of clocks. */
const cwd = path.join(__dirname, '..', 'cases', 'plan');
const goldens = path.join(__dirname, '..', 'golden', 'calendars');
const run = (...args: string[]) => runCaptured(['calendar', ...args], { cwd });
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await run(...args, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as {
    readonly fromUtc: string;
    readonly more: boolean;
    readonly openings: readonly Record<string, string | number>[];
  };
};
/** `22:00+01:00 06:00+02:00 7 h`: local times and the length of each opening. */
const nights = (openings: readonly Record<string, string | number>[]) =>
  openings.map((o) => {
    const local = [o.opensLocal, o.closesLocal].map((t) =>
      String(t).slice(8).replace(':00+', '+').replace(':00-', '-'),
    );
    return [...local, `${Number(o.lastsSeconds) / 60} min`, o.remark].join(' ').trim();
  });

const planned = (file: string) =>
  buildPlan(readDescription(readFileSync(path.join(cwd, file), 'utf8'), file).network!, {
    lock: null,
    keys: null,
  });

describe('dwcp calendar', () => {
  it.each(
    [80, 100].flatMap((columns) =>
      [
        ['t', '--from', '2027-03-20'],
        ['net', '--from', '2027-03-14'],
      ].map((args) => [`${args[0]}-${columns}`, columns, args] as const),
    ),
  )('%s.txt is what is printed at %d columns, no wider', async (name, columns, [file, ...args]) => {
    const given = ['calendar', `09-dst/${file}.yaml`, ...args];
    const { code, stdout } = await runCaptured(given, { cwd, env: { COLUMNS: String(columns) } });
    const golden = path.join(goldens, `${name}.txt`);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, stdout);
    expect([code, stdout]).toEqual([0, readFileSync(golden, 'utf8')]);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it('says of each night when it opens and closes, and marks those in which the clocks change', async () => {
    const of = async (id: string) =>
      nights((await json('09-dst/net.yaml', id, '--from', '2026-12-01', '--until', '2028-01-01')).openings);
    expect(await of('across')).toEqual([
      '13T01:00-05:00 13T05:00-05:00 240 min',
      '14T01:00-05:00 14T05:00-04:00 180 min 1 h shorter',
      '15T01:00-04:00 15T05:00-04:00 240 min',
      '16T01:00-04:00 16T05:00-04:00 240 min',
    ]);
    expect((await of('across-d'))[1]).toBe(
      '14T01:00-05:00 14T06:00-04:00 240 min closes at 06:00, not 05:00',
    );
    expect((await of('gap-start'))[1]).toBe(
      '14T03:30-04:00 14T04:30-04:00 60 min opens at 03:30: there is no 02:30',
    );
    expect((await of('gap-inside'))[1]).toBe(
      '14T03:10-04:00 14T03:50-04:00 40 min opens at 03:10: there is no 02:10',
    );
    expect((await of('fold'))[1]).toBe('07T01:30-04:00 07T02:30-05:00 120 min 1 h longer');
    expect((await of('foldd'))[1]).toBe('07T01:30-04:00 07T01:30-05:00 60 min closes at 01:30, not 02:30');
    expect((await of('fullday'))[1]).toBe(
      '14T00:00-05:00 15T01:00-04:00 1440 min closes at 01:00, not 00:00',
    );
    // Clocks of Lord Howe Island go forward by half an hour only.
    expect(await of('lordhowe')).toEqual([
      '02T02:15+10:30 02T02:45+10:30 30 min',
      '03T02:45+11:00 03T03:15+11:00 30 min opens at 02:45: there is no 02:15',
      '04T02:15+11:00 04T02:45+11:00 30 min',
    ]);
    expect(await of('overnight')).toEqual([
      '04T22:00+00:00 05T06:00+00:00 480 min',
      '11T22:00+00:00 12T06:00+00:00 480 min',
      '18T22:00+00:00 19T06:00+00:00 480 min',
    ]);
  });

  it('is short by an hour in the one night of a window whose first night is that of the change', async () => {
    const { openings, more } = await json('09-dst/t.yaml', '--from', '2027-01-01');
    expect(openings.map((o) => [o.opensUtc, o.closesUtc, o.lastsSeconds, o.usualSeconds])).toEqual([
      ['2027-03-27T21:00:00Z', '2027-03-28T04:00:00Z', 7 * 3600, 8 * 3600],
      ['2027-03-28T20:00:00Z', '2027-03-29T04:00:00Z', 8 * 3600, 8 * 3600],
      ['2027-03-29T20:00:00Z', '2027-03-30T04:00:00Z', 8 * 3600, 8 * 3600],
      ['2027-03-30T20:00:00Z', '2027-03-31T04:00:00Z', 8 * 3600, 8 * 3600],
    ]);
    expect(more).toBe(false);
  });

  it('agrees with the verifier, which reckons windows by code of its own', () => {
    const read = readDescription(readFileSync(path.join(cwd, '09-dst/net.yaml'), 'utf8'), 'net.yaml');
    const windows = read.network!.reservations.map((r) => r.window!);
    expect(windows.length).toBe(9);
    for (const window of windows) {
      const own = joinIntervals([...openingsAfter(window, -Infinity)]);
      expect(own.map((i) => [i.startMs, i.endMs])).toEqual(windowTimes([window])(window));
    }
  });

  it('shows 14 openings of all windows from now on, with the one that is open', async () => {
    const before = Date.now();
    const now = await json('15-reservations/over.yaml', 'nightly');
    expect(Date.parse(now.fromUtc)).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000);
    expect(Date.parse(now.fromUtc)).toBeLessThanOrEqual(Date.now());
    expect([now.openings.length, now.more]).toEqual([14, true]);
    expect(Date.parse(String(now.openings[0].closesUtc))).toBeGreaterThan(Date.parse(now.fromUtc));
    // 01:00 UTC is in the middle of both windows.
    const open = await json('15-reservations/over.yaml', '--from', '2026-10-04T01:00Z', '--count', '3');
    expect(open.openings.map((o) => `${o.reservation} ${o.opensUtc}`)).toEqual([
      'nightly 2026-10-03T22:00:00Z',
      'weekend 2026-10-03T22:00:00Z',
      'nightly 2026-10-04T22:00:00Z',
    ]);
    expect(open.more).toBe(true);
  });

  it('ends before --until, in any zone that an instant is given in', async () => {
    const range = ['--from', '2027-03-28T04:00Z', '--until', '2027-03-30T22:00+02:00'];
    const { openings, more } = await json('09-dst/t.yaml', ...range);
    // The first ends at --from, the last begins at --until: neither is in between.
    expect([openings.map((o) => o.opensUtc), more]).toEqual([
      ['2027-03-28T20:00:00Z', '2027-03-29T20:00:00Z'],
      false,
    ]);
    const over = await run('09-dst/t.yaml', '--from', '2030-01-01');
    expect([over.code, over.stdout]).toEqual([0, expect.stringContaining('no window opens in this time')]);
  });

  it('never ends where a recurrence does not, also after the tables of the tz database', async () => {
    const { openings } = await json(
      '15-reservations/over.yaml',
      'nightly',
      '--from',
      '2199-12-30',
      '--count',
      '3',
    );
    expect(openings.map((o) => o.opensUtc)).toEqual([
      '2199-12-29T22:00:00Z',
      '2199-12-30T22:00:00Z',
      '2199-12-31T22:00:00Z',
    ]);
  });

  it('lists what is refused and what is always open, and fails for the former when strict', async () => {
    const plain = await run('15-reservations/net.yaml', '--from', '2026-12-01');
    expect(plain.stdout).toMatch(/b {2}dublin → virginia, 3 Gbps bulk, refused: 2026-12-02T01:00/);
    expect(plain.stdout).toMatch(/d {2}tokyo → virginia, 9 Gbps best-effort, refused: always open/);
    expect(plain.code).toBe(0);
    const strict = await run('15-reservations/net.yaml', '--from', '2026-12-01', '--strict');
    expect([strict.code, strict.stdout]).toEqual([1, plain.stdout]);
    expect(strict.stderr).toContain('error[reservation-refused] reservations.b');
    const none = await run('13-misc/single.yaml');
    expect([none.code, none.stdout]).toEqual([0, expect.stringContaining('nothing is reserved')]);
  });

  it('has its first opening in the report and in explain, in UTC and by its clocks', async () => {
    const rule = '2027-03-27T22:00 to 2027-03-28T06:00, daily until 2027-03-30, Europe/Berlin';
    const first = 'first 2027-03-27 21:00 to 2027-03-28 04:00 UTC, clocks change: 1 h shorter';
    const words = new RegExp(`${rule}; ${first}`.replaceAll(' ', '\\s+'));
    const explained = ['explain', '09-dst/t.yaml', 'virginia', 'dublin', '--class', 'best-effort'];
    expect((await runCaptured(explained, { cwd })).stdout).toMatch(words);
    const [{ reservations }] = JSON.parse((await runCaptured([...explained, '--json'], { cwd })).stdout) as [
      { reservations: object[] },
    ];
    expect(reservations).toMatchObject([
      {
        id: 'night',
        first: {
          opensUtc: '2027-03-27T21:00:00Z',
          closesUtc: '2027-03-28T04:00:00Z',
          opensLocal: '2027-03-27T22:00:00+01:00',
          closesLocal: '2027-03-28T06:00:00+02:00',
        },
      },
    ]);
    const { plan } = planned('09-dst/t.yaml');
    expect(renderPlan(plan!)).toMatch(words);
    expect(renderPlan(plan!, { width: 140 })).toMatch(words);
  });

  it('reads a plan as it reads a description, and writes nothing', async () => {
    const args = ['calendar', '09-dst/t.yaml', '--from', '2027-03-01'];
    const described = await runCaptured(args, { cwd });
    expect(existsSync(path.join(cwd, '09-dst', 'dst.lock.json'))).toBe(false);
    const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-calendar-'));
    try {
      const text = readFileSync(path.join(cwd, '09-dst/t.yaml'), 'utf8');
      writeFileSync(path.join(folder, 't.yaml'), text);
      writeFileSync(
        path.join(folder, 'plan.json'),
        (await runCaptured(['plan', 't.yaml', '--json'], { cwd: folder })).stdout,
      );
      const planned = await runCaptured(['calendar', 'plan.json', ...args.slice(2)], { cwd: folder });
      expect(planned).toEqual(described);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['2027-02-30', 'that the calendar does not have'],
    ['2027-03-20T22:00', 'without an offset'],
    ['2027-03-20T24:00Z', 'after midnight'],
    ['1969-12-31', 'before 1970'],
    ['2200-01-01', 'after 2199'],
    ['tomorrow', 'in words'],
  ])('refuses %s: a time %s', async (time) => {
    const { code, stderr } = await run('09-dst/t.yaml', '--from', time);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('a date in UTC is wanted, 2027-03-27, or an instant'),
    ]);
  });

  it('explains itself in 80 columns', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('dwcp calendar plan.json --from 2027-03-01 --until 2027-04-01');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
