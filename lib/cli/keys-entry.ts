import path from 'node:path';
import { tunnelEnds } from '../addressing';
import { formatDiagnostic, hasErrors } from '../diagnostics';
import { readPlan } from '../plan';
import { checkBasis } from '../verify';
import type { CliIo } from './io';
import { keysCommand } from './keys-command';
import type { WantedNetwork } from './keys-io';
import { loadIdentities, looksLikePlan } from '../project';
import { hostOf, readText, shownName } from './host';

/** `dwcp keys` with this program's way of reading descriptions and plans. */
export function keysEntry(io: CliIo) {
  return keysCommand({ ...io, loadGateways: (file) => wantedNetwork(io, file) });
}

/**
 * Who needs keys, from a description with the lock file beside it, or from a plan: by identities, so that
 * what was renamed keeps its keys. @throws Error with the diagnostics' text.
 */
function wantedNetwork(io: CliIo, file: string): WantedNetwork {
  const shown = path.relative(io.cwd, file) || file;
  const read = readText(io, shown);
  const isPlan = read.text !== undefined && looksLikePlan(read.text);
  const plan = isPlan ? readPlan(read.text, shownName(shown)) : undefined;
  const unsound = plan?.plan ? checkBasis(plan.plan) : [];
  if (unsound.length > 0) throw new Error(unsound.map(formatDiagnostic).join('\n'));
  if (plan?.plan) {
    const { network, identity, gateways, tunnels } = plan.plan;
    const of = new Map(gateways.map((g) => [g.id, g.identity]));
    const ends = tunnels.map((t) => ({
      id: t.identity,
      ends: [of.get(t.ends[0].gateway)!, of.get(t.ends[1].gateway)!] as [string, string],
    }));
    const names = [...new Set([network, identity])];
    return { network: identity, names, gateways: [...of.values()], tunnels: ends };
  }
  const { network, identities, diagnostics } = plan
    ? { ...plan, network: undefined, identities: undefined }
    : loadIdentities(hostOf(io), shown);
  if (!network || !identities || hasErrors(diagnostics))
    throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  const of = (gateway: string) => identities.gateways.get(gateway)!;
  return {
    network: identities.network,
    names: [...new Set([network.name, network.renames.network ?? network.name, identities.network])],
    gateways: [...identities.gateways.values()],
    tunnels: tunnelEnds(network).map(({ id, ends }) => ({
      id: identities.tunnels.get(id)!,
      ends: [of(ends[0]), of(ends[1])] as [string, string],
    })),
  };
}
