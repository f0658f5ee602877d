import { readFileSync } from 'node:fs';
import type { LockFile } from '../../lib/addressing';
import { loadSolver } from '../../lib/project/solver';
import { parseDescription, readDescriptionText, type Network } from '../../lib/model';
import type { PublicKeys } from '../../lib/net/keys';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { planDigest } from '../../lib/plan/digest';
import { contentDigest } from '../../lib/plan/generation';
import { seeded } from '../support/random-seeded';
import { strangeKey } from './plausible-lies';

/** A plan with the files that it was made from. */
export interface Made {
  readonly name: string;
  readonly raw: Record<string, unknown>;
  readonly network: Network;
  readonly lock: LockFile;
  readonly keys: PublicKeys;
  readonly plan: PlanDocument;
}

/** Public keys for every gateway and a preshared key for every second tunnel, in a seeded way. */
function keysFor({ identity: network, gateways, tunnels }: PlanDocument): PublicKeys {
  const random = seeded(gateways.length);
  return {
    network,
    gateways: Object.fromEntries(gateways.map((g) => [g.identity, strangeKey(random)])),
    secretVersions: Object.fromEntries(gateways.map((g) => [g.identity, 1])),
    presharedKeys: tunnels.map((t) => t.identity).filter((_, i) => i % 2 === 0),
    // One rotation is under way.
    nextGateways: { [gateways[0].identity]: strangeKey(random) },
    nextPresharedKeys: [],
    signingKeys: [strangeKey(random), strangeKey(random)],
  };
}

/** Plans; undefined where the description or the plan does not come about. */
export function planned(raw: unknown, lock: LockFile | null, keys: PublicKeys | null) {
  const { network } = parseDescription(structuredClone(raw));
  if (!network) return undefined;
  const built = buildPlan(network, { lock, keys, solver: loadSolver });
  if (!built.plan || !built.lock) return undefined;
  // As they come from files: JSON alone.
  return JSON.parse(JSON.stringify({ network, plan: built.plan, lock: built.lock })) as {
    network: Network;
    plan: PlanDocument;
    lock: LockFile;
  };
}

/** A description's plan, with the lock file that it leaves and keys for it. */
export function make(name: string, file: string): Made {
  const { input } = readDescriptionText(readFileSync(file, 'utf8'), file);
  const raw = input as Record<string, unknown>;
  const first = planned(raw, null, null)!;
  const keys = keysFor(first.plan);
  const { network, plan, lock } = planned(raw, first.lock, keys)!;
  return { name, raw, network, lock, keys, plan };
}

/** The plan with a number and its digest made again. */
export function sealed(plan: PlanDocument, generation: number): PlanDocument {
  const numbered = { ...plan, generation };
  return { ...numbered, digest: planDigest(numbered) };
}

/** What a lock file counts of a plan. */
export function contentOf({ digest: _d, generation: _g, ...content }: PlanDocument) {
  return contentDigest(content);
}

/** The lock file as if it had counted this plan: then only its numbers can tell. */
export function counting(lock: LockFile, plan: PlanDocument): LockFile {
  return { ...lock, plan: { generation: plan.generation, digest: contentOf(plan) } };
}
