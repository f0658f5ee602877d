import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { GatewayState } from '../../gateway';
import { logsUnitName, ssmUnitName } from '../../gateway/agent-files';
import { replaceWhereOther } from './installed';
import { printError } from '../files/print';

/** By name of the unit: does a plan ask for it? */
const asked: Readonly<Record<string, (operations: NonNullable<GatewayState['operations']>) => boolean>> = {
  [ssmUnitName]: ({ ssmAgent }) => ssmAgent !== undefined,
  [logsUnitName]: ({ logs }) => logs !== undefined,
};

/**
 * Starts the units that this plan asks for, and takes away those that it does not ask for any more. Nothing
 * that forwards needs them: what fails is told, and nobody waits.
 *
 * @param units systemd's folder of units. @param systemctl runs it; rejects with what it said.
 */
export async function followOptionalUnits(
  units: string,
  release: string,
  { operations }: GatewayState,
  systemctl: (...args: string[]) => Promise<void>,
): Promise<void> {
  for (const [name, isAsked] of Object.entries(asked)) {
    const place = path.join(units, name);
    try {
      if (operations && isAsked(operations)) {
        if (replaceWhereOther(place, readFileSync(path.join(release, name), 'utf8'), 0o644))
          await systemctl('daemon-reload');
        await systemctl('enable', '--quiet', name);
        await systemctl('restart', '--no-block', name);
      } else if (existsSync(place)) {
        await systemctl('disable', '--quiet', '--now', name);
        rmSync(place);
        await systemctl('daemon-reload');
      }
    } catch (error) {
      printError(`dwcp-agent: ${name}: ${(error as Error).message}`);
    }
  }
}
