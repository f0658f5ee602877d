import type {
  DoctorView,
  DrainRequest,
  EventView,
  StateView,
  TunnelView,
  RouteView,
} from '../../agent/client';

/** A gateway of the plan, as operators' commands name it. */
export interface OpsGateway {
  /** `<region>/<number>`. */
  readonly id: string;
  readonly identity: string;
  readonly region: string;
  /** Its overlay address. */
  readonly ipv4: string;
}

/** The answers of a gateway that `status` shows. */
export interface GatewayLook {
  readonly state: StateView;
  readonly tunnels: readonly TunnelView[];
  readonly routes: readonly RouteView[];
}

/** A way to the agents of a network. Each call rejects with a message for the operator where it fails. */
export interface Reach {
  look(gateway: OpsGateway): Promise<GatewayLook>;
  drain(gateway: OpsGateway, what: DrainRequest, on: boolean): Promise<StateView>;
  doctor(gateway: OpsGateway): Promise<DoctorView>;
  /** undefined: this way carries no streams. */
  events?(gateway: OpsGateway, signal: AbortSignal): AsyncIterable<EventView>;
}

/** The outcome of asking one gateway. */
export type Asked<T> =
  | { readonly gateway: OpsGateway; readonly ok: true; readonly value: T }
  | { readonly gateway: OpsGateway; readonly ok: false; readonly message: string; readonly next: string };

/**
 * Asks all at once, each with its own deadline. The answer of one is kept even if others fail.
 *
 * @param timeoutMs longest for each.
 */
export async function askAll<T>(
  gateways: readonly OpsGateway[],
  timeoutMs: number,
  ask: (gateway: OpsGateway) => Promise<T>,
): Promise<Asked<T>[]> {
  return Promise.all(
    gateways.map(async (gateway): Promise<Asked<T>> => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
      });
      try {
        return { gateway, ok: true, value: await Promise.race([ask(gateway), late]) };
      } catch (error) {
        const { message, next } = error as Error & { readonly next?: unknown };
        return { gateway, ok: false, message, next: typeof next === 'string' ? next : '' };
      } finally {
        clearTimeout(timer);
      }
    }),
  );
}
