import { nearest } from '../diagnostics';
import { impairmentsOf, tryTargetKind, type LabFailure } from './impairment';
import { LabFault, readFailures, writeFailures, type Lab } from './record';
import { underlayOf } from './underlay';

/**
 * Puts failures into force, in the place of all there were, and remembers them.
 *
 * @returns CLOCK_MONOTONIC ms when they were.
 * @throws LabFault for a target that the network does not have, or a delay where nothing can delay.
 */
export async function setFailures(lab: Lab, failures: readonly LabFailure[]): Promise<number> {
  const { tunnels } = lab.layout;
  for (const { target, towards } of failures) {
    for (const name of towards === null ? [target] : [target, towards]) {
      if (tryTargetKind(tunnels, name) === undefined) throw new LabFault(unknownTarget(lab, name));
    }
  }
  const atMs = await underlayOf(lab).impair(impairmentsOf(tunnels, failures));
  writeFailures(lab, failures);
  return atMs;
}

/** Adds a failure to those in force; one of the same target and direction is replaced. */
export function fail(lab: Lab, failure: LabFailure): Promise<number> {
  const others = readFailures(lab).filter(
    (f) => f.target !== failure.target || f.towards !== failure.towards,
  );
  return setFailures(lab, [...others, failure]);
}

/**
 * Ends the failures of a target, or all.
 *
 * @returns what was ended; none: there was nothing.
 */
export async function heal(lab: Lab, target?: string): Promise<readonly LabFailure[]> {
  const failures = readFailures(lab);
  const ended = target === undefined ? failures : failures.filter((f) => f.target === target);
  if (ended.length === 0) return [];
  await setFailures(
    lab,
    failures.filter((f) => !ended.includes(f)),
  );
  return ended;
}

function unknownTarget({ plan, layout }: Lab, name: string): string {
  const known = [...layout.tunnels.map((t) => t.link), ...plan.regions, ...plan.gateways].map((n) =>
    typeof n === 'string' ? n : n.id,
  );
  const near = nearest(name, known);
  return `the network has no link, region or gateway '${name}'${near === undefined ? '' : `; did you mean '${near}'?`}`;
}
