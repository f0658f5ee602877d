import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../../lib/project/write-file';
import { keysProgram, source, start } from '../cli/keys-process';
import { skipped } from '../net/skipped';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'write-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('writing a file atomically', () => {
  test('makes and replaces it with the mode that was asked for, whatever the umask', () => {
    const file = join(folder, 'keys.json');
    const umask = process.umask(0o077);
    try {
      writeFileAtomic(file, 'one');
      expect(statSync(file).mode & 0o777).toBe(0o644);
      writeFileAtomic(file, 'two', 0o600);
    } finally {
      process.umask(umask);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(readdirSync(folder)).toEqual(['keys.json']);
  });

  test('keeps a symbolic link and writes what it points to', () => {
    const [file, alias] = [join(folder, 'keys.json'), join(folder, 'alias.json')];
    writeFileAtomic(file, 'one');
    symlinkSync('keys.json', alias);
    writeFileAtomic(alias, 'two');
    expect(lstatSync(alias).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('two');
  });

  test('leaves the old file and nothing else where writing fails', () => {
    const blocked = join(folder, 'keys.json');
    mkdirSync(blocked);
    expect(() => writeFileAtomic(blocked, 'one')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(() => writeFileAtomic(join(folder, 'no', 'keys.json'), 'one')).toThrow('ENOENT');
    expect(readdirSync(folder)).toEqual(['keys.json']);
  });

  test('keeps the old file when the disk is full', () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    if (mounted.status !== 0) return skipped('cannot mount a small tmpfs');
    try {
      const file = join(disk, 'keys.json');
      writeFileAtomic(file, 'old');
      expect(() => writeFileAtomic(file, 'x'.repeat(200_000))).toThrow('ENOSPC');
      expect(readFileSync(file, 'utf8')).toBe('old');
      expect(readdirSync(disk)).toEqual(['keys.json']);
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  test('shows one whole version after a kill at any moment', async () => {
    const file = join(folder, 'keys.json');
    writeFileAtomic(file, 'a'.repeat(300_000));
    const body = `const { writeFileAtomic } = ${source('lib/project/write-file.ts')};
for (let i = 0; ; i++) { writeFileAtomic(${JSON.stringify(file)}, 'ab'[i % 2].repeat(300000)); if (i === 3) console.log('up'); }`;
    const program = keysProgram(folder, body);
    for (let round = 0; round < 5; round++) {
      const writer = start(program, [], folder, {});
      await once(writer.stdout!, 'data');
      await new Promise((resolve) => setTimeout(resolve, 17 * round));
      writer.kill('SIGKILL');
      await once(writer, 'close');
      const text = readFileSync(file, 'utf8');
      expect([text.length, new Set(text).size]).toEqual([300_000, 1]);
    }
  });

  test('never lets others read a secret while it is written', () => {
    const file = join(folder, 'secret');
    writeFileSync(file, 'old');
    chmodSync(file, 0o644);
    writeFileAtomic(file, 'new', 0o600);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
