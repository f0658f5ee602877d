import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runProcess } from '../../../lib/agent/apply/linux/run-process';
import { healthOf, watchHost, type HealthSigns } from '../../../lib/agent/run/agent-health';
import {
  keepApplied,
  readApplied,
  tryReadApplied,
  writeApplied,
} from '../../../lib/agent/bundle/applied-record';
import { readKeptDrains } from '../../../lib/agent/run/kept-drains';
import { notifier } from '../../../lib/agent/run/notify';
import { countStart, startedWell, startWaitMs } from '../../../lib/agent/run/starts';
import { stateKeeper } from '../../../lib/agent/run/state-keeper';
import { readGoodEndpoints, readRotation } from '../../../lib/agent/peers';
import { seeded } from '../../support/random-seeded';

// What the agent does when nothing can be written. /dev/full refuses every byte with ENOSPC.

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'dwcp-full-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(folder, ...names);
const record = { network: 'n', gateway: 'a', generation: 7, planDigest: 'sha256:7' };
/** A folder in which a file of this name cannot be written. */
function full(name: string): string {
  const where = at('full');
  mkdirSync(where, { recursive: true });
  rmSync(path.join(where, `${name}.new`), { force: true });
  symlinkSync('/dev/full', path.join(where, `${name}.new`));
  return where;
}

describe('what cannot be written', () => {
  it('is told once, tried again, and told when it can be', () => {
    const said: [string, string | null][] = [];
    const keeper = stateKeeper((file, fault) => said.push([file, fault]));
    const where = full('applied.json');
    keeper.keep('applied.json', () => writeApplied(where, record));
    // The draft goes with each attempt.
    full('applied.json');
    keeper.retry();
    expect(said).toEqual([['applied.json', expect.stringContaining('ENOSPC')]]);
    expect(keeper.all).toEqual([
      { file: 'applied.json', failures: 2, fault: expect.stringContaining('ENOSPC') },
    ]);
    keeper.retry();
    expect(said[1]).toEqual(['applied.json', null]);
    expect(keeper.all).toEqual([{ file: 'applied.json', failures: 2, fault: null }]);
    expect(readApplied(where)).toEqual(record);
  });

  it('is never the older of two contents that waited', () => {
    const keeper = stateKeeper(() => undefined);
    let room = false;
    const written: number[] = [];
    const write = (n: number) => () => {
      if (!room) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      written.push(n);
    };
    keeper.keep('x', write(1));
    keeper.keep('x', write(2));
    room = true;
    keeper.retry();
    keeper.retry();
    expect(written).toEqual([2]);
  });
});

describe('the record of what is applied', () => {
  it('goes to the run folder while the state folder is full, and the newest counts', () => {
    const state = full('applied.json');
    mkdirSync(at('run'));
    expect(() => keepApplied(state, at('run'), record)).toThrow('ENOSPC');
    expect(readApplied(state, at('run'))).toEqual(record);
    rmSync(path.join(state, 'applied.json.new'), { force: true });
    keepApplied(state, at('run'), { ...record, generation: 8 });
    expect(readApplied(state, at('run'))!.generation).toBe(8);
    expect(readApplied(at('run'))).toBeNull();
  });

  it('is not written where it says the same already: a full disk is no news then', () => {
    mkdirSync(at('state'));
    writeApplied(at('state'), record);
    symlinkSync('/dev/full', at('state', 'applied.json.new'));
    expect(() => writeApplied(at('state'), record)).not.toThrow();
    expect(() => writeApplied(at('state'), { ...record, generation: 8 })).toThrow('ENOSPC');
  });

  it('that is damaged is named, and stops an installation alone', () => {
    mkdirSync(at('state'));
    mkdirSync(at('run'));
    for (const damaged of ['', '{', 'null', '{"network":"n"}', '\u0000'.repeat(100)]) {
      writeFileSync(at('state', 'applied.json'), damaged);
      expect(() => readApplied(at('state'), at('run'))).toThrow('is damaged');
      const found = tryReadApplied(at('state'), at('run'));
      expect([damaged, found]).toEqual([damaged, { record: null, damaged: at('state', 'applied.json') }]);
    }
  });
});

it('no damage to any state file keeps an agent from starting (seed 18)', () => {
  const random = seeded(18);
  const files = ['applied.json', 'rotation.json', 'endpoints-good.json', 'drains.json', 'starts.json'];
  const good = '{"network":"n","gateway":"a","generation":7,"planDigest":"sha256:7","starts":2,"failed":1}';
  for (let i = 0; i < 300; i++) {
    const cut = good.slice(0, random.whole(0, good.length));
    const text = random.chance(0.5) ? cut : `${cut}${String.fromCharCode(random.whole(0, 255))}[]`;
    for (const file of files) writeFileSync(at(file), text);
    expect(() => {
      tryReadApplied(folder);
      readRotation(folder);
      readGoodEndpoints(folder);
      readKeptDrains(folder);
      countStart(folder, 1_800_000_000_000, () => undefined);
    }).not.toThrow();
  }
  process.stdout.write('seed 18\n');
});

describe('a loop of starts', () => {
  const keep = (write: () => void) => write();
  it('waits ever longer, from the second crash on, and forgets what ended in order or long ago', () => {
    const waits = Array.from({ length: 10 }, (_, i) => {
      return startWaitMs(countStart(folder, 1_800_000_000_000 + i * 1000, keep).failed);
    });
    expect(waits).toEqual([0, 0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(countStart(folder, 1_800_000_700_000, keep)).toEqual({ restarts: 10, failed: 0 });
    countStart(folder, 1_800_000_701_000, keep);
    startedWell(folder, keep);
    expect(countStart(folder, 1_800_000_702_000, keep)).toEqual({ restarts: 12, failed: 0 });
  });
});

describe('health', () => {
  const well: HealthSigns = {
    ...{ nowMs: 1_000_000, stalledMs: 0, busySinceMs: null, lookedMs: 990_000, sentMs: 999_990, keeping: [] },
  };
  it.each([
    [{}, true, ''],
    [{ stalledMs: 6_000 }, false, 'the event loop stood still for 6 s within the last minute'],
    [{ busySinceMs: 960_000 }, false, 'an operation on the host has not ended for 40 s'],
    [{ lookedMs: 600_000 }, false, 'the host has not been looked at for 400 s'],
    [{ sentMs: 985_000 }, false, 'no probe has been sent for 15 s'],
    [{ sentMs: null }, true, ''],
    [
      { keeping: [{ file: 'applied.json', failures: 1, fault: 'ENOSPC' }] },
      true,
      'applied.json cannot be written: ENOSPC',
    ],
  ] as [Partial<HealthSigns>, boolean, string][])('of %j', (signs, healthy, reason) => {
    expect(healthOf({ ...well, ...signs })).toEqual({ healthy, reason });
  });

  it('sees what is under way on the host, and when it was looked at', async () => {
    let [now, end] = [10, (): void => undefined];
    const host = {
      observe: () => Promise.resolve([]),
      run: () => new Promise((resolve) => (end = () => resolve([]))),
    };
    const watched = watchHost(host as never, () => now);
    expect([watched.busySinceMs, watched.lookedMs]).toEqual([null, -Infinity]);
    const running = watched.host.run([]);
    now = 50;
    expect(watched.busySinceMs).toBe(10);
    await watched.host.observe();
    expect(watched.lookedMs).toBe(50);
    end();
    await running;
    expect(watched.busySinceMs).toBeNull();
  });
});

describe('systemd', () => {
  it('is told by one write to the socket that the unit has opened, and by none without it', () => {
    const file = at('notes');
    writeFileSync(file, '');
    const said = runNotifier(file);
    expect(said).toBe('READY=1WATCHDOG=1STOPPING=1');
    expect(notifier({}).watchdogMs).toBeNull();
    expect(notifier({ DWCP_NOTIFY_FD: '9999', WATCHDOG_USEC: '30000000' }).watchdogMs).toBe(30_000);
    // A socket that is gone is no reason to end.
    expect(() => notifier({ DWCP_NOTIFY_FD: '9999' }).ready()).not.toThrow();
  });
});

function runNotifier(file: string): string {
  const { openSync, closeSync } = jest.requireActual<typeof import('node:fs')>('node:fs');
  const fd = openSync(file, 'a');
  const systemd = notifier({ DWCP_NOTIFY_FD: String(fd), WATCHDOG_USEC: '1' });
  systemd.ready();
  systemd.alive();
  systemd.stopping();
  closeSync(fd);
  return readFileSync(file, 'utf8');
}

it('a process that cannot get file descriptors is a result, not a fault', async () => {
  const script = `
    const { openSync } = require('node:fs');
    const { runProcess } = require(process.argv[1]);
    try { for (;;) openSync('/dev/null'); } catch {}
    runProcess(['true']).then((r) => { process.stderr.write(JSON.stringify(r)); process.exit(0); });`;
  const register = path.join(__dirname, '..', '..', 'support', 'register-swc.js');
  const module = path.join(__dirname, '..', '..', '..', 'lib', 'agent', 'apply', 'linux', 'run-process.ts');
  const command = [
    'sh',
    '-c',
    'ulimit -n 64; exec "$@"',
    'sh',
    process.execPath,
    '-r',
    register,
    '-e',
    script,
    module,
  ];
  const { code, stderr } = await runProcess(command);
  expect([code, JSON.parse(stderr)]).toEqual([
    0,
    { code: null, stdout: '', stderr: expect.stringContaining('EMFILE') },
  ]);
});
