import { createKeyFile, type OpenedKeyFile, type Random } from '../net/keys';
import { planDigest, type PlanDocument } from '../plan';

/** scrypt's cost protects weak passphrases; the secret of these keys is 32 random bytes. */
const cost = { n: 1024, r: 1, p: 1 };

/** A plan with the keys that open its tunnels. */
export interface KeyedPlan {
  readonly plan: PlanDocument;
  readonly keys: OpenedKeyFile;
}

/**
 * The plan with keys made for one lab: same in everything but its public keys, and so its digest. They are
 * kept nowhere but in the lab's folder.
 */
export async function withLabKeys(plan: PlanDocument, random: Random): Promise<KeyedPlan> {
  const of = new Map(plan.gateways.map((g) => [g.id, g.identity]));
  const wanted = {
    gateways: plan.gateways.map((g) => g.identity),
    tunnels: plan.tunnels.map(({ identity, ends }) => ({
      id: identity,
      ends: [of.get(ends[0].gateway)!, of.get(ends[1].gateway)!] as const,
    })),
  };
  const { opened } = await createKeyFile(plan.identity, wanted, { keyFile: random(32) }, random, cost);
  const { gateways } = opened.file;
  const body = {
    ...plan,
    gateways: plan.gateways.map((g) => ({ ...g, publicKey: gateways[g.identity].publicKey })),
    tunnels: plan.tunnels.map((tunnel) => ({ ...tunnel, presharedKey: true })),
  };
  return { plan: { ...body, digest: planDigest(body) }, keys: opened };
}
