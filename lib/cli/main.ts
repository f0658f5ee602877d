#!/usr/bin/env node
import './compile-cache';
import { visibleOutput } from '../escape';
import { hideSecrets } from './hide-secrets';
import { runCli } from './program';

// A reader that stops reading, such as `head`, is not a fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    // Nothing more can be said on this stream.
    if (stream === process.stdout)
      process.stderr.write(`dwcp: the output cannot be written: ${error.code ?? error.message}\n`);
    process.exit(1);
  });
}

runCli(
  {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: hideSecrets(process.argv[2]),
    cwd: process.cwd(),
    isTty: process.stdin.isTTY && process.stderr.isTTY,
  },
  process.argv.slice(2),
).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const text = `dwcp: ${error instanceof Error ? error.message : String(error)}\n`;
    process.stderr.write(visibleOutput(text, process.stderr.isTTY));
    process.exitCode = 1;
  },
);
