import type { TakeoverView } from '../takeover';
import type { LiveMetric, Reading } from './live-metric';

function gauge(name: string, help: string, value: (view: TakeoverView) => number): LiveMetric {
  return {
    name,
    help,
    type: name.endsWith('_total') ? 'counter' : 'gauge',
    *read({ takeover }): Iterable<Reading> {
      if (takeover) yield [{}, value(takeover)];
    },
  };
}

/** How the two gateways of a region stand in for each other; absent where there is one. */
export const takeoverMetrics: readonly LiveMetric[] = [
  gauge(
    'dwcp_takeover_serving',
    'Whether this gateway answers its partner: 1 yes; 0 it is drained or no tunnel lives.',
    ({ state }) => Number(state.serving),
  ),
  gauge(
    'dwcp_takeover_neighbour_heard',
    'Whether the other gateway of the region answers in the VPC; absent: not known yet.',
    ({ state }) => (state.neighbour === 'unknown' ? NaN : Number(state.neighbour === 'heard')),
  ),
  gauge(
    'dwcp_takeover_cloud_reachable',
    "Whether the cloud's API answered last; absent: not asked yet.",
    ({ state, obstacle }) =>
      obstacle !== null ? 0 : state.seen === null ? NaN : Number(state.failures === 0),
  ),
  {
    name: 'dwcp_takeover_routes',
    help: 'Routes of a table by the gateway that they lead to; foreign: to neither of the region.',
    type: 'gauge',
    *read({ takeover }): Iterable<Reading> {
      const plan = takeover?.state.plan;
      if (!plan) return;
      for (const { table, own, partner, foreign } of takeover.state.tables ?? []) {
        yield [{ table, gateway: plan.own }, own.length];
        yield [{ table, gateway: plan.partner }, partner.length];
        yield [{ table, gateway: 'foreign' }, foreign.length];
      }
    },
  },
  gauge(
    'dwcp_takeovers_total',
    "Times that the partner's routes were taken over.",
    ({ state }) => state.taken,
  ),
  gauge('dwcp_takeover_returns_total', 'Times that own routes came home.', ({ state }) => state.returned),
  gauge(
    'dwcp_takeover_objections_total',
    'Times that this gateway refused to be taken over, since it lives.',
    ({ state }) => state.objections,
  ),
];
