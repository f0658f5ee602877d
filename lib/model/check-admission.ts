import { formatRatio } from '../units';
import type { ClassSharesDescription, LinkDescription, NetworkDescription, QosClass } from './description';
import { readFigure } from './figure-reader';
import { byClass, qosClasses } from './qos';
import type { AdmissionSettings, ClassShares } from './network';
import type { RawPath, Reporter } from './reporter';

/** Shares that are given, as ratios. */
type Given = { readonly [C in QosClass]?: number };

const models = { mam: 'maximum allocation', rdm: 'russian dolls' } as const;
const allOfIt: ClassShares = byClass(() => 1);

/** Checks and completes how bandwidth is given out to reservations. */
export function checkAdmission(description: NetworkDescription, reporter: Reporter): AdmissionSettings {
  const raw = description.admission ?? {};
  const model = raw.model ?? 'shared';
  const at: RawPath = ['admission'];
  const given = readShares(raw.shares, [...at, 'shares'], reporter);
  if (model === 'shared' && raw.shares !== undefined) {
    const next = "add 'model: mam' (RFC 4125) or 'model: rdm' (RFC 4127), or remove the shares";
    reporter.error('shares-without-model', [...at, 'shares'], 'the shared model has no shares', next);
  }
  const ofLinks = (description.links ?? []).some((l) => Object.keys(l.shares ?? {}).length > 0);
  if (model !== 'shared' && Object.keys(raw.shares ?? {}).length === 0 && !ofLinks) {
    const message = `the ${models[model]} model without shares bounds no class`;
    reporter.error('model-without-shares', [...at, 'model'], message, "give 'shares' of some classes");
  }
  const [headroomRatio, criticalHeadroomRatio] = (['headroom', 'criticalHeadroom'] as const).map((key) =>
    readFigure(raw[key], 'ratio', [...at, key], reporter, { min: 0, below: 1 }),
  );
  const headroom = headroomRatio ?? 0.2;
  if (criticalHeadroomRatio !== undefined && criticalHeadroomRatio > headroom) {
    const message = `class critical would leave ${formatRatio(criticalHeadroomRatio)} free, the others ${formatRatio(headroom)}`;
    const next = `give at most ${formatRatio(headroom)}, or raise 'headroom'`;
    reporter.error('headroom-order', [...at, 'criticalHeadroom'], message, next);
  }
  return {
    model,
    shares: model === 'shared' ? allOfIt : complete(model, given, [...at, 'shares'], raw.shares, reporter),
    headroomRatio: headroom,
    criticalHeadroomRatio: criticalHeadroomRatio ?? 0,
  };
}

/** The shares of one link: its own, and the network's for the others; null where it has none of its own. */
export function checkLinkShares(
  { shares: raw }: LinkDescription,
  { admission }: NetworkDescription,
  at: RawPath,
  reporter: Reporter,
): ClassShares | null {
  if (raw === undefined) return null;
  const model = admission?.model ?? 'shared';
  const path = [...at, 'shares'];
  const own = readShares(raw, path, reporter);
  if (model === 'shared') {
    const next = "add 'admission: { model: mam }' (RFC 4125) or 'rdm' (RFC 4127), or remove the shares";
    reporter.error('shares-without-model', path, 'the shared model has no shares', next);
    return null;
  }
  // Faults of the network's shares are told once, where they stand.
  const wide = readShares(admission?.shares, ['admission', 'shares'], reporter);
  return complete(model, { ...wide, ...own }, path, raw, reporter);
}

function readShares(raw: ClassSharesDescription | undefined, at: RawPath, reporter: Reporter): Given {
  const read = qosClasses.flatMap((name) => {
    const ratio = readFigure(raw?.[name], 'ratio', [...at, name], reporter, { min: 0, max: 1 });
    return ratio === undefined ? [] : [[name, ratio]];
  });
  return Object.fromEntries(read) as Given;
}

/**
 * Every class's share: under `mam` all of the link where none is given; under `rdm` what the next less
 * important class has, and for best-effort all of it. Reports dolls that are larger than the one around them.
 */
function complete(
  model: 'mam' | 'rdm',
  given: Given,
  at: RawPath,
  raw: ClassSharesDescription | undefined,
  reporter: Reporter,
): ClassShares {
  if (model === 'mam') return { ...allOfIt, ...given };
  const shares: { -readonly [C in QosClass]?: number } = {};
  let [around, most]: [QosClass | null, number] = [null, 1];
  for (const name of [...qosClasses].reverse()) {
    const share = given[name] ?? most;
    if (share > most) {
      const place = raw?.[name] === undefined ? at : [...at, name];
      const message = `${formatRatio(share)} for ${name} is more than the ${formatRatio(most)} for ${around}, which bound it too`;
      const next = `give ${name} at most ${formatRatio(most)}: in the russian dolls model each class lies within the less important (RFC 4127)`;
      reporter.error('shares-order', place, message, next);
    }
    [shares[name], around, most] = [share, name, share];
  }
  return shares as ClassShares;
}
