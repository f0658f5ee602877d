import { difference } from './difference';
import type { CommandFailure, Host, HostCommand, HowToLook } from './host';
import { identity, type HostObject, type Kind } from './host-object';
import { hostParts, partOf, type HostPart } from './host-part';
import { needsOf } from './needs';
import type { WantedHost } from './wanted/wanted-host';

/** How a thing differs from what is wanted. */
export interface Drift {
  readonly object: HostObject;
  readonly how: 'gone' | 'changed' | 'added';
}

/** What could not be mended. */
export interface Unhealed extends Drift {
  /** What the kernel or the tool said; of what waits: for what. */
  readonly cause: string;
  /** What stands in the way, as `identity` has it. Absent: it was refused itself. */
  readonly waitsFor?: string;
}

/** What a mend found and did. */
export interface MendReport {
  /** What differed at the first look. */
  readonly found: readonly Drift[];
  readonly unhealed: readonly Unhealed[];
  readonly commands: number;
  /** From the beginning until the last thing was done, ms: the look that confirms it comes after. */
  readonly durationMs: number;
  /** Switches came between all the time: what is left was not tried. */
  readonly interrupted: boolean;
}

export interface MendParts {
  readonly host: Host;
  /** Asked for again before each step, since a switch may change it; undefined: nothing is wanted. */
  readonly wanted: () => WantedHost | undefined;
  /** Runs a quick step with no switch beside it. */
  readonly alone: <T>(step: () => Promise<T>) => Promise<T>;
  readonly pace: HowToLook['pace'];
  /** Where the first look is; later ones are everywhere that something was done. Absent: everywhere. */
  readonly parts?: ReadonlySet<HostPart>;
}

/** What is made in one go: commands that a process that stays takes in ms. */
const forwarding: readonly Kind[] = ['address', 'segment', 'nexthop', 'group', 'route', 'rule4', 'rule6'];
const queues: readonly Kind[] = ['qdisc', 'class', 'leaf'];

/** Looks at the most: what others undo as fast as it is mended is left for the next time. */
const mostLooks = 8;
/** Times that one thing is tried between two looks at the clock of whoever called. */
const mostTries = 2;

/**
 * Brings what differs back, thing by thing: what can be mended is, whatever else cannot, and what is as
 * wanted is not touched. What carries traffic comes first, and what needs nothing else that is missing:
 * settings, forwarding, marking, then tunnel by tunnel with what leads over it, queues last. What the plan
 * does not know goes at the end. Not for new plans: those are taken whole or not at all (`apply`).
 *
 * @throws Error if the host cannot be looked at.
 */
export async function mend(parts: MendParts): Promise<MendReport> {
  const start = performance.now();
  const work = new Mending(parts);
  let interrupted = false;
  for (let looks = 1; looks <= mostLooks; looks++) {
    const goal = parts.wanted();
    if (goal === undefined) break;
    const seen = await parts.host.observe({ pace: parts.pace, parts: work.where });
    // A switch has changed something since: what was seen may be from before it.
    interrupted = parts.wanted() !== goal;
    if (interrupted) continue;
    work.take(goal, seen);
    if (!(await work.round())) break;
  }
  interrupted ||= parts.wanted() !== work.goal;
  return { ...work.report(), durationMs: work.doneMs - start, interrupted };
}

class Mending {
  /** Where to look next. */
  where: ReadonlySet<HostPart>;
  doneMs = performance.now();
  #commands = 0;
  #found: readonly Drift[] | undefined;
  goal: WantedHost | undefined;
  #there = new Map<string, HostObject>();
  #left: readonly HostCommand[] = [];
  #needs: (object: HostObject) => readonly string[] = () => [];
  readonly #tries = new Map<string, number>();
  readonly #refused = new Map<string, CommandFailure>();

  constructor(readonly parts: MendParts) {
    this.where = parts.parts ?? new Set(hostParts);
  }

  /** What is there now, in the parts that were looked at. */
  take(goal: WantedHost, seen: readonly HostObject[]): void {
    const looked = ({ kind }: HostObject) => this.where.has(partOf(kind));
    if (goal !== this.goal) this.#needs = needsOf(goal.objects);
    this.goal = goal;
    this.#there = new Map(seen.map((object) => [identity(object), object]));
    const { clear, make, unmake } = difference(seen.filter(looked), goal.objects.filter(looked));
    this.#left = [...clear, ...make, ...unmake];
    this.#found ??= this.#left.map(driftOf);
  }

  /**
   * One thing after another, as far as nothing in the way is missing.
   *
   * @returns whether something was done, so that the host is to be looked at again.
   */
  async round(): Promise<boolean> {
    const before = this.#commands;
    const due = new Set(this.#left.map(({ object }) => partOf(object.kind)));
    if (due.size === 0) return false;
    // Interfaces take routes and queues with them, whatever was looked at.
    if (due.has('links')) for (const part of hostParts) due.add(part);
    // IPv6 that is switched off on an interface takes no address.
    await this.#run(ofKinds(['sysctl', 'deviceSysctl']));
    await this.#quick();
    await this.#run(ofKinds(['marking']));
    // Those that hold the port of another go first.
    await this.#run(({ verb, object }) => verb === 'delete' && object.kind === 'tunnel');
    for (const command of this.#left.filter(ofKinds(['device', 'tunnel']))) {
      if (command.verb === 'delete' || !(await this.#run((one) => one === command))) continue;
      const { key } = command.object;
      await this.#run(
        (one) =>
          one.object.kind === 'deviceSysctl' && this.#needs(one.object).some((n) => n.endsWith(` ${key}`)),
      );
      await this.#quick();
    }
    await this.#run(ofKinds(['deviceSysctl']));
    await this.#run(({ verb, object }) => verb !== 'delete' && queues.includes(object.kind));
    await this.#unmake();
    this.where = due;
    return this.#commands > before;
  }

  report(): Pick<MendReport, 'found' | 'unhealed' | 'commands'> {
    return { found: this.#found ?? [], unhealed: this.#unhealed(), commands: this.#commands };
  }

  /** Nothing that leads packets is made from what was decided before a switch. */
  #quick(): Promise<void> {
    return this.parts.alone(async () => {
      if (this.parts.wanted() !== this.goal) return;
      for (const kind of forwarding) await this.#run(ofKinds([kind], 'make'));
    });
  }

  #unmake(): Promise<void> {
    return this.parts.alone(async () => {
      if (this.parts.wanted() !== this.goal) return;
      await this.#run(({ verb }) => verb === 'delete');
    });
  }

  /** @returns whether all of them were done, and there were some. */
  async #run(which: (command: HostCommand) => boolean): Promise<boolean> {
    const due = this.#left.filter((command) => which(command) && this.#isDue(command));
    if (due.length === 0) return false;
    this.#commands += due.length;
    for (const { object } of due) this.#tries.set(identity(object), this.#triesOf(object) + 1);
    const failures = await this.parts.host.attempt(due);
    this.doneMs = performance.now();
    const failed = new Map(failures.map((failure) => [failure.command, failure]));
    for (const command of due) {
      const failure = failed.get(command);
      const name = identity(command.object);
      if (failure) {
        this.#refused.set(name, failure);
        continue;
      }
      this.#refused.delete(name);
      if (command.verb === 'delete') this.#there.delete(name);
      else this.#there.set(name, command.object);
    }
    this.#left = this.#left.filter((command) => !due.includes(command) || failed.has(command));
    return failures.length === 0;
  }

  #isDue(command: HostCommand): boolean {
    const { verb, object } = command;
    if (this.#triesOf(object) >= mostTries) return false;
    return verb === 'delete' || this.#missing(object) === undefined;
  }

  #triesOf(object: HostObject): number {
    return this.#tries.get(identity(object)) ?? 0;
  }

  /** The first of what it needs that is not there, or not up; undefined: all is. */
  #missing(object: HostObject): string | undefined {
    return this.#needs(object).find((name) => {
      // What was not looked at is taken to be there.
      const kind = name.slice(0, name.indexOf(' ')) as Kind;
      const there = this.#there.get(name);
      if (!there) return this.where.has(partOf(kind));
      return there.tunnel ? !there.tunnel.up : kind === 'device' && there.value !== 'up';
    });
  }

  #unhealed(): Unhealed[] {
    return this.#left.map((command): Unhealed => {
      const { object } = command;
      const waitsFor = command.verb === 'delete' ? undefined : this.#missing(object);
      const drift = driftOf(command);
      if (waitsFor !== undefined) return { ...drift, cause: `it waits for ${waitsFor}`, waitsFor };
      const cause = this.#refused.get(identity(object))?.message ?? 'others undo it as fast as it is mended';
      return { ...drift, cause };
    });
  }
}

function ofKinds(kinds: readonly Kind[], verbs: 'any' | 'make' = 'any') {
  return ({ verb, object }: HostCommand): boolean =>
    kinds.includes(object.kind) && (verbs === 'any' || verb !== 'delete');
}

const howOf = { add: 'gone', change: 'changed', delete: 'added' } as const;

function driftOf({ verb, object }: HostCommand): Drift {
  return { object, how: howOf[verb] };
}
