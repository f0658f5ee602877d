import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cloudConfig, cloudUrl, sourceText } from './cloud/cloud-config';
import type { CloudMove } from './cloud/serve-cloud';
import { startDetached, untilReady } from './processes';
import { gatewayFolder, labFolder, type Lab } from './record';
import { inside } from './run';

/** Starts the cloud of each region whose gateways share route tables, and tells the gateways of it. */
export async function startClouds(lab: Lab, program: readonly string[], signal?: AbortSignal): Promise<void> {
  for (const region of lab.layout.regions) {
    const config = cloudConfig(lab.plan, lab.layout, region);
    if (!config) continue;
    const file = cloudFile(lab, region.id, 'json');
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    const log = cloudFile(lab, region.id, 'log');
    const process = startDetached(inside(region.namespace, [...program, file]), log);
    await untilReady(process, log, `the cloud of ${region.id}`, { signal });
    for (const { id } of config.gateways) {
      writeFileSync(path.join(gatewayFolder(lab, id), 'source'), sourceText(config, id), { mode: 0o600 });
    }
  }
}

/** Where a gateway finds its cloud; undefined: its region has none. */
export function cloudOf({ plan, layout }: Pick<Lab, 'plan' | 'layout'>, gateway: string): string | undefined {
  const own = layout.gateways.find(({ id }) => id === gateway)!.region;
  const config = cloudConfig(
    plan,
    layout,
    layout.regions.find(({ id }) => id === own)!,
  );
  return config && cloudUrl(config);
}

/** Every route that was moved in a region since the lab is up, in order; CLOCK_MONOTONIC ms. */
export function cloudMoves(
  lab: Pick<Lab, 'directory' | 'record'>,
  region: string,
): readonly (CloudMove & { readonly atMs: number })[] {
  const lines = readFileSync(cloudFile(lab, region, 'log'), 'utf8').split('\n');
  return lines
    .filter((line) => line.startsWith('{"atMs"'))
    .map((line) => JSON.parse(line) as CloudMove & { atMs: number });
}

function cloudFile(lab: Pick<Lab, 'directory' | 'record'>, region: string, ending: string): string {
  return path.join(labFolder(lab.directory, lab.record.lab), `cloud.${region}.${ending}`);
}
