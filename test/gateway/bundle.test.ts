import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, gatewayFiles } from '../../lib/gateway';
import { sealedPartOf } from '../../lib/net/keys';
import { linePlan } from './plan-fixture';

describe('the bundle', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bundle-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function tar(bytes: Uint8Array, ...args: string[]): string {
    const file = join(folder, 'bundle.tar');
    writeFileSync(file, bytes);
    const run = spawnSync('tar', [...args, '-f', file], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    });
    if (run.status !== 0 || run.stderr !== '') throw new Error(`tar: ${run.stderr}`);
    return run.stdout;
  }

  test('is listed by tar with sorted names, no time and root as owner', async () => {
    const { plan, keys } = await linePlan();
    const files = gatewayFiles(plan, 'b/1', sealedPartOf(keys.file, 'b/1'));
    const lines = tar(bundle(files).bytes, '-tv').trim().split('\n');
    const sizes = [...files].map(([path, text]) => [path, Buffer.byteLength(text)]);
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual(
      sizes.map(([path, size]) => `-rw-r--r-- root/root ${size} 1970-01-01 00:00 ${path}`),
    );
  });

  test('unpacks to the same files, of any length and with long paths', () => {
    const files = new Map([
      ['empty', ''],
      ['block', 'x'.repeat(512)],
      ['more', 'y'.repeat(513)],
      ['text', 'm\u00fcnchen\n'],
      [`${'d'.repeat(90)}/${'e'.repeat(60)}/${'f'.repeat(99)}`, 'deep'],
    ]);
    tar(bundle(files).bytes, '-x');
    for (const [path, text] of files) expect(readFileSync(join(folder, path), 'utf8')).toBe(text);
  });

  test('is the same bytes in any order of the files, and carries its digest', async () => {
    const { plan } = await linePlan();
    const files = [...gatewayFiles(plan, 'a/1', null)];
    const first = bundle(new Map(files));
    expect(Buffer.from(bundle(new Map(files.reverse())).bytes).equals(Buffer.from(first.bytes))).toBe(true);
    expect(first.sha256).toBe(createHash('sha256').update(first.bytes).digest('hex'));
    expect(bundle(new Map([...files, ['more', '']])).sha256).not.toBe(first.sha256);
  });

  test.each([
    '/etc/passwd',
    '../up',
    'a/../b',
    'a//b',
    '',
    './a',
    'a\0b',
    'x'.repeat(101),
    `${'x/'.repeat(160)}y`,
  ])('refuses the path %j', (path) => {
    expect(() => bundle(new Map([[path, '']]))).toThrow(RangeError);
  });
});
