import { StringDecoder } from 'node:string_decoder';
import { KeysFailure } from './keys-io';

type Terminal = NodeJS.ReadableStream & { setRawMode?(raw: boolean): unknown };

/**
 * Asks for a line on a terminal without showing it. Backspace and Ctrl-U work; Ctrl-C and Ctrl-D on an
 * empty line cancel.
 *
 * @throws KeysFailure if the terminal cannot hide what is typed, or the user cancels.
 */
export async function askHidden(
  question: string,
  stdin: Terminal,
  stderr: NodeJS.WritableStream,
): Promise<string> {
  if (!stdin.setRawMode) throw new KeysFailure('this terminal cannot hide what is typed');
  stderr.write(question);
  stdin.setRawMode(true);
  try {
    return await readLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stderr.write('\n');
  }
}

function readLine(stdin: Terminal): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let typed: string[] = [];
    const stop = () => {
      // Before a rest is put back: a flowing stream without a listener would drop it.
      stdin.pause();
      stdin.removeListener('data', take);
      stdin.removeListener('end', cancel);
      stdin.removeListener('error', cancel);
    };
    const cancel = () => {
      stop();
      reject(new KeysFailure('cancelled'));
    };
    const take = (chunk: Buffer) => {
      const characters = [...decoder.write(chunk)];
      // An arrow key or its like: an escape sequence is nothing typed.
      if (characters[0] === '\u001b') return;
      for (const [i, character] of characters.entries()) {
        if (character === '\r' || character === '\n') {
          stop();
          const rest = characters.slice(i + 1).join('');
          if (rest !== '') stdin.unshift(Buffer.from(rest, 'utf8'));
          resolve(typed.join(''));
          return;
        }
        if (character === '\u0003' || (character === '\u0004' && typed.length === 0)) {
          cancel();
          return;
        }
        if (character === '\u007f' || character === '\b') typed.pop();
        else if (character === '\u0015') typed = [];
        else if (character >= ' ') typed.push(character);
      }
    };
    stdin.on('data', take);
    stdin.on('end', cancel);
    stdin.on('error', cancel);
    stdin.resume();
  });
}
