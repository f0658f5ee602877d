import { kinds } from '../apply/host-object';
import type { LiveMetric, Reading } from './live-metric';

/** Whether the kernel is as the plan has it. */
export const healingMetrics: readonly LiveMetric[] = [
  {
    name: 'dwcp_agent_unhealed_objects',
    help: 'Things on the host that differ from the plan and could not be mended, by kind.',
    type: 'gauge',
    *read({ healing }): Iterable<Reading> {
      for (const kind of kinds) {
        yield [{ kind }, healing.unhealed.filter(({ object }) => object.kind === kind).length];
      }
    },
  },
  {
    name: 'dwcp_agent_drifts_total',
    help: 'Times that the host was found changed by others.',
    type: 'counter',
    *read({ healing }): Iterable<Reading> {
      yield [{}, healing.drifts];
    },
  },
  {
    name: 'dwcp_agent_drifted_objects_total',
    help: 'Things on the host that were found changed by others.',
    type: 'counter',
    *read({ healing }): Iterable<Reading> {
      yield [{}, healing.driftedObjects];
    },
  },
];
