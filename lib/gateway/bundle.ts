import { createHash } from 'node:crypto';

/** An archive and its digest. */
export interface Bundle {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly sha256: string;
}

const block = 512;

/**
 * A ustar archive (POSIX.1-1988, `tar`) of text files by path. Equal files give equal bytes in any order:
 * names sorted, time, owner and group 0, mode 0644.
 *
 * @throws RangeError for a path that is absolute, climbs out, or does not fit ustar (255 bytes, split at a
 *   slash).
 */
export function bundle(files: ReadonlyMap<string, string>): Bundle {
  const parts: Buffer[] = [];
  for (const path of [...files.keys()].sort()) {
    const content = Buffer.from(files.get(path)!, 'utf8');
    const padding = Buffer.alloc((block - (content.length % block)) % block);
    parts.push(header(path, content.length), content, padding);
  }
  // Two empty blocks end an archive.
  parts.push(Buffer.alloc(2 * block));
  const bytes = new Uint8Array(Buffer.concat(parts));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function header(path: string, size: number): Buffer {
  const [prefix, name] = splitPath(path);
  const fields: [offset: number, text: string][] = [
    [0, name],
    [100, octal(0o644, 7)],
    [108, octal(0, 7)],
    [116, octal(0, 7)],
    [124, octal(size, 11)],
    [136, octal(0, 11)],
    // The checksum counts its own field as spaces.
    [148, ' '.repeat(8)],
    [156, '0'],
    [257, 'ustar\u000000'],
    [265, 'root'],
    [297, 'root'],
    [329, octal(0, 7)],
    [337, octal(0, 7)],
    [345, prefix],
  ];
  const bytes = Buffer.alloc(block);
  for (const [offset, text] of fields) bytes.write(text, offset, 'utf8');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return bytes;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** A path as ustar's prefix (155 bytes) and name (100). */
function splitPath(path: string): [prefix: string, name: string] {
  const steps = path.split('/');
  if (steps.some((step) => step === '' || step === '.' || step === '..') || path.includes('\0')) {
    throw new RangeError(`'${path}' is no path inside an archive`);
  }
  if (Buffer.byteLength(path) <= 100) return ['', path];
  for (let i = 1; i < steps.length; i++) {
    const [prefix, name] = [steps.slice(0, i).join('/'), steps.slice(i).join('/')];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return [prefix, name];
  }
  throw new RangeError(`'${path}' is too long for a ustar archive`);
}
