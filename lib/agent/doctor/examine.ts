import type { GatewayState } from '../../gateway';
import { hostUse } from '../apply/host-use';
import type { RunProcess } from '../apply/linux/run-process';
import { hostSysctlNames, hostSysctls } from '../apply/wanted/wanted-tunnels';
import type { Check } from './check';
import { checkClashes } from './check-clashes';
import {
  checkAgent,
  checkClock,
  checkDisks,
  checkFetch,
  checkSysctls,
  checkUnderlay,
  checkVrfs,
} from './check-host';
import { checkKernel } from './check-kernel';
import { checkSoftware } from './check-software';
import { checkLogs, checkSsm } from './check-ways-in';
import type { GatewayFacts } from './gateway-facts';
import { lookAtHost, type HostFacts } from './host-facts';

/** Settings that are read besides those that the agent makes. */
const otherSysctls = [
  'net/ipv6/conf/all/disable_ipv6',
  'net/ipv6/conf/default/disable_ipv6',
  'net/ipv6/conf/lo/disable_ipv6',
];

const wantedSysctls = new Map(Object.entries(hostSysctls).map(([name, value]) => [name, String(value)]));

export interface ExamineOptions {
  /** Words before every command that looks at the network, for tests. Default none. */
  readonly prefix?: readonly string[];
  readonly run: RunProcess;
  /** Folders that the agent writes to. */
  readonly folders: readonly string[];
  /** Folder of systemd's configuration. */
  readonly etc: string;
}

/** Looks at the host once, changes nothing that lasts, and says how it is for this gateway. */
export async function examine(of: GatewayFacts, options: ExamineOptions): Promise<readonly Check[]> {
  const facts = await lookAtHost({
    prefix: options.prefix ?? [],
    run: options.run,
    trial: of.running === null,
    sysctls: [...hostSysctlNames, ...otherSysctls],
    folders: options.folders,
    etc: options.etc,
  });
  return judge(facts, of);
}

/** What the facts mean, in the order in which they are shown. */
export function judge(facts: HostFacts, of: GatewayFacts): readonly Check[] {
  const gateway: GatewayState | null = of.gateway;
  const isOurTable = (table: number) =>
    hostUse.some(
      ({ kind, range }) => kind === 'routing-table' && range && range[0] <= table && table <= range[1],
    );
  return [
    checkAgent(of),
    ...checkKernel(facts),
    ...checkSysctls(facts, wantedSysctls, of.running !== null),
    ...checkUnderlay(facts, gateway),
    ...checkClashes(facts, gateway, hostUse),
    checkVrfs(facts, isOurTable),
    ...checkSoftware(facts),
    checkClock(facts),
    ...checkDisks(facts),
    checkFetch(of),
    ...checkSsm(facts, of),
    ...checkLogs(of),
  ];
}
