import type { Lease, LeasePhase } from './lease';
import type { PlannedRoute } from './route-tables';
import {
  initialTakeoverState,
  type Purpose,
  type TakeoverAction,
  type TakeoverInput,
  type TakeoverSettings,
  type TakeoverState,
  type Wish,
} from './takeover-state';

type Draft = { -readonly [K in keyof TakeoverState]: TakeoverState[K] } & {
  readonly nowMs: number;
  readonly settings: TakeoverSettings;
  readonly actions: TakeoverAction[];
};

const idle = { kind: 'idle' } as const;

/**
 * State, what happens and time in; state and what to do out.
 *
 * A gateway answers its partner's probes while it serves, and only then. So silence says one thing: who is
 * silent does not watch its tunnels, be it dead, hung, cut off from its peers or drained. The other then
 * claims the lease, waits for an objection, writes the lease once more, and points the routes at itself. A
 * partner that lives but cannot be heard finds the claim and objects: then nobody moves anything. A gateway
 * that does not serve neither claims nor objects. Routes go home when both have served for a while, moved by
 * the gateway that they go home to.
 */
export function decideTakeover(
  before: TakeoverState,
  input: TakeoverInput,
  nowMs: number,
  settings: TakeoverSettings,
): { readonly state: TakeoverState; readonly actions: readonly TakeoverAction[] } {
  const draft: Draft = { ...before, nowMs, settings, actions: [] };
  take(draft, input);
  if (draft.plan !== null) advance(draft);
  return { state: stateOf(draft), actions: draft.actions };
}

/** What is remembered of a draft. */
function stateOf(draft: Draft): TakeoverState {
  const names = Object.keys(initialTakeoverState) as (keyof TakeoverState)[];
  return Object.fromEntries(names.map((name) => [name, draft[name]])) as unknown as TakeoverState;
}

function take(draft: Draft, input: TakeoverInput): void {
  const { nowMs } = draft;
  switch (input.kind) {
    case 'plan':
      return takePlan(draft, input.plan);
    case 'neighbour': {
      const neighbour = input.heard ? 'heard' : 'silent';
      if (neighbour === draft.neighbour) return;
      tell(draft, `neighbour ${draft.plan?.partner ?? ''}`, draft.neighbour, neighbour, 'probes in the VPC');
      draft.neighbour = neighbour;
      draft.neighbourSinceMs = nowMs;
      lookSoon(draft);
      return;
    }
    case 'standing':
      draft.why = input.why;
      if (input.serving === draft.serving) return;
      draft.serving = input.serving;
      draft.servingSinceMs = input.serving ? nowMs : Infinity;
      draft.actions.push({ kind: 'answer', on: input.serving });
      lookSoon(draft);
      return;
    case 'partner-drained':
      if (input.on !== draft.partnerDrained) lookSoon(draft);
      draft.partnerDrained = input.on;
      return;
    case 'looked':
      if (draft.step.kind === 'looking') takeLook(draft, input);
      return;
    case 'written':
      return takeWritten(draft, input.etag);
    case 'moved':
      if (draft.step.kind === 'moving') takeMoved(draft, draft.step.wish, input);
      return;
    case 'failed':
      return takeFailure(draft, input.message);
    case 'tick':
      return;
  }
}

/** Under another plan, or with other ids, what was read and begun is void; whom we hear stays. */
function takePlan(draft: Draft, plan: TakeoverState['plan']): void {
  const { tables, tablesMs, seen, seenMs, step, nextTryMs } = initialTakeoverState;
  if (plan?.partner !== draft.plan?.partner) draft.neighbour = 'unknown';
  Object.assign(draft, { plan, tables, tablesMs, seen, seenMs, step, nextTryMs });
  if (plan !== null) draft.actions.push({ kind: 'answer', on: draft.serving });
}

/** Looks at everything at the next occasion, for what was read is no longer good. */
function lookSoon(draft: Draft): void {
  draft.tablesMs = -Infinity;
  draft.nextTryMs = Math.min(draft.nextTryMs, draft.nowMs);
}

/** Goes on where time or what happened allows it. */
function advance(draft: Draft): void {
  const { step, nowMs, settings } = draft;
  if (step.kind === 'waiting') {
    const gone = !isWished(draft, step.wish.purpose);
    if (gone) return write(draft, 'done', { kind: 'ending' });
    if (nowMs >= step.untilMs) write(draft, 'move', { kind: 'confirming', wish: step.wish });
    return;
  }
  if (step.kind !== 'idle') return;
  const held = nowMs < draft.nextTryMs;
  const stale = nowMs - draft.tablesMs >= settings.lookMs;
  if (!held && (stale || wishOf(draft) !== null)) return look(draft, true);
  if (held && draft.failures > 0) return;
  // A partner that cannot be heard may claim while it lives, and so may we: who lives has to object in time.
  const watching = draft.neighbour === 'silent' && nowMs - draft.partnerWroteMs < settings.watchForMs;
  if (draft.serving && watching && nowMs - draft.seenMs >= settings.watchMs) look(draft, false);
}

function look(draft: Draft, tables: boolean): void {
  draft.step = { kind: 'looking' };
  draft.actions.push({ kind: 'look', tables });
}

/** Is there still the reason for which routes are moved? */
function isWished(draft: Draft, purpose: Purpose): boolean {
  if (!draft.serving) return false;
  if (purpose === 'drain') return draft.partnerDrained;
  return draft.neighbour === (purpose === 'silence' ? 'silent' : 'heard');
}

/** What this gateway would move, by the tables as they were read last. */
function wishOf(draft: Draft): Wish | null {
  const { plan, tables, neighbour, nowMs } = draft;
  if (!draft.serving || plan === null || tables === null) return null;
  const home = new Map(plan.tables.map((table) => [table.name, table.home]));
  const routes = (of: (table: string) => boolean): PlannedRoute[] =>
    tables
      .filter(({ table }) => of(table))
      .flatMap(({ table, partner }) => partner.map((destination) => ({ table, destination })));
  const wish = (purpose: Purpose, wished: PlannedRoute[]) =>
    wished.length === 0 ? null : { purpose, routes: wished };
  if (draft.partnerDrained)
    return wish(
      'drain',
      routes(() => true),
    );
  if (neighbour === 'silent')
    return wish(
      'silence',
      routes(() => true),
    );
  const sinceMs = Math.max(draft.servingSinceMs, draft.neighbourSinceMs);
  if (neighbour !== 'heard' || nowMs - sinceMs < returnWaitMs(draft)) return null;
  return wish(
    'home',
    routes((table) => home.get(table) === plan.own),
  );
}

/** Doubles with each take-over of late, so that what flaps does not take traffic with it. */
function returnWaitMs(draft: Draft): number {
  const { settings } = draft;
  const doubled = settings.returnWaitMs * 2 ** Math.max(0, movesOf(draft) - 1);
  return Math.min(settings.mostReturnWaitMs, doubled);
}

function movesOf(draft: Draft): number {
  const { seen, settings } = draft;
  return seen?.lease && leaseAgeMs(draft) < settings.forgetMovesMs ? seen.lease.moves : 0;
}

function leaseAgeMs({ seen, seenMs, nowMs }: Draft): number {
  return seen === null ? Infinity : seen.ageMs + (nowMs - seenMs);
}

function takeLook(draft: Draft, { tables, seen }: Extract<TakeoverInput, { kind: 'looked' }>): void {
  const { nowMs, settings } = draft;
  const plan = draft.plan!;
  draft.step = idle;
  draft.failures = 0;
  draft.seen = seen;
  draft.seenMs = nowMs;
  const { lease } = seen;
  const theirs = lease?.by === plan.partner ? lease.phase : undefined;
  if (theirs) draft.partnerWroteMs = Math.max(draft.partnerWroteMs, nowMs - seen.ageMs);
  if (tables) {
    draft.tables = tables;
    draft.tablesMs = nowMs;
    tellForeign(draft);
  }
  if (theirs === 'claim' && seen.ageMs < settings.leaseMs && draft.serving) {
    draft.objections++;
    tell(
      draft,
      `lease ${plan.own}`,
      'claimed',
      'refused',
      `${plan.partner} claims the routes, and this lives`,
    );
    return write(draft, 'object', { kind: 'objecting' });
  }
  const wish = tables && wishOf(draft);
  if (!wish) return;
  if ((theirs === 'claim' || theirs === 'move') && seen.ageMs < settings.leaseMs) {
    draft.nextTryMs = nowMs + settings.watchMs;
    return;
  }
  // One from before it was heard last says nothing of this silence. Ages are in whole seconds, and a gateway
  // whose agent restarts objects in advance.
  const ofThisSilence = nowMs - seen.ageMs > draft.neighbourSinceMs - 2000;
  if (
    theirs === 'object' &&
    wish.purpose === 'silence' &&
    ofThisSilence &&
    seen.ageMs < settings.claimAgainMs
  ) {
    draft.nextTryMs = nowMs + settings.claimAgainMs - seen.ageMs + turnMs(draft);
    tell(draft, `lease ${plan.own}`, 'claim', 'refused', `${plan.partner} lives, though it cannot be heard`);
    return;
  }
  // Whom we hear has nothing to object: it knows, or it is its own wish.
  if (wish.purpose === 'silence') write(draft, 'claim', { kind: 'claiming', wish });
  else write(draft, 'move', { kind: 'confirming', wish });
}

/** So that two gateways do not go on in step: the second in order waits a little longer. */
function turnMs({ plan, settings }: Draft): number {
  return plan!.own < plan!.partner ? 0 : settings.graceMs + settings.watchMs;
}

function write(draft: Draft, phase: LeasePhase, step: TakeoverState['step']): void {
  const taking = phase === 'move' && 'wish' in step && step.wish.purpose === 'silence';
  const lease: Lease = {
    formatVersion: 1,
    epoch: (draft.seen?.lease?.epoch ?? 0) + 1,
    by: draft.plan!.own,
    phase,
    moves: movesOf(draft) + (taking ? 1 : 0),
  };
  draft.actions.push({ kind: 'write', lease, expected: draft.seen?.etag ?? null });
  draft.seen = { lease, etag: null, ageMs: 0 };
  draft.seenMs = draft.nowMs;
  draft.step = step;
}

function takeWritten(draft: Draft, etag: string | null): void {
  const { step, nowMs, settings } = draft;
  if (step.kind === 'idle' || step.kind === 'looking' || step.kind === 'waiting' || step.kind === 'moving') {
    return;
  }
  draft.failures = 0;
  draft.step = idle;
  if (etag === null) {
    // Somebody was first: what they wrote decides.
    draft.seen = null;
    draft.tablesMs = -Infinity;
    draft.nextTryMs = nowMs + waitMs(draft, draft.conflicts++, settings.mostRetryMs) / 4;
    return;
  }
  draft.conflicts = 0;
  draft.seen = { ...draft.seen!, etag };
  draft.seenMs = nowMs;
  if (step.kind === 'claiming') {
    draft.step = { kind: 'waiting', wish: step.wish, untilMs: nowMs + settings.graceMs };
  } else if (step.kind === 'confirming') {
    if (!isWished(draft, step.wish.purpose)) return write(draft, 'done', { kind: 'ending' });
    draft.step = { kind: 'moving', wish: step.wish };
    draft.actions.push({
      kind: 'move',
      routes: step.wish.routes,
      untilMs: nowMs + settings.leaseMs / 2,
    });
  } else if (step.kind === 'objecting') {
    draft.nextTryMs = nowMs + settings.claimAgainMs + turnMs(draft);
    draft.partnerWroteMs = nowMs;
  }
}

function takeMoved(
  draft: Draft,
  { purpose }: Wish,
  { routes, failure }: Extract<TakeoverInput, { kind: 'moved' }>,
): void {
  const { own, partner } = draft.plan!;
  const cause = {
    silence: `${partner} does not answer`,
    drain: `${partner} is drained`,
    home: 'both gateways have served for a while',
  }[purpose];
  const byTable = new Map<string, number>();
  for (const { table } of routes) byTable.set(table, (byTable.get(table) ?? 0) + 1);
  for (const [table, count] of byTable) {
    tell(draft, table, partner, own, `${cause}; ${count} ${count === 1 ? 'route' : 'routes'}`);
  }
  if (routes.length > 0 && purpose === 'home') draft.returned++;
  else if (routes.length > 0) draft.taken++;
  write(draft, 'done', { kind: 'ending' });
  draft.tablesMs = -Infinity;
  if (failure === null) {
    draft.refused = 0;
    draft.nextTryMs = draft.nowMs + draft.settings.watchMs;
    return;
  }
  if (draft.refused === 0) tell(draft, 'cloud', '', '', `a route was not moved: ${failure}`);
  draft.nextTryMs = draft.nowMs + waitMs(draft, draft.refused, draft.settings.lookMs);
  draft.refused++;
}

function takeFailure(draft: Draft, message: string): void {
  if (draft.step.kind === 'idle' || draft.step.kind === 'waiting') return;
  draft.step = idle;
  // Whether it was written is not known.
  draft.seen = null;
  draft.tablesMs = -Infinity;
  backOff(draft, message);
}

function backOff(draft: Draft, message: string): void {
  if (draft.failures === 0) tell(draft, 'cloud', 'answers', 'fails', message);
  draft.nextTryMs = draft.nowMs + waitMs(draft, draft.failures, draft.settings.mostRetryMs);
  draft.failures++;
}

function waitMs({ plan, settings }: Draft, before: number, most: number): number {
  const wait = Math.min(most, settings.retryMs * 2 ** Math.min(20, before));
  return wait * (plan!.own < plan!.partner ? 1 : 1.3);
}

function tellForeign(draft: Draft): void {
  const now = new Set<string>();
  for (const { table, foreign } of draft.tables!) {
    for (const destination of foreign) {
      const key = `${table} ${destination}`;
      now.add(key);
      if (draft.toldForeign.has(key)) continue;
      tell(draft, table, '', '', `the route to ${destination} leads elsewhere, and is left alone`);
    }
  }
  draft.toldForeign = now;
}

function tell({ actions }: Draft, what: string, from: string, to: string, cause: string): void {
  actions.push({ kind: 'tell', what, from, to, cause });
}
