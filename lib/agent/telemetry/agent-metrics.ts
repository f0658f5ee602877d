import type { AgentEvent } from '../decide';
import type { LiveHistogram, LiveMetric, Reading } from './live-metric';
import { applyBounds, type TelemetrySource } from './telemetry-source';

const kinds: readonly AgentEvent['kind'][] = [
  'plan',
  'health',
  'damping',
  'select',
  'rebalance',
  'drain',
  'reservation',
  'endpoint',
  'key',
  'restart',
  'write',
  'drift',
  'heal',
  'traffic',
  'mtu',
  'clock',
];

const fetchResults = ['installed', 'refused', 'failed', 'waiting'] as const;

function one(
  name: string,
  help: string,
  type: LiveMetric['type'],
  of: (source: TelemetrySource) => number,
): LiveMetric {
  return {
    name,
    help,
    type,
    *read(source): Iterable<Reading> {
      yield [{}, of(source)];
    },
  };
}

/** The agent itself, and its machine. */
export const agentMetrics: readonly (LiveMetric | LiveHistogram)[] = [
  {
    name: 'dwcp_agent_info',
    help: 'Always 1; its labels say which plan is applied by which version.',
    type: 'gauge',
    *read({ gateway, agent }): Iterable<Reading> {
      const { network, gateway: id, planDigest, generation } = gateway;
      const labels = { network, gateway: id, plan_digest: planDigest, generation: String(generation) };
      yield [{ ...labels, version: agent.version }, 1];
    },
  },
  {
    name: 'dwcp_agent_apply_duration_seconds',
    help: 'Time to bring the host to a plan, seconds.',
    type: 'histogram',
    *read({ agent }) {
      const { counts, sum, count } = agent.applySeconds;
      yield { labels: {}, bounds: applyBounds, counts, sum, count };
    },
  },
  {
    name: 'dwcp_agent_fetch_state',
    help: 'What became of the last attempt to fetch a bundle: 1 for what did.',
    type: 'gauge',
    *read({ fetched }): Iterable<Reading> {
      if (fetched === null) return;
      for (const result of fetchResults) yield [{ result }, result === fetched.result ? 1 : 0];
    },
  },
  one('dwcp_agent_fetch_state_timestamp_seconds', 'When that became so, seconds since 1970.', 'gauge', (s) =>
    s.fetched === null ? NaN : s.fetched.atUtcMs / 1000,
  ),
  one(
    'dwcp_agent_bundle_latest_seconds',
    'Until when what is installed may be installed anew, seconds since 1970; absent: for ever.',
    'gauge',
    (s) => (s.fetched?.latestUtcMs ?? NaN) / 1000,
  ),
  one(
    'dwcp_agent_apply_failures_total',
    'Applications that failed and were rolled back.',
    'counter',
    (s) => s.agent.applyFailures,
  ),
  one(
    'dwcp_agent_refused_plans_total',
    'Plans refused: malformed, foreign or older.',
    'counter',
    (s) => s.agent.refusedPlans,
  ),
  {
    name: 'dwcp_agent_events_total',
    help: 'Changes by kind.',
    type: 'counter',
    *read({ ledger }): Iterable<Reading> {
      for (const kind of kinds) yield [{ kind }, ledger.events(kind)];
    },
  },
  one(
    'dwcp_agent_event_loop_delay_seconds',
    'Mean delay of the event loop over the last period, seconds.',
    'gauge',
    (s) => s.agent.loopDelaySeconds.mean,
  ),
  one(
    'dwcp_agent_event_loop_delay_max_seconds',
    'Greatest delay of the event loop over the last period, seconds.',
    'gauge',
    (s) => s.agent.loopDelaySeconds.most,
  ),
  one(
    'dwcp_agent_probe_stretch_ratio',
    'How many times longer than asked for the intervals of probes are; above 1 on a machine that cannot keep up.',
    'gauge',
    (s) => s.agent.probeStretch,
  ),
  one(
    'dwcp_agent_start_time_seconds',
    'When the agent started, seconds since 1970.',
    'gauge',
    (s) => s.agent.startedUtcMs / 1000,
  ),
  one(
    'dwcp_agent_restarts',
    'Agents before this one since the machine booted.',
    'gauge',
    (s) => s.agent.restarts,
  ),
  one(
    'dwcp_agent_healthy',
    '1: the agent does its work; 0: it does not, and /healthz says why.',
    'gauge',
    (s) => (s.agent.healthy ? 1 : 0),
  ),
  one(
    'dwcp_agent_last_look_age_seconds',
    'Time since the host was looked at last, with success, seconds.',
    'gauge',
    (s) => s.agent.lookAgeSeconds ?? NaN,
  ),
  one(
    'dwcp_agent_last_fetch_age_seconds',
    'Time since a manifest that could be verified was fetched, seconds.',
    'gauge',
    (s) => s.agent.fetchAgeSeconds ?? NaN,
  ),
  {
    name: 'dwcp_agent_write_failures_total',
    help: 'Failed attempts to write a file of the agent, or to listen at metrics and agent.sock.',
    type: 'counter',
    *read({ agent }): Iterable<Reading> {
      for (const { file, failures } of agent.files) yield [{ file }, failures];
    },
  },
  {
    name: 'dwcp_agent_file_written',
    help: '1: the file could be written, or the place listened at, the last time; 0: it could not.',
    type: 'gauge',
    *read({ agent }): Iterable<Reading> {
      for (const { file, fault } of agent.files) yield [{ file }, fault === null ? 1 : 0];
    },
  },
  one(
    'dwcp_agent_resident_memory_bytes',
    'Resident memory of the agent, bytes.',
    'gauge',
    (s) => s.agent.residentBytes,
  ),
  one(
    'dwcp_agent_cpu_seconds_total',
    'Processor time of the agent, user and system, seconds.',
    'counter',
    (s) => s.agent.cpuSeconds,
  ),
  one(
    'dwcp_host_memory_total_bytes',
    'Memory of the machine, bytes.',
    'gauge',
    (s) => s.host?.memoryTotalBytes ?? NaN,
  ),
  one(
    'dwcp_host_memory_available_bytes',
    'Memory available without swapping, bytes.',
    'gauge',
    (s) => s.host?.memoryAvailableBytes ?? NaN,
  ),
  {
    name: 'dwcp_host_network_receive_bytes_total',
    help: 'Received by an interface of the machine, bytes.',
    type: 'counter',
    *read({ host }): Iterable<Reading> {
      for (const [name, c] of host?.interfaces ?? []) yield [{ device: name }, c.receivedBytes];
    },
  },
  {
    name: 'dwcp_host_network_transmit_bytes_total',
    help: 'Sent by an interface of the machine, bytes.',
    type: 'counter',
    *read({ host }): Iterable<Reading> {
      for (const [name, c] of host?.interfaces ?? []) yield [{ device: name }, c.sentBytes];
    },
  },
];
