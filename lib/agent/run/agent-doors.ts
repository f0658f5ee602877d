import type { AgentView } from '../api';
import type { AgentEvent } from '../decide';
import { pacer } from '../serve';
import { serveMetrics, type MetricsServer, type Readiness } from '../telemetry';
import type { Bundle } from '../bundle/read-bundle';
import { callWebhooks, serveLocally, type Audience } from './serve-locally';
import { isForWantOfRoom, type StateKeeper } from './state-keeper';
import { openWayIn, type WayIn } from './way-in';

export interface DoorParts {
  readonly socket: string;
  /** Where metrics are served; null: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  /** File of those who are told of events. Absent: nobody is. */
  readonly webhooks?: string;
  /** File of the unsealing secrets. */
  readonly unseal: string;
  readonly metricsText: () => AsyncIterable<string>;
  readonly readiness: () => Readiness;
  readonly keeper: StateKeeper;
  readonly log: (message: string) => void;
}

/**
 * Where others reach the agent: metrics, the local API, webhooks, and the API on the overlay. What cannot be
 * opened is no reason not to forward: it is told, and tried again.
 */
export class AgentDoors {
  readonly #parts: DoorParts;
  readonly #pace = pacer();
  #metrics: MetricsServer | undefined;
  #api: Audience | undefined;
  #webhooks: Audience | undefined;
  #wayIn: WayIn | undefined;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /** Port that metrics are served on; null: they are not. */
  get metricsPort(): number | null {
    return this.#metrics?.port ?? null;
  }

  /** @throws Error if the socket cannot be listened on, but for want of room */
  async open(view: AgentView): Promise<void> {
    await this.#serve();
    this.#callOut();
    await this.#listen(view);
    const { unseal, metricsText, readiness, log } = this.#parts;
    const pace = this.#pace;
    this.#wayIn = openWayIn({
      view,
      pace,
      unseal,
      metrics: (host, port, admits) => serveMetrics(metricsText, readiness, pace, { host, port, admits }),
      log,
    });
  }

  /** Opens what could not be opened before. */
  async openAgain(view: AgentView): Promise<void> {
    await this.#serve();
    this.#callOut();
    await this.#listen(view).catch((error: unknown) => this.#parts.log(`the local API: ${String(error)}`));
  }

  /** Opens and closes what the plan's `operations` say. */
  async follow(bundle: Bundle): Promise<void> {
    await this.#wayIn?.follow(bundle);
  }

  publish(event: AgentEvent): void {
    for (const audience of [this.#api, this.#webhooks, this.#wayIn]) audience?.publish(event);
  }

  async close(): Promise<void> {
    const all = [this.#metrics, this.#api, this.#webhooks, this.#wayIn];
    await Promise.all(all.map((one) => one?.close()));
  }

  async #serve(): Promise<void> {
    const { metrics, metricsText, readiness, keeper } = this.#parts;
    if (this.#metrics || !metrics) return;
    try {
      this.#metrics = await serveMetrics(metricsText, readiness, this.#pace, metrics);
      keeper.note('metrics', null);
    } catch (error) {
      // Whoever has the port keeps it from being read, and from nothing else.
      keeper.note('metrics', error as Error);
    }
  }

  async #listen(view: AgentView): Promise<void> {
    if (this.#api) return;
    const { socket, keeper } = this.#parts;
    try {
      this.#api = await serveLocally(view, socket, this.#pace);
      keeper.note('agent.sock', null);
    } catch (error) {
      if (!isForWantOfRoom(error)) throw error;
      keeper.note('agent.sock', error as Error);
    }
  }

  /** Whatever is wrong with it, its subscribers are no reason not to forward. */
  #callOut(): void {
    const { webhooks, keeper, log } = this.#parts;
    if (this.#webhooks || webhooks === undefined) return;
    try {
      this.#webhooks = callWebhooks(webhooks, log);
      keeper.note('webhooks', null);
    } catch (error) {
      keeper.note('webhooks', error as Error);
    }
  }
}
