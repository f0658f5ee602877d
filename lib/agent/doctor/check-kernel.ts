import { tunnelKind, type TunnelType } from '../../tunnels';
import type { HostCapabilities } from '../apply';
import { fail, ok, some, type Check } from './check';
import type { HostFacts } from './host-facts';

/** What the agent cannot do without, and what only some tunnels or a lab want. */
export function checkKernel({ capabilities, modules }: HostFacts): Check[] {
  const has = (name: string) => ({ true: 'yes', false: 'no', null: 'not known' })[String(modules.get(name))];
  const more = `GRE ${has('ip_gre')}, VRF ${has('vrf')}, netem ${has('sch_netem')}`;
  return [checkNeeded(capabilities), ok('kernel-optional', `${more} (not needed for WireGuard tunnels)`)];
}

function checkNeeded(capabilities: HostCapabilities | null): Check {
  if (!capabilities) return ok('kernel', 'an agent runs here: it has what it needs');
  const { missing, tunnels } = capabilities;
  const next = 'install what is missing, or boot a kernel that has it';
  if (missing.length > 0) return fail('kernel', some(missing), next);
  const makers = Object.entries(tunnels).map(([type, maker]) => {
    const by = maker === 'kernel' ? 'the kernel' : maker;
    return `${tunnelKind(type as TunnelType).title} by ${by}`;
  });
  return ok('kernel', `segment routing, nexthop groups and nftables are there; ${makers.join(', ')}`);
}
