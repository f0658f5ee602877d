import type {
  AgentView,
  FetchView,
  PathView,
  ReservationView,
  RouteView,
  StandInView,
  TunnelView,
  UnhealedView,
} from '../api';
import { compileWindow, nextBoundAfter } from '../../reservation/compiled-window';
import { identity } from '../apply';
import type { TelemetrySource } from '../telemetry';
import type { HealingView } from './healing';
import type { Agent } from './agent';
import type { TakeResult } from './agent-parts';
import { standInOf } from './stand-in-view';

/** What the local API serves of a running agent. */
export function viewOf(
  agent: Agent,
  source: () => TelemetrySource | undefined,
  take: () => Promise<TakeResult>,
  ready: () => boolean,
  health: AgentView['health'],
  fetched: () => FetchView | null,
): AgentView {
  const now = () => {
    const found = source();
    if (!found) throw new Error('no plan is applied yet');
    return found;
  };
  return {
    health,
    state() {
      const { gateway, state, agent: figures } = now();
      const { network, gateway: id, region, generation, planDigest } = gateway;
      return {
        network,
        gateway: id,
        region,
        generation,
        planDigest,
        version: figures.version,
        ready: ready(),
        drained: [...state.drains].sort(),
        drainedUntil: Object.fromEntries([...state.drainEnds].sort()),
        unhealed: unhealedOf(agent.healing),
        lastEvent: state.nextEventId - 1,
        fetched: fetched(),
        ...standInField(now()),
      };
    },
    routes: () => routesOf(now()),
    paths: () => pathsOf(now()),
    tunnels: () => tunnelsOf(now()),
    reservations: () => reservationsOf(now()),
    eventsAfter: (after) => agent.state.history.filter((event) => event.id > after),
    drainable: () => agent.state.plan?.places ?? new Set(),
    drain: ({ of, id, forSeconds }, on) => {
      const { nowMs, state } = now();
      const untilUtcMs = forSeconds && Math.round(nowMs + state.utcOffsetMs + forSeconds * 1000);
      agent.input({ kind: 'drain', of, id, on, untilUtcMs });
    },
    async reload() {
      const result = await take();
      if (!result.ok) return { ok: false, message: result.message, next: result.next };
      const { generation } = now().gateway;
      return { ok: true, message: `generation ${generation} is applied`, next: '' };
    },
  };
}

/** Those that are refused themselves, each with what waits for it. */
function standInField({ takeover }: TelemetrySource): { readonly standIn?: StandInView } {
  const standIn = standInOf(takeover);
  return standIn ? { standIn } : {};
}

function unhealedOf({ unhealed }: HealingView): UnhealedView[] {
  return unhealed
    .filter(({ waitsFor }) => waitsFor === undefined)
    .map(({ object, how, cause }) => {
      const what = identity(object);
      return { what, how, cause, waiting: unhealed.filter(({ waitsFor }) => waitsFor === what).length };
    });
}

function* routesOf({ gateway, state, healing }: TelemetrySource): Iterable<RouteView> {
  const prefixes = new Map(gateway.routes.map((r) => [r.to, [...r.ipv4Prefixes, ...r.ipv6Prefixes]]));
  const astray = (flow: string) => [4, 6].some((family) => state.astray.has(`${flow} IPv${family}`));
  const stateOf = (flow: string, members: number, asPlanned: boolean): RouteView['state'] => {
    if (members === 0) return 'none';
    if (healing.lost.has(flow)) return 'lost';
    if (astray(flow)) return 'astray';
    return asPlanned ? 'planned' : 'backup';
  };
  const flows = new Map((state.plan?.flows ?? []).map((flow) => [flow.id, flow]));
  for (const [id, { to, class: qos, members }] of state.selections) {
    const planned = new Set(flows.get(id)?.members.map((m) => m.path));
    const asPlanned = members.length === planned.size && members.every((m) => planned.has(m.path));
    yield {
      to,
      class: qos,
      prefixes: prefixes.get(to) ?? [],
      paths: members,
      state: stateOf(id, members.length, asPlanned),
    };
  }
}

/** The worse of what sessions and what traffic say of a path. */
function carriedBy({ state }: TelemetrySource, path: string, known: ReturnType<typeof measured>) {
  const carriage = state.carriage.get(path);
  if (!carriage || known.health === 'down' || known.health === 'unknown') return known;
  return { ...known, health: carriage.health, cause: carriage.cause };
}

function measured({ statistics, state }: TelemetrySource, session: string) {
  const figures = statistics(session);
  const record = state.sessions.get(session);
  const seen = figures !== undefined && Number.isFinite(figures.smoothedRtt);
  return {
    health: record?.health ?? ('unknown' as const),
    waiting: record !== undefined && record.held !== null,
    cause: record?.cause ?? '',
    rttMs: seen ? figures.smoothedRtt * 1000 : null,
    lossRatio: seen ? figures.lossRatio : null,
  };
}

function* pathsOf(source: TelemetrySource): Iterable<PathView> {
  const uses = new Map<string, number>();
  for (const [flow, { members }] of source.state.selections) {
    if (source.healing.lost.has(flow)) continue;
    for (const { path } of members) uses.set(path, (uses.get(path) ?? 0) + 1);
  }
  const tunnels = new Map(source.gateway.tunnels.map((tunnel) => [tunnel.id, tunnel]));
  for (const path of source.gateway.paths) {
    const tunnel = tunnels.get(path.tunnel);
    const back = path.returnLatencyMs ?? (path.hops === 1 ? (tunnel?.returnLatencyMs ?? null) : null);
    yield {
      id: path.id,
      plannedPath: path.path,
      to: path.farGateway.split('/')[0],
      hops: path.hops,
      links: path.links,
      ...carriedBy(
        source,
        path.id,
        measured(source, path.probe === null ? `tunnel:${path.tunnel}` : `path:${path.id}`),
      ),
      active: uses.get(path.id) ?? 0,
      plannedRttMs: back === null ? null : path.latencyMs + back,
      mtu: source.state.carriage.get(path.id)?.carriesBytes ?? path.mtu,
    };
  }
}

function tunnelsOf(source: TelemetrySource): TunnelView[] {
  return source.gateway.tunnels.map((tunnel): TunnelView => {
    const rate = source.rates.get(tunnel.interfaceName);
    return {
      id: tunnel.id,
      link: tunnel.link,
      peer: tunnel.peer.gateway,
      interfaceName: tunnel.interfaceName,
      ...measured(source, `tunnel:${tunnel.id}`),
      bandwidthMbps: tunnel.bandwidthMbps,
      utilisationRatio: rate && tunnel.bandwidthMbps > 0 ? rate.sentMbps / tunnel.bandwidthMbps : null,
      handshakeAgeSeconds: source.tunnels.get(tunnel.id)?.handshakeAgeSeconds ?? null,
    };
  });
}

function reservationsOf({ gateway, state, reservationMbps, nowMs }: TelemetrySource): ReservationView[] {
  const open = new Set(state.open);
  const utcMs = nowMs + state.utcOffsetMs;
  return gateway.reservations.map(({ id, to, class: qos, bandwidthMbps, window }): ReservationView => {
    return {
      id,
      to,
      class: qos,
      bandwidthMbps,
      open: open.has(id),
      changesUtcMs: nextBoundAfter(window && compileWindow(window), utcMs),
      usedMbps: reservationMbps.get(id) ?? null,
    };
  });
}
