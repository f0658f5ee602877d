import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LabFault } from '../record';
import { inside } from '../run';
import type { Received, Sent, StreamOrder, StreamRequest } from './main';

/** A stream between two regions' workloads. */
export interface WantedStream extends StreamOrder {
  /** Namespaces. */
  readonly from: string;
  readonly to: string;
}

/** A stream that was measured; see `measureStream`. */
export interface RecordedStream {
  readonly sentMs: readonly number[];
  readonly sequences: readonly number[];
  readonly receivedMs: readonly number[];
}

/** Programs in the workloads' namespaces that send and receive test streams. */
export interface Streams {
  /** Starts streams at once. @throws LabFault if a program does not do it. */
  start(wanted: readonly WantedStream[]): Promise<void>;
  /** Ends all, waits for what is on its way, and gives them in the order in which they were started. */
  finish(waitMs: number): Promise<RecordedStream[]>;
  close(): void;
}

/**
 * Starts a stream program in each namespace, listening on these UDP ports.
 *
 * @param program its command line.
 */
export async function openStreams(
  program: readonly string[],
  namespaces: readonly string[],
  ports: readonly number[],
): Promise<Streams> {
  const agents = new Map(namespaces.map((name) => [name, streamProcess(program, name)]));
  const close = () => agents.forEach((agent) => agent.close());
  let running: readonly WantedStream[] = [];
  const of = (namespace: string) => {
    const agent = agents.get(namespace);
    if (!agent) throw new RangeError(`no stream program in '${namespace}'`);
    return agent;
  };
  try {
    await Promise.all([...agents.values()].map((agent) => agent.ask({ listen: ports })));
  } catch (error) {
    close();
    throw error;
  }
  return {
    async start(wanted) {
      running = wanted;
      const senders = [...new Set(wanted.map((w) => w.from))];
      await Promise.all(senders.map((from) => of(from).ask({ send: wanted.filter((w) => w.from === from) })));
    },
    async finish(waitMs) {
      const senders = [...new Set(running.map((w) => w.from))];
      const receivers = [...new Set(running.map((w) => w.to))];
      const sent = (await Promise.all(senders.map((from) => of(from).ask({ stop: true })))) as Sent[][];
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      const taken = (await Promise.all(receivers.map((to) => of(to).ask({ take: true })))) as Received[][];
      const sentBy = new Map(sent.flat().map((s) => [s.stream, s.sentMs]));
      const receivedBy = new Map(taken.flat().map((r) => [r.stream, r]));
      return running.map(({ stream }) => {
        const { sequences = [], receivedMs = [] } = receivedBy.get(stream) ?? {};
        return { sentMs: sentBy.get(stream) ?? [], sequences, receivedMs };
      });
    },
    close,
  };
}

function streamProcess(program: readonly string[], namespace: string) {
  const command = inside(namespace, program);
  const child: ChildProcess = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];
  const fail = () => {
    for (const { reject } of waiting.splice(0))
      reject(new LabFault(`the stream program in '${namespace}' ended`));
  };
  child.on('error', fail).on('close', fail);
  child.stdin!.on('error', () => undefined);
  createInterface(child.stdout!).on('line', (line) => {
    const answer = JSON.parse(line) as { error?: string };
    const { resolve, reject } = waiting.shift()!;
    if (answer.error === undefined) resolve(answer);
    else reject(new LabFault(`the stream program in '${namespace}': ${answer.error}`));
  });
  return {
    ask(request: StreamRequest): Promise<unknown> {
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin!.write(`${JSON.stringify(request)}\n`);
      });
    },
    close() {
      child.stdin!.end();
    },
  };
}
