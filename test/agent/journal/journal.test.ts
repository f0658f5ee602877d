import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendCall, type SendCall } from '../../../lib/agent/aws/http-call';
import { cloudwatchStream, type LogStream } from '../../../lib/agent/journal/cloudwatch-logs';
import { readJournalLine, type JournalLine } from '../../../lib/agent/journal/journal-line';
import { LineBuffer, mostWaitingBytes } from '../../../lib/agent/journal/line-buffer';
import { sendJournal, type JournalFigures } from '../../../lib/agent/journal/send-journal';
import { readJournalFigures, runLogs } from '../../../lib/agent/run/run-logs';
import { gatewayState } from '../../../lib/gateway';
import { encodeCanonical } from '../../../lib/plan';
import { planOf } from '../../support/plan-of';
import { motoHint, motoProgram, signed, startMoto, type Moto } from '../../support/moto';
import { catchOutput } from '../../support/catch-output';

const print = (text: string) => void process.stdout.write(`${text}\n`);
const program = motoProgram();
if (program === undefined) print(`skipped: moto is not installed (${motoHint})`);
const withMoto = program === undefined ? describe.skip : describe;

const line = (number: number, more: Partial<JournalLine> = {}): JournalLine => ({
  cursor: `c${number}`,
  atUtcMs: Date.now() - 1000 + number,
  text: `line ${number}`,
  sequence: { of: 'j', number },
  ...more,
});
const entry = (number: number, message: unknown, more: object = {}) =>
  JSON.stringify({
    __CURSOR: `c${number}`,
    __REALTIME_TIMESTAMP: String((Date.now() - 60_000 + number) * 1000),
    __SEQNUM: String(number),
    __SEQNUM_ID: 'j',
    _SYSTEMD_UNIT: 'dwcp-agent.service',
    PRIORITY: '4',
    MESSAGE: message,
    ...more,
  });

describe('an entry of the journal', () => {
  it('is read with its unit and priority, as text or as bytes', () => {
    expect(readJournalLine(entry(7, 'a'))).toMatchObject({
      cursor: 'c7',
      text: '{"unit":"dwcp-agent.service","priority":4,"message":"a"}',
      sequence: { of: 'j', number: 7 },
    });
    const kernel = { _SYSTEMD_UNIT: undefined, SYSLOG_IDENTIFIER: 'kernel', __SEQNUM: undefined };
    const read = readJournalLine(entry(8, [104, 105], kernel));
    expect([read?.text, read?.sequence]).toEqual(['{"unit":"kernel","priority":4,"message":"hi"}', null]);
    expect(JSON.parse(readJournalLine(entry(9, null))!.text)).toMatchObject({ message: '' });
    for (const other of ['', '{', '[]', 'null', '{"MESSAGE":"a"}'])
      expect(readJournalLine(other)).toBeUndefined();
  });
});

describe('what waits', () => {
  it('goes in calls that AWS takes: by count, by bytes, within a day, in the order of time', () => {
    const buffer = new LineBuffer();
    for (let i = 0; i < 10_001; i++) buffer.add(line(i, { text: 'x', atUtcMs: 20_000 - i }));
    const { lines, cursor } = buffer.peek()!;
    expect([lines.length, cursor]).toEqual([10_000, 'c9999']);
    expect(lines.every(({ atUtcMs }, i) => i === 0 || lines[i - 1].atUtcMs <= atUtcMs)).toBe(true);
    buffer.drop(10_001);
    for (let i = 0; i < 20; i++) buffer.add(line(i, { text: 'x'.repeat(99_974) }));
    expect(buffer.peek()!.lines).toHaveLength(10);
    buffer.drop(20);
    buffer.add(line(1, { atUtcMs: 0 }));
    buffer.add(line(2, { atUtcMs: 86_400_000 }));
    expect(buffer.peek()!.lines).toHaveLength(1);
  });

  it('is bounded, and the journal is not read on meanwhile', async () => {
    const read: number[] = [];
    let open = false;
    async function* lines(): AsyncIterable<JournalLine> {
      for (let i = 0; i < 200; i++) {
        read.push(i);
        yield line(i, { text: 'x'.repeat(2 ** 17 - 26) });
      }
    }
    const sent: JournalLine[] = [];
    const stream: LogStream = {
      send(some) {
        if (!open) return Promise.reject(new Error('down'));
        sent.push(...some);
        return Promise.resolve(0);
      },
      close: () => undefined,
    };
    let figures: JournalFigures | undefined;
    const { done } = sendJournal({
      ...{ lines: lines(), stream, keepCursor: () => undefined, nowUtcMs: Date.now, random: Math.random },
      tell: (now) => (figures = now),
      wait: (ms) => sleep(ms / 50),
      settings: { gatherMs: 10, retryMs: 10, mostRetryMs: 20 },
    });
    for (let i = 0; i < 200 && figures?.fault !== 'down'; i++) await sleep(10);
    await sleep(200);
    expect(read.length).toBe(mostWaitingBytes / 2 ** 17);
    open = true;
    await done;
    expect(sent.map(({ cursor }) => cursor)).toEqual(Array.from({ length: 200 }, (_, i) => `c${i}`));
    expect(figures).toMatchObject({ sent: 200, dropped: 0, waiting: 0, fault: null });
  });

  it('counts what the journal lost before it was read, and what was refused for good', async () => {
    async function* lines(): AsyncIterable<JournalLine> {
      yield* [line(1), line(2), line(6), line(7, { sequence: { of: 'other', number: 90 } })];
    }
    let figures: JournalFigures | undefined;
    const stream: LogStream = { send: () => Promise.resolve(1), close: () => undefined };
    await sendJournal({
      ...{ lines: lines(), stream, keepCursor: () => undefined, nowUtcMs: Date.now, random: Math.random },
      tell: (now) => (figures = now),
      wait: (ms) => sleep(ms),
    }).done;
    expect(figures).toMatchObject({ sent: 3, dropped: 4 });
  });
});

withMoto('CloudWatch Logs as moto has it', () => {
  const [region, group] = ['eu-west-1', '/dwcp/demo/b/gateways'];
  let folder: string;
  let moto: Moto;
  let metadata: Server;
  const at = (...parts: string[]) => path.join(folder, ...parts);
  const logs = async (action: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(moto.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `Logs_20140328.${action}`,
        authorization: signed(region, 'logs'),
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${action}: ${text}`);
    return JSON.parse(text || '{}') as Record<string, unknown>;
  };
  const stored = async (stream: string): Promise<string[]> => {
    const place = { logGroupName: group, logStreamName: stream, startFromHead: true };
    const { events } = await logs('GetLogEvents', place);
    return (events as { message: string }[]).map(({ message }) => message);
  };
  const metadataAt = () => `http://127.0.0.1:${(metadata.address() as AddressInfo).port}`;
  const open = (stream: string, send: SendCall = sendCall) =>
    cloudwatchStream({
      ...{ region, group, stream, endpoint: moto.endpoint, metadataEndpoint: metadataAt(), send },
    });

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'dwcp-journal-'));
    moto = await startMoto(program!, folder);
    await logs('CreateLogGroup', { logGroupName: group });
    const role = '/latest/meta-data/iam/security-credentials/';
    const keys = { AccessKeyId: 'AKIATEST', SecretAccessKey: 'test', Token: 'session' };
    const answers: Readonly<Record<string, string>> = {
      '/latest/api/token': 'token',
      [role]: 'gateway',
      [`${role}gateway`]: JSON.stringify({ ...keys, Expiration: '2099-01-01T00:00:00Z' }),
    };
    metadata = createServer((request, response) => response.end(answers[request.url!]));
    await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve));
  }, 90_000);

  afterAll(async () => {
    metadata?.close();
    await moto?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it('makes the stream at the first line, and signs for the service', async () => {
    const calls: Parameters<SendCall>[0][] = [];
    const stream = open('gateway-1', (call, deadlineMs) => {
      calls.push(call);
      return sendCall(call, deadlineMs);
    });
    expect(await stream.send([line(1), line(2)])).toBe(0);
    expect(await stream.send([line(3)])).toBe(0);
    expect(await stored('gateway-1')).toEqual(['line 1', 'line 2', 'line 3']);
    const { headers } = calls.at(-1)!;
    expect(headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIATEST\/\d{8}\/eu-west-1\/logs\//);
    expect(headers['x-amz-security-token']).toBe('session');
    stream.close();
  });

  it('says what fails in words of AWS, and how many lines are too old', async () => {
    const stream = cloudwatchStream({
      ...{ region, group: '/dwcp/none', stream: 's' },
      ...{ endpoint: moto.endpoint, metadataEndpoint: metadataAt() },
    });
    await expect(stream.send([line(1)])).rejects.toThrow(/^CreateLogStream: ResourceNotFoundException: /);
    const old = line(1, { atUtcMs: Date.now() - 15 * 86_400_000 });
    expect(await open('old').send([old])).toBe(1);
    stream.close();
  });

  it('loses no line while nobody answers: the agent program sends a journal from where it was', async () => {
    const description = {
      network: 'demo',
      regions: { a: { place: 'us-east-1' }, b: { place: region } },
      links: [{ between: ['a', 'b'], bandwidth: '1 Gbps' }],
      operations: { logs: {} },
    } as const;
    for (const name of ['bundle', 'kept', 'run']) mkdirSync(at(name));
    const state = { ...gatewayState(planOf(description), 'b/1') };
    expect(state.operations?.logs).toEqual({ group, stream: 'gateway-1' });
    const { operations } = state;
    const place = { ...operations!, logs: { group, stream: 'whole' } };
    writeFileSync(at('bundle/gateway.json'), encodeCanonical({ ...state, operations: place }));
    writeFileSync(at('source'), `AWS_DEFAULT_REGION=${region}\nBUCKET=b\nACCOUNT=1\nFOLDER=f\n`);
    // In the place of journalctl: 40 entries before and 60 after a file is there, and what it was asked for.
    const before = Array.from({ length: 40 }, (_, i) => entry(i, `m${i}`)).join('\n');
    const after = Array.from({ length: 60 }, (_, i) => entry(40 + i, `m${40 + i}`)).join('\n');
    writeFileSync(at('before'), `${before}\n`);
    writeFileSync(at('after'), `${after}\n`);
    writeFileSync(
      at('journalctl'),
      `#!/bin/sh\ncd ${folder}\necho "$*" >>asked\ncat before\nwhile [ ! -e more ]; do sleep 0.05; done\ncat after\nexec sleep 60\n`,
    );
    chmodSync(at('journalctl'), 0o755);
    // A relay that is hung up on all who call while it is down.
    let down = true;
    const relay = createServer((request, response) => {
      if (down) return void request.socket.destroy();
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const headers = Object.entries(request.headers).filter(([name]) => !/^(host|connection)$/.test(name));
        void fetch(moto.endpoint, {
          method: request.method,
          headers: Object.fromEntries(headers) as Record<string, string>,
          body: Buffer.concat(parts),
        }).then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
      });
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    const said = catchOutput();
    const running = runLogs({
      bundle: at('bundle'),
      source: at('source'),
      logsDir: at('kept'),
      logsRunDir: at('run'),
      cloud: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
      metadata: metadataAt(),
      journalctl: at('journalctl'),
    });
    const figures = () => readJournalFigures(at('run'));
    const until = async (holds: () => boolean) => {
      for (let i = 0; i < 600 && !holds(); i++) await sleep(50);
    };
    await until(() => (figures()?.fault ?? null) !== null);
    const meanwhile = figures();
    writeFileSync(at('more'), '');
    down = false;
    await until(() => figures()?.sent === 100);
    const [end, messages] = [figures(), await stored('whole')];
    // As systemd ends it.
    process.emit('SIGTERM', 'SIGTERM');
    const code = await running;
    jest.restoreAllMocks();
    relay.close();
    expect(meanwhile).toMatchObject({ sent: 0, waiting: 40 });
    expect(end).toMatchObject({ sent: 100, dropped: 0, waiting: 0, fault: null });
    const texts = messages.map((text) => (JSON.parse(text) as { message: string }).message);
    expect(texts).toEqual(Array.from({ length: 100 }, (_, i) => `m${i}`));
    expect(code).toBe(0);
    expect(said.filter((text) => text.includes('is not sent'))).toHaveLength(1);
    expect(said.at(-1)).toBe('the journal is sent again\n');
    expect(readFileSync(at('kept/cursor'), 'utf8')).toBe('c99\n');
    expect(readFileSync(at('asked'), 'utf8')).toMatch(/--follow .*--boot\n$/);
    expect(existsSync(at('kept/cursor.new'))).toBe(false);
  }, 60_000);
});
