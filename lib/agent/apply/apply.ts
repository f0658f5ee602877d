import { difference, type Difference } from './difference';
import type { CommandFailure, Host, HostCommand } from './host';
import { identity, type HostObject } from './host-object';
import { needsOf } from './needs';
import type { WantedHost } from './wanted/wanted-host';

/** What applying did. */
export interface ApplyReport {
  /** Commands that were handed to the host; 0: it was as wanted. */
  readonly commands: number;
  /** The first is what stopped it; empty: the host is as wanted. */
  readonly failures: readonly CommandFailure[];
  /** With failures: is the host as it was before? Without: absent. */
  readonly rolledBack?: boolean;
  readonly durationMs: number;
}

/**
 * Brings the host to the wanted state, whole or not at all: runs what differs from what is there, new things
 * first, and after a failure goes back to what was there. Run again it runs nothing. Never throws: a host
 * that cannot even be looked at is a failure too.
 *
 * @param left what is known not to be mended, by identity: it is left as it is, with what stands on it.
 */
export async function apply(
  host: Host,
  wanted: Pick<WantedHost, 'objects'>,
  left: ReadonlySet<string> = new Set(),
): Promise<ApplyReport> {
  const start = performance.now();
  const between = without(left, wanted.objects);
  let commands = 0;
  const run = async (list: readonly HostCommand[]): Promise<readonly CommandFailure[]> => {
    if (list.length === 0) return [];
    commands += list.length;
    return host.run(list);
  };
  /** Commands of both ways count; looks at the host again where interfaces had to go first. */
  const bring = async (there: readonly HostObject[], to: readonly HostObject[]) => {
    let steps = between(there, to);
    if (steps.clear.length > 0) {
      const failed = await run(steps.clear);
      if (failed.length > 0) return failed;
      steps = between(await host.observe(), to);
    }
    const failed = await run(steps.make);
    return failed.length > 0 ? failed : run(steps.unmake);
  };
  const report = (failures: readonly CommandFailure[], rolledBack?: boolean): ApplyReport => ({
    commands,
    failures,
    ...(rolledBack === undefined ? {} : { rolledBack }),
    durationMs: performance.now() - start,
  });
  let before: readonly HostObject[];
  try {
    before = await host.observe();
  } catch (error) {
    // Nothing was changed.
    return report([unseen(error)], true);
  }
  let failures: readonly CommandFailure[];
  try {
    failures = await bring(before, wanted.objects);
  } catch (error) {
    failures = [unseen(error)];
  }
  if (failures.length === 0) return report([]);
  try {
    const undone = await bring(await host.observe(), before);
    return report([...failures, ...undone], undone.length === 0);
  } catch (error) {
    return report([...failures, unseen(error)], false);
  }
}

/** As `difference`, but for what is left and what stands on it. */
function without(left: ReadonlySet<string>, wanted: readonly HostObject[]): typeof difference {
  if (left.size === 0) return difference;
  const needs = needsOf(wanted);
  const out = new Set(left);
  // Kinds stand in the order in which they need each other.
  for (const object of wanted) if (needs(object).some((name) => out.has(name))) out.add(identity(object));
  const kept = (commands: readonly HostCommand[]) =>
    commands.filter(({ object }) => !out.has(identity(object)));
  return (there, to): Difference => {
    const { clear, make, unmake } = difference(there, to);
    return { clear: kept(clear), make: kept(make), unmake: kept(unmake) };
  };
}

function unseen(error: unknown): CommandFailure {
  return { line: 'look at the host', message: error instanceof Error ? error.message : String(error) };
}
