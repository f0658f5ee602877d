import type { JournalFigures } from '../journal/send-journal';
import type { LiveMetric, Reading } from './live-metric';

function figure(name: string, help: string, value: (journal: JournalFigures) => number): LiveMetric {
  return {
    name,
    help,
    type: name.endsWith('_total') ? 'counter' : 'gauge',
    *read({ journal }): Iterable<Reading> {
      if (journal) yield [{}, value(journal)];
    },
  };
}

/** What became of the journal; absent where it stays on the gateway. */
export const journalMetrics: readonly LiveMetric[] = [
  figure(
    'dwcp_logs_failing',
    "Whether the journal cannot be sent: 1 the cloud's API took none of it last.",
    ({ fault }) => Number(fault !== null),
  ),
  figure('dwcp_logs_sent_total', 'Lines of the journal that were sent.', ({ sent }) => sent),
  figure(
    'dwcp_logs_dropped_total',
    'Lines of the journal that were lost before they were sent, or refused for good.',
    ({ dropped }) => dropped,
  ),
  figure('dwcp_logs_waiting', 'Lines of the journal that were read and wait to be sent.', (j) => j.waiting),
];
