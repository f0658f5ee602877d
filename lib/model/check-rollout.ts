import type { NetworkDescription } from './description';
import { nearest } from '../diagnostics';
import { readFigure } from './figure-reader';
import type { Region, Rollout } from './network';
import type { RawPath, Reporter } from './reporter';

/** How long the others wait for a canary that reports nothing, s. */
const defaultWait = 900;

/**
 * Checks who installs first. A region with one gateway may stand for it.
 *
 * @returns null: all gateways install as soon as they find a new bundle.
 */
export function checkRollout(
  { rollout: raw }: NetworkDescription,
  regions: readonly Region[],
  reporter: Reporter,
): Rollout | null {
  if (raw === undefined) return null;
  const at: RawPath = ['rollout'];
  const waitSeconds = readFigure(raw.wait, 'duration', [...at, 'wait'], reporter, { min: 60, max: 604_800 });
  const [, id, number = '1'] = /^([^/]*)(?:\/(\d+))?$/.exec(raw.canary) ?? [raw.canary, raw.canary];
  const region = regions.find((r) => r.id === id);
  const ids = regions.filter((r) => r.provider !== 'external').map((r) => r.id);
  if (
    !region ||
    region.provider === 'external' ||
    Number(number) < 1 ||
    Number(number) > region.gatewayCount
  ) {
    const near = nearest(raw.canary, [...ids, ...ids.map((r) => `${r}/1`)]);
    const external = region?.provider === 'external' ? `'${id}' is no region of the cloud` : undefined;
    const message = external ?? `there is no gateway '${raw.canary}'`;
    const next = near
      ? `did you mean '${near}'?`
      : `name a gateway of a region of the cloud: ${ids[0] ?? 'none'}/1`;
    reporter.error('unknown-gateway', [...at, 'canary'], message, next);
    return null;
  }
  return { canary: `${id}/${number}`, waitSeconds: Math.ceil(waitSeconds ?? defaultWait) };
}
