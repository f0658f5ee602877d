import path from 'node:path';
import { tunnelEnds } from '../addressing';
import { formatDiagnostic, hasErrors } from '../diagnostics';
import type { Network } from '../model';
import { readPlan } from '../plan';
import type { CliIo } from './io';
import { keysCommand } from './keys-command';
import type { WantedNetwork } from './keys-io';
import { loadNetwork, looksLikePlan, readText, shownName } from './load';

/** `dwcp keys` with this program's way of reading descriptions and plans. */
export function keysEntry(io: CliIo) {
  return keysCommand({ ...io, loadGateways: (file) => wantedNetwork(io, file) });
}

/** Who needs keys, from a description or a plan. @throws Error with the diagnostics' text. */
function wantedNetwork(io: CliIo, file: string): WantedNetwork {
  const shown = path.relative(io.cwd, file) || file;
  const read = readText(io, shown);
  const isPlan = read.text !== undefined && looksLikePlan(read.text);
  const plan = isPlan ? readPlan(read.text, shownName(shown)) : undefined;
  if (plan?.plan) {
    const { network, gateways, tunnels } = plan.plan;
    const ends = tunnels.map((t) => ({
      id: t.id,
      ends: [t.ends[0].gateway, t.ends[1].gateway] as [string, string],
    }));
    return { network, gateways: gateways.map((g) => g.id), tunnels: ends };
  }
  const loaded: { network?: Network; diagnostics: readonly Parameters<typeof formatDiagnostic>[0][] } =
    plan ?? loadNetwork(io, shown);
  const { network } = loaded;
  if (!network || hasErrors(loaded.diagnostics))
    throw new Error(loaded.diagnostics.map(formatDiagnostic).join('\n'));
  return {
    network: network.name,
    gateways: network.regions.flatMap((r) =>
      Array.from({ length: r.gatewayCount }, (_, i) => `${r.id}/${i + 1}`),
    ),
    tunnels: tunnelEnds(network).map((t) => ({ id: t.id, ends: [t.ends[0], t.ends[1]] as [string, string] })),
  };
}
