#!/usr/bin/env node
import { runAgentCli } from './run/agent-cli';
import { printError, survivePrinting } from './files/print';

survivePrinting();

runAgentCli(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    printError(`dwcp-agent: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
