import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';

/** A line that the tool refused. */
export interface RefusedLine {
  /** Position in the list that was run, from 0. */
  readonly index: number;
  readonly message: string;
}

/** A tool that stays and takes lines: `ip -force -batch -`. */
export interface BatchRunner {
  /**
   * Runs lines in order, all of them, whatever fails.
   *
   * @throws Error if the tool ended before it had answered; which lines it ran is then unknown.
   */
  run(lines: readonly string[]): Promise<readonly RefusedLine[]>;
  /** Ends the tool after what it was given so far; another begins with the next run. */
  close(): Promise<void>;
}

/** No tool knows this word: its complaint says that everything before has run. */
const mark = 'dwcp-mark-17';

/**
 * Starts the tool at the first run and again after it ended. iproute2 executes each line as it arrives and
 * says nothing about those that succeed, so that each list ends in a line that must fail: its error on
 * standard error, `Command failed -:<line>`, acknowledges the list.
 *
 * @param command the tool with its options, for example `ip -force -batch -`.
 */
export function batchRunner(command: readonly string[]): BatchRunner {
  let tool: Tool | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(lines) {
      // One list at a time: the next begins when the one before is acknowledged.
      const mine = last.then(() => {
        if (!tool || tool.ended) tool = startTool(command);
        return tool.run(lines);
      });
      last = mine.catch(() => undefined);
      return mine;
    },
    close() {
      const mine = last.then(async () => {
        await tool?.close();
        tool = undefined;
      });
      last = mine;
      return mine;
    },
  };
}

interface Tool {
  readonly ended: boolean;
  run(lines: readonly string[]): Promise<readonly RefusedLine[]>;
  close(): Promise<void>;
}

function startTool(command: readonly string[]): Tool {
  const child: ChildProcessWithoutNullStreams = spawn(command[0], command.slice(1), { stdio: 'pipe' });
  let ended = false;
  let written = 0;
  let text = '';
  let onText: () => void = () => undefined;
  let onEnd: (error: Error) => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    const end = (why: string) => {
      ended = true;
      onEnd(new Error(`${command.join(' ')} ended: ${why} ${text.trim()}`.trim()));
      resolve();
    };
    child.once('error', (error) => end(error.message));
    child.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  // Without a file descriptor left there are no pipes, whatever the types say.
  const pipes = child as Partial<typeof child>;
  // Writing to a tool that has just ended is told by its end.
  pipes.stdin?.on('error', () => undefined);
  pipes.stdout?.resume();
  pipes.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    onText();
  });
  return {
    get ended() {
      return ended;
    },
    run(lines) {
      const first = written + 1;
      written += lines.length + 1;
      const final = `Command failed -:${written}\n`;
      return new Promise((resolve, reject) => {
        onEnd = reject;
        onText = () => {
          if (!text.endsWith(final)) return;
          const refused = parseRefusals(text, first, lines.length);
          text = '';
          onText = () => undefined;
          onEnd = () => undefined;
          resolve(refused);
        };
        pipes.stdin?.write(`${[...lines, mark].join('\n')}\n`);
      });
    },
    async close() {
      pipes.stdin?.end();
      await closed;
    },
  };
}

function parseRefusals(text: string, first: number, count: number): RefusedLine[] {
  const refused: RefusedLine[] = [];
  let from = 0;
  for (const found of text.matchAll(/^Command failed -:(\d+)\n/gm)) {
    const index = Number(found[1]) - first;
    const message = text.slice(from, found.index).trim().replace(/\s+/g, ' ');
    if (index >= 0 && index < count) refused.push({ index, message });
    from = found.index + found[0].length;
  }
  return refused;
}
