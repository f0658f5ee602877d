import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { problem, type Code, type Diagnostic } from '../diagnostics';

/** Larger files are no description: the 33-region mesh takes 2 KB, its plan some MB. */
export const mostBytes = 256 * 2 ** 20;
/** How long a pipe may be without a writer, and how long its writer may be silent. */
const waits = { writerMs: 1000, silenceMs: 30_000 };

/** A file's text; without it one diagnostic. `missing`: there is no such file. */
export interface ReadFile {
  readonly text?: string;
  readonly missing?: boolean;
  readonly diagnostics: Diagnostic[];
}

/** By the system's code: its own message names absolute paths. */
const unreadable: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read',
  EISDIR: 'is a folder',
  ENXIO: 'is a socket',
};

/**
 * Reads a file as UTF-8 text, at most `mostBytes` of it. Never blocks for ever: a pipe is read until its
 * writer closes it, and refused without a writer or when that is silent; a device is refused.
 *
 * @param full absolute.
 * @param shown its name in messages.
 */
export function readFileText(full: string, shown: string): ReadFile {
  let fd: number | undefined;
  try {
    // Opening a pipe would else wait for its writer.
    fd = openSync(full, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (stat.isDirectory()) return refuse('file-unreadable', `${shown} is a folder`, nameNext);
    if (stat.isCharacterDevice() || stat.isBlockDevice())
      return refuse('file-unreadable', `${shown} is a device`, "give a file, or '-' for standard input");
    if (stat.size > mostBytes) return tooLarge(shown, `${stat.size} bytes`);
    const bytes = stat.isFIFO() ? readPipe(fd) : readAll(fd);
    if (bytes === 'silent')
      return refuse(
        'file-unreadable',
        `${shown} is a pipe, and nothing came from it`,
        'start its writer first',
      );
    return bytes === 'large' ? tooLarge(shown, `more than ${mostBytes} bytes`) : decodeText(bytes, shown);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const why = unreadable[code] ?? `cannot be read (${code})`;
    return {
      missing: code === 'ENOENT' || code === 'ENOTDIR',
      ...refuse('file-unreadable', `${shown} ${why}`, nameNext),
    };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * UTF-8 text from bytes, without the byte order mark that some editors write. UTF-16 and UTF-32 are refused
 * by name; what is otherwise no UTF-8 keeps a replacement character, which the reader of the text refuses.
 */
export function decodeText(bytes: Uint8Array, shown: string): ReadFile {
  const encoding = wideEncoding(bytes);
  if (encoding === undefined) return { text: new TextDecoder('utf-8').decode(bytes), diagnostics: [] };
  const next = `save it as UTF-8: iconv -f ${encoding} -t UTF-8`;
  return refuse('not-utf-8', `${shown} is ${encoding} text`, next);
}

const nameNext = 'check the name and its permissions';

function refuse(code: Code, message: string, next: string): ReadFile {
  return { diagnostics: [problem(code, '', message, next)] };
}

/** The refusal of what is too large to be read. */
export function tooLarge(shown: string, size: string): ReadFile {
  return refuse('file-too-large', `${shown} has ${size}`, `give a file below ${mostBytes} bytes`);
}

/** By its byte order mark, or by where the zeros of its first ASCII characters are. */
function wideEncoding(bytes: Uint8Array): 'UTF-16LE' | 'UTF-16BE' | 'UTF-32LE' | 'UTF-32BE' | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'UTF-32LE' : 'UTF-16LE';
  if (a === 0xfe && b === 0xff) return 'UTF-16BE';
  if (a === 0 && b === 0) return c === 0xfe || (c === 0 && d > 0) ? 'UTF-32BE' : undefined;
  if (a > 0 && b === 0 && c === 0 && d === 0) return 'UTF-32LE';
  if (a > 0 && b === 0 && c > 0 && d === 0) return 'UTF-16LE';
  return a === 0 && b > 0 && c === 0 && d > 0 ? 'UTF-16BE' : undefined;
}

function readAll(fd: number): Uint8Array | 'large' {
  const collected = new Collected();
  for (let chunk = readChunk(fd); chunk.length > 0; chunk = readChunk(fd))
    if (!collected.add(chunk)) return 'large';
  return collected.bytes();
}

/** Until the writer closes; a read of nothing before the first byte means that nobody has opened it yet. */
function readPipe(fd: number): Uint8Array | 'large' | 'silent' {
  const collected = new Collected();
  let since = performance.now();
  for (;;) {
    const chunk = tryReadChunk(fd);
    if (chunk !== undefined && chunk.length > 0) {
      if (!collected.add(chunk)) return 'large';
      since = performance.now();
      continue;
    }
    if (chunk !== undefined && collected.size > 0) return collected.bytes();
    const most = chunk === undefined ? waits.silenceMs : waits.writerMs;
    if (performance.now() - since > most) return 'silent';
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

/** Undefined: nothing is there yet. */
function tryReadChunk(fd: number): Uint8Array | undefined {
  try {
    return readChunk(fd);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

function readChunk(fd: number): Uint8Array {
  const buffer = Buffer.allocUnsafe(1 << 16);
  return buffer.subarray(0, readSync(fd, buffer));
}

/** Chunks up to `mostBytes`. */
class Collected {
  size = 0;
  private readonly chunks: Uint8Array[] = [];

  /** false: it would be too much. */
  add(chunk: Uint8Array): boolean {
    this.size += chunk.length;
    this.chunks.push(chunk);
    return this.size <= mostBytes;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }
}

/** All of a stream, such as standard input; undefined: more than `mostBytes`. */
export async function readStream(stream: NodeJS.ReadableStream): Promise<Uint8Array | undefined> {
  const collected = new Collected();
  for await (const chunk of stream)
    if (!collected.add(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)) return undefined;
  return collected.bytes();
}
