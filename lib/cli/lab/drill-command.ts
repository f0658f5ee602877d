import { availableParallelism } from 'node:os';
import {
  affordableSpacingMs,
  drill,
  drillHolds,
  renderDrill,
  streamProgram,
  summariseDrill,
  usualSpacingMs,
  watchAgents,
  type DrillKind,
} from '../../lab';
import { wantsColour, widthOf, type CliIo, type ExitCode } from '../io';
import { found, guarded, seldomNote, untilSignal, type WhichLab } from './lab-world';

interface DrillOptions extends WhichLab {
  readonly only?: readonly DrillKind[];
  readonly runs: number;
  readonly pairs: number;
  readonly spacing?: number;
  readonly json?: boolean;
}

/** `dwcp lab drill`: exit code 1 if traffic went otherwise than planned. */
export function drillCommand(io: CliIo, options: DrillOptions): Promise<ExitCode> {
  return guarded(io, async () => {
    const lab = found(io, options);
    const { only = ['links', 'regions', 'brownouts'], runs, pairs } = options;
    const affordable = affordableSpacingMs(lab.plan, pairs, availableParallelism());
    const { spacing: spacingMs = affordable } = options;
    const seldom = seldomNote('a stream sends', affordable, usualSpacingMs, 'all', 'spacing');
    if (options.spacing === undefined) for (const line of seldom) io.stderr.write(`${line}\n`);
    const { signal, off } = untilSignal('stopped; what was failed is healed');
    const done = await drill(lab, {
      kinds: only,
      runs,
      streams: pairs,
      spacingMs,
      watch: await watchAgents(lab),
      streamProgram: streamProgram(),
      now: Date.now,
      progress: (what) => io.stderr.write(io.stderr.isTTY ? `\r\u001b[K${what}` : `${what}\n`),
      signal,
    })
      .catch((error: unknown) => {
        throw signal.aborted ? signal.reason : error;
      })
      .finally(off);
    if (io.stderr.isTTY) io.stderr.write('\r\u001b[K');
    if (signal.aborted) io.stderr.write(`error: ${(signal.reason as Error).message}\n`);
    const summary = summariseDrill(done);
    const layout = { width: widthOf(io), colour: wantsColour(io, io.stdout), spacingMs };
    if (options.json) io.stdout.write(`${JSON.stringify({ spacingMs, summary, runs: done }, null, 2)}\n`);
    else io.stdout.write(renderDrill(done, layout));
    return drillHolds(summary) && !signal.aborted ? 0 : 1;
  });
}
