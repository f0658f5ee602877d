import type { ApplyReport } from './apply';
import { difference } from './difference';
import type { CommandFailure, Host } from './host';

/**
 * Removes everything that the agent made on the host, and nothing else, in the opposite order of making;
 * settings of the host go back to what they were before it came. Does not go back after a failure but tries
 * again while that removes more.
 */
export async function takeDown(host: Host): Promise<ApplyReport> {
  const start = performance.now();
  let commands = 0;
  let failures: readonly CommandFailure[] = [];
  for (let left = Infinity; ;) {
    const { clear, unmake } = difference(await host.observe(), []);
    const list = [...clear, ...unmake];
    if (list.length === 0 || list.length >= left) break;
    left = list.length;
    commands += list.length;
    failures = await host.run(list);
  }
  return { commands, failures, durationMs: performance.now() - start };
}
