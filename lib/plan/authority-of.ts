import type { Topology } from '../graph';
import type { Network } from '../model';
import { AdmissionAuthority, type BandwidthModel } from '../reservation';

/** The admission authority that a network describes: its bandwidth model, shares and headroom. */
export function authorityOf(
  { admission, links }: Pick<Network, 'admission' | 'links'>,
  topology: Topology,
): AdmissionAuthority {
  const { model: kind, shares, headroomRatio, criticalHeadroomRatio } = admission;
  const own = links.flatMap((l) => (l.classShares === null ? [] : [[l.id, l.classShares] as const]));
  const model: BandwidthModel = kind === 'shared' ? { kind } : { kind, shares, linkShares: new Map(own) };
  return new AdmissionAuthority(topology, { model, headroomRatio, criticalHeadroomRatio });
}
