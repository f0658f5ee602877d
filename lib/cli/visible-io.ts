import { visibleOutput } from '../escape';
import { wantsColour, type CliIo } from './io';

/**
 * The same outside world, whose standard output and error show what cannot be seen as escapes. Commands
 * know no other streams, so that no file's name, no message of a library and no forgotten text reaches a
 * terminal raw.
 */
export function visibleIo(io: CliIo): CliIo {
  return { ...io, stdout: visibleStream(io, io.stdout), stderr: visibleStream(io, io.stderr) };
}

function visibleStream<S extends CliIo['stdout']>(io: CliIo, stream: S): S {
  // A user who forces colour wants our marks in files and pipes, too.
  const marked = stream.isTTY === true || wantsColour(io, stream);
  return new Proxy(stream, {
    get(target, key) {
      if (key === 'write') {
        return (chunk: unknown, ...rest: unknown[]): boolean => {
          const shown = typeof chunk === 'string' ? visibleOutput(chunk, marked) : chunk;
          return (target.write as (...all: unknown[]) => boolean)(shown, ...rest);
        };
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value as (...all: unknown[]) => unknown).bind(target) : value;
    },
  });
}
