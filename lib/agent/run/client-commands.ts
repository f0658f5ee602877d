import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { tryDrainTime } from '../api/read-drain';
import { AgentProblem, connect, type AgentClient, type DrainRequest, type StateView } from '../client';
import { print, printError } from '../files/print';
import { visible } from '../../escape';
import { standInLines } from './stand-in-view';

interface ClientOptions {
  readonly socket: string;
  readonly json?: boolean;
}

/** Commands that ask a running agent over its socket. */
export function addClientCommands(program: Command, socket: string, done: (code: number) => void): void {
  const asking = (command: Command) =>
    command.option('--socket <path>', 'local API of the agent', socket).option('--json', 'as JSON');
  const places = [
    new Argument('<kind>', 'what it is').choices(['link', 'gateway', 'region']),
    new Argument('<id>', 'its id in the plan'),
  ];

  asking(program.command('status'))
    .description('plan, tunnels, and where traffic goes')
    .action((options: ClientOptions) => say(done, options, statusOf));
  asking(program.command('reload'))
    .description('take the bundle that lies there now')
    .action((options: ClientOptions) =>
      say(done, options, async (agent) => ({ text: (await agent.reload()).message })),
    );
  for (const name of ['drain', 'undrain'] as const) {
    const command = asking(program.command(name));
    for (const argument of places) command.addArgument(argument);
    if (name === 'drain')
      command.addOption(new Option('--for <time>', 'ends by itself: 30m, 2h, 1d').argParser(drainTime));
    command
      .description(name === 'drain' ? 'move traffic off, without loss' : 'let traffic come back')
      .action((of: DrainRequest['of'], id: string, options: ClientOptions & { readonly for?: number }) =>
        say(done, options, async (agent) => {
          const state = await agent[name]({ of, id, forSeconds: options.for });
          return { text: `drained now: ${drainedText(state)}`, value: state };
        }),
      );
  }
  asking(program.command('events'))
    .description('changes as they come, until Ctrl-C')
    .option('--after <id>', 'what is kept after this event first', Number)
    .action(async (options: ClientOptions & { after?: number }) => {
      const stop = new AbortController();
      process.once('SIGINT', () => stop.abort());
      await guarded(done, async () => {
        const agent = connect({ socket: options.socket });
        await agent.state();
        for await (const e of agent.events({ after: options.after, signal: stop.signal })) {
          const change = [e.from, e.to].map((side) => (side === '' ? 'nothing' : side)).join(' -> ');
          const line = `${new Date(e.utcMs).toISOString()} ${e.id} ${e.kind} ${e.what}: ${change} (${e.cause})`;
          print(options.json ? JSON.stringify(e) : visible(line));
        }
      });
    });
}

interface Said {
  readonly text: string;
  /** With `--json`; default: the text. */
  readonly value?: unknown;
}

async function say(
  done: (code: number) => void,
  options: ClientOptions,
  ask: (agent: AgentClient) => Promise<Said>,
): Promise<void> {
  await guarded(done, async () => {
    const { text, value = { message: text } } = await ask(connect({ socket: options.socket }));
    print(options.json ? JSON.stringify(value, null, 2) : text);
  });
}

async function guarded(done: (code: number) => void, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    done(0);
  } catch (error) {
    if (!(error instanceof AgentProblem)) throw error;
    printError(`dwcp-agent: ${visible(error.message)}${error.next === '' ? '' : `; ${error.next}`}`);
    done(1);
  }
}

async function statusOf(agent: AgentClient): Promise<Said> {
  const [state, tunnels, routes] = await Promise.all([agent.state(), agent.tunnels(), agent.routes()]);
  const ms = (rtt: number | null) => (rtt === null ? '-' : `${rtt.toFixed(2)} ms`);
  const percent = (ratio: number | null) => (ratio === null ? '-' : `${(ratio * 100).toFixed(1)} %`);
  const lines = [
    `${state.gateway} of ${state.network}, generation ${state.generation}, ${state.ready ? 'ready' : 'not ready'}`,
    ...fetchedLines(state),
    ...unhealedLines(state),
    ...standInLines(state.standIn).map(visible),
    ...(state.drained.length > 0 ? [`drained: ${drainedText(state)}`] : []),
    '',
    ...columns([
      ['tunnel', 'peer', 'health', 'round trip', 'loss', 'sent'],
      ...tunnels.map((t) => [
        t.id,
        t.peer,
        t.waiting ? `${t.health}, waiting` : t.health,
        ms(t.rttMs),
        percent(t.lossRatio),
        percent(t.utilisationRatio),
      ]),
    ]),
    '',
    ...columns([
      ['to', 'class', 'state', 'paths'],
      ...routes.map((r) => [
        r.to,
        r.class,
        r.state,
        r.paths.map((p) => (r.paths.length === 1 ? p.path : `${p.path}*${p.weight}`)).join(' '),
      ]),
    ]),
  ];
  return { text: lines.join('\n'), value: { state, tunnels, routes } };
}

/** `30m`, `2h`, `1d`, in seconds. */
function drainTime(text: string): number {
  const seconds = tryDrainTime(text);
  if (seconds === undefined) throw new InvalidArgumentError('a time from 1s to 31d is wanted: 30m, 2h, 1d.');
  return seconds;
}

/** What is drained, and until when. */
export function drainedText({ drained, drainedUntil }: StateView): string {
  const until = (place: string) =>
    drainedUntil[place] === undefined ? '' : ` until ${new Date(drainedUntil[place]).toISOString()}`;
  return drained.length === 0 ? 'nothing' : drained.map((place) => `${place}${until(place)}`).join(', ');
}

/** What others keep from being as the plan has it, a line each. */
function unhealedLines({ unhealed }: StateView): string[] {
  return unhealed.map(({ what, how, cause, waiting }) => {
    const others = waiting === 0 ? '' : `; ${waiting} more wait for it`;
    return visible(`not as planned: ${what} (${how}): ${cause}${others}`);
  });
}

/** What the fetcher said last, where there is one. */
function fetchedLines({ fetched }: StateView): string[] {
  if (!fetched) return [];
  const { result, health, atUtcMs, reason, latestUtcMs } = fetched;
  const day = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  const until = latestUtcMs === null ? '' : `; may be installed anew until ${day(latestUtcMs)}`;
  const fares = result === 'installed' ? `, ${health === 'unknown' ? 'health unknown' : health}` : '';
  return [visible(`bundle: ${result} since ${day(atUtcMs)}${fares} (${reason})${until}`)];
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  return rows.map((row) =>
    row
      .map((cell, c) => cell.padEnd(widths[c]))
      .join('  ')
      .trimEnd(),
  );
}
