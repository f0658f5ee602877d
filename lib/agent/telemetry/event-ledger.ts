import type { AgentEvent } from '../decide';

/** How often something happened, and how long it lasted. */
interface Outage {
  seconds: number;
  /** Monotonic ms; null: not out now. */
  sinceMs: number | null;
}

/** Counts that metrics need and the state does not keep: switches and outages, from the events. */
export interface EventLedger {
  take(event: AgentEvent): void;
  /** Keeps entries of these sessions and flows only: series stay bounded by the plan. */
  keep(sessions: ReadonlySet<string>, flows: ReadonlySet<string>): void;
  /** By flow, `<to> <class>`: changes of path, not of weights. */
  switches(flow: string): number;
  /** Time without any living planned path, or with one that the kernel did not use, seconds, up to now. */
  flowOutageSeconds(flow: string, nowMs: number): number;
  /** Time that a session was down, seconds, up to now. */
  sessionOutageSeconds(session: string, nowMs: number): number;
  events(kind: AgentEvent['kind']): number;
}

export function eventLedger(): EventLedger {
  const switches = new Map<string, number>();
  const flows = new Map<string, Outage>();
  /** Flows that had a path, which the kernel did not use. */
  const lost = new Map<string, Outage>();
  const sessions = new Map<string, Outage>();
  const events = new Map<AgentEvent['kind'], number>();
  const turn = (book: Map<string, Outage>, id: string, out: boolean, atMs: number) => {
    const was = book.get(id) ?? { seconds: 0, sinceMs: null };
    if (out) was.sinceMs ??= atMs;
    else if (was.sinceMs !== null) {
      was.seconds += Math.max(0, atMs - was.sinceMs) / 1000;
      was.sinceMs = null;
    }
    book.set(id, was);
  };
  const seconds = (outage: Outage | undefined, nowMs: number) =>
    outage === undefined
      ? 0
      : outage.seconds + (outage.sinceMs === null ? 0 : Math.max(0, nowMs - outage.sinceMs) / 1000);
  return {
    take({ kind, what, from, to, atMs }) {
      events.set(kind, (events.get(kind) ?? 0) + 1);
      if (kind === 'health') turn(sessions, what, to === 'down', atMs);
      if (kind === 'heal' && (to === 'lost' || to === 'forwarded')) turn(lost, what, to === 'lost', atMs);
      if (kind !== 'select') return;
      turn(flows, what, to === '', atMs);
      if (from !== '') switches.set(what, (switches.get(what) ?? 0) + 1);
    },
    keep(keptSessions, keptFlows) {
      for (const id of [...sessions.keys()]) if (!keptSessions.has(id)) sessions.delete(id);
      for (const book of [flows, lost]) {
        for (const id of [...book.keys()]) if (!keptFlows.has(id)) book.delete(id);
      }
      for (const id of [...switches.keys()]) if (!keptFlows.has(id)) switches.delete(id);
    },
    switches: (flow) => switches.get(flow) ?? 0,
    flowOutageSeconds: (flow, nowMs) => seconds(flows.get(flow), nowMs) + seconds(lost.get(flow), nowMs),
    sessionOutageSeconds: (session, nowMs) => seconds(sessions.get(session), nowMs),
    events: (kind) => events.get(kind) ?? 0,
  };
}
