import { trafficPort, trafficSender } from '../apply';
import type { AgentEvent } from '../decide';
import type { ProbePeer, Refusals } from '../probe';
import {
  defaultTrafficSettings,
  restoringAfter,
  startTrafficProber,
  type TrafficFigures,
  type TrafficProber,
} from '../probe/traffic';
import type { Agent } from './agent';
import type { Bundle } from '../bundle/read-bundle';
import { trafficTargets } from './traffic-targets';

/** How long after a change of paths what is tried changes, ms. */
const delayMs = 20;

/** Tries whether traffic arrives, wherever it is sent now. */
export interface TrafficWatch {
  /** A plan was taken, or an event told of a change. */
  follow(event?: AgentEvent): void;
  figures(): readonly TrafficFigures[];
  readonly refusals: Readonly<Refusals> | null;
  close(): Promise<void>;
}

/** Without the port nothing is said of traffic, and the log says so. */
export async function startTrafficWatch(
  agent: () => Agent | undefined,
  peersOf: (bundle: Bundle) => readonly ProbePeer[],
  log: (message: string) => void,
  restoreMs = defaultTrafficSettings.carriage.restoreMs,
): Promise<TrafficWatch> {
  let prober: TrafficProber | undefined;
  try {
    prober = await startTrafficProber({
      port: trafficPort,
      log,
      settings: restoringAfter(restoreMs),
      listener: {
        onPath: (path, carriage) => agent()?.input({ kind: 'carriage', path, ...carriage }),
        onFlow: (carriage) => agent()?.input({ kind: 'arrival', ...carriage }),
      },
    });
  } catch (error) {
    log(`traffic is not tried: ${String(error)}`);
  }
  let due = false;
  // To derive their keys takes a millisecond a peer.
  const known = new WeakMap<Bundle, readonly ProbePeer[]>();
  const set = (): void => {
    due = false;
    const of = agent();
    const bundle = of?.bundle ?? null;
    if (!prober || !of || bundle === null) return;
    const { gateway } = bundle;
    // Without keys nobody could answer.
    const targets = bundle.keys === null ? [] : trafficTargets(gateway, of.state);
    const peers = known.get(bundle) ?? peersOf(bundle);
    known.set(bundle, peers);
    prober.setTargets(targets, peers, trafficSender(gateway));
  };
  return {
    follow(event) {
      if (due || (event && !['plan', 'select'].includes(event.kind))) return;
      due = true;
      // Several events tell of one decision, and what it moves goes first.
      setTimeout(set, delayMs);
    },
    figures: () => prober?.figures() ?? [],
    get refusals() {
      return prober?.refusals ?? null;
    },
    close: async () => prober?.close(),
  };
}
