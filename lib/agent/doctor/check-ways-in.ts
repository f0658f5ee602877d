import { ok, warn, type Check } from './check';
import type { GatewayFacts } from './gateway-facts';
import type { HostFacts } from './host-facts';

/** Does an SSM agent run, where the plan lets this gateway take orders by Systems Manager? */
export function checkSsm({ units }: HostFacts, { gateway, ssmFault }: GatewayFacts): Check[] {
  const { ssm, ssmAgent } = gateway?.operations ?? {};
  if (!ssm) return [];
  const name = 'ssm';
  if (units.some((unit) => unit.endsWith('amazon-ssm-agent'))) return [ok(name, 'the SSM agent runs')];
  if (!ssmAgent) {
    const next = "name its package in 'operations.ssmAgent', or take an image that has it";
    return [warn(name, 'no SSM agent runs, and the plan names none', next)];
  }
  const journal = "see 'journalctl -u dwcp-ssm'";
  return ssmFault === null
    ? [warn(name, 'the SSM agent of the plan does not run', journal)]
    : [warn(name, `the SSM agent is not installed: ${ssmFault}`, journal)];
}

/** Does the journal go where the plan wants it? */
export function checkLogs({ gateway, journal, nowUtcMs }: GatewayFacts): Check[] {
  const place = gateway?.operations?.logs;
  if (!place) return [];
  const name = 'logs';
  const next = "see 'journalctl -u dwcp-logs'";
  if (!journal) return [warn(name, 'the journal has not been sent yet', next)];
  const { fault, dropped, waiting, sentUtcMs } = journal;
  if (fault !== null) return [warn(name, `the journal is not sent, ${waiting} lines wait: ${fault}`, next)];
  if (dropped > 0)
    return [warn(name, `${dropped} lines of the journal were lost before they were sent`, next)];
  const seconds = Math.max(0, Math.round((nowUtcMs - (sentUtcMs ?? nowUtcMs)) / 1000));
  return [ok(name, `the journal goes to ${place.group}, the last lines ${seconds} s ago`)];
}
