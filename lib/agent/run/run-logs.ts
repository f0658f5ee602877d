import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryReadSource } from '../aws/cloud-source';
import { cloudwatchStream } from '../journal/cloudwatch-logs';
import { journalFields, readJournalLine, type JournalLine } from '../journal/journal-line';
import { sendJournal, type JournalFigures } from '../journal/send-journal';
import { gatewaySchema } from '../../gateway/shape';
import { print, printError } from '../files/print';
import { replaceFile } from '../files/replace-file';
import { readStateFile, tryReadLine } from '../files/state-file';

export interface LogsOptions {
  /** Folder of the unpacked bundle. */
  readonly bundle: string;
  readonly source: string;
  /** Folder of the cursor. */
  readonly logsDir: string;
  /** Folder of the figures, which need not outlive a boot. */
  readonly logsRunDir: string;
  /** A stand-in for the service, and for the instance's metadata. */
  readonly cloud?: string;
  readonly metadata?: string;
  /** How journalctl(1) is called; default by its name. */
  readonly journalctl?: string;
}

const cursorFile = 'cursor';
const figuresFile = 'figures.json';
/** How long what waits may take at the end, ms; systemd ends it after five seconds. */
const lastMs = 2_000;

/**
 * `dwcp-agent logs`: sends the host's journal to the group and stream that the plan names, from where the
 * last one ended, or from this boot on. A process of its own: what becomes of the agent is told all the same,
 * and no line costs a probe.
 *
 * @returns 0 it was told to end, or the plan asks for none; 1 it cannot begin, or the journal ended.
 */
export async function runLogs(options: LogsOptions): Promise<number> {
  const { bundle, logsDir, logsRunDir, cloud, metadata, journalctl = 'journalctl' } = options;
  const text = readFileSync(path.join(bundle, 'gateway.json'), 'utf8');
  const place = gatewaySchema.parse(JSON.parse(text)).operations?.logs;
  if (!place) return 0;
  const source = tryReadSource(options.source);
  if (!source) {
    printError(`dwcp-agent: ${options.source} is not there: nothing says which cloud takes the journal`);
    return 1;
  }
  for (const folder of [logsDir, logsRunDir]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const from = tryReadLine(path.join(logsDir, cursorFile));
  const child = spawn(
    journalctl,
    [
      ...['--follow', '--no-tail', '--all', '--output=json', '--output-fields', journalFields.join(',')],
      from === null ? '--boot' : `--after-cursor=${from}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const failed = new Promise<string>((resolve) => child.once('error', (error) => resolve(error.message)));
  const stream = cloudwatchStream({
    ...place,
    region: source.region,
    ...(cloud !== undefined && { endpoint: cloud }),
    ...(metadata !== undefined && { metadataEndpoint: metadata }),
  });
  let fault: string | null = null;
  const sending = sendJournal({
    lines: entries(child.stdout),
    stream,
    keepCursor: (cursor) => tryWrite(path.join(logsDir, cursorFile), cursor),
    tell(figures) {
      tryWrite(path.join(logsRunDir, figuresFile), JSON.stringify(figures));
      // Told once: what is told is one of the lines that wait.
      if (figures.fault !== null && fault === null)
        printError(`dwcp-agent: the journal is not sent: ${figures.fault}; it is tried again`);
      if (figures.fault === null && fault !== null) print('the journal is sent again');
      fault = figures.fault;
    },
    nowUtcMs: () => Date.now(),
    wait: (ms) => sleep(ms),
    random: Math.random,
  });
  const signal = new Promise<null>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(null));
  });
  const end = await Promise.race([signal, failed, sending.done.then(() => 'journalctl ended')]);
  child.kill();
  await Promise.race([sending.stop(), sleep(lastMs)]);
  stream.close();
  if (end !== null) printError(`dwcp-agent: the journal cannot be read: ${end}`);
  return end === null ? 0 : 1;
}

/** What became of the journal; null: nobody sends it, or nothing was tried yet. */
export function readJournalFigures(logsRunDir: string): JournalFigures | null {
  return readStateFile(logsRunDir, figuresFile, (raw) => {
    const figures = raw as JournalFigures;
    const counts = [figures.sent, figures.dropped, figures.waiting];
    return counts.every(Number.isSafeInteger) ? figures : undefined;
  });
}

async function* entries(stdout: NodeJS.ReadableStream): AsyncIterable<JournalLine> {
  for await (const json of createInterface({ input: stdout, crlfDelay: Infinity })) {
    const line = readJournalLine(json);
    if (line) yield line;
  }
}

/** The figures and the cursor are not worth an end: on a full disk lines are sent twice after a restart. */
function tryWrite(file: string, text: string): void {
  try {
    replaceFile(file, `${text}\n`);
  } catch {
    // The next attempt writes it.
  }
}
