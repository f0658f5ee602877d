import type {
  CommandFailure,
  Host,
  HostChange,
  HostCommand,
  HostObject,
  HostPart,
  HowToLook,
  SeenPeer,
  TunnelOrder,
} from '../../lib/agent/apply';
import { identity, partOf } from '../../lib/agent/apply';
import { tryBatchLine } from '../../lib/agent/apply/linux/command-line';

/**
 * The kernel as far as `apply` needs it: names are unique, what refers to something that is not there is
 * refused, and what hangs on something goes with it. It reads the same words as iproute2.
 */
export class FakeHost implements Host {
  readonly objects = new Map<string, HostObject>();
  /** Commands that were run, failed ones included, and looks. */
  steps = 0;
  /** The step that fails, from 1; 0: none. */
  failAt = 0;
  /** After `failAt` everything fails, as on a host that is going down; else that step alone. */
  dead = false;
  /** The rest of a batch runs after a failure, as with `ip -force`. */
  goesOn = false;
  /** Called after every command that changed something. */
  onChange: (command: HostCommand) => void = () => undefined;
  readonly #before = new Map<string, string>();

  constructor(sysctls: Readonly<Record<string, string>>) {
    for (const [key, value] of Object.entries(sysctls)) this.#put({ kind: 'sysctl', key, value });
  }

  capabilities() {
    return Promise.resolve({ tunnels: { wireguard: 'kernel' }, missing: [] });
  }

  observe(how?: HowToLook): Promise<readonly HostObject[]> {
    if (this.#fails()) return Promise.reject(new Error('the host does not answer'));
    const seen = [...this.objects.values()].filter((object) => !this.foreign.has(identity(object)));
    const { parts } = how ?? {};
    return Promise.resolve(parts ? seen.filter(({ kind }) => parts.has(partOf(kind))) : seen);
  }

  /** What somebody else made: it is in the way, and not seen among what is ours. */
  readonly foreign = new Set<string>();
  #told: ((change: HostChange) => void) | undefined;

  watch(told: (change: HostChange) => void) {
    this.#told = told;
    return { listening: true, stop: () => Promise.resolve(void (this.#told = undefined)) };
  }

  /** As the kernel would. */
  tell(part: HostPart | 'all', more: Partial<HostChange> = {}): void {
    this.#told?.({ part, text: 'test', ...more });
  }

  /** Somebody removes a thing, and with it goes what hangs on it. */
  drop(object: HostObject): void {
    this.#remove(object);
  }

  /** Somebody puts a thing of his own in a place that is ours; what was there goes. */
  occupy(object: HostObject): void {
    if (this.objects.has(identity(object))) this.drop(object);
    this.#put({ ...object, value: `foreign ${object.value}`, tunnel: undefined });
    this.foreign.add(identity(object));
  }

  /** An interface goes down, and comes up again where it is told to. */
  flap(name: string, up: boolean): void {
    const there = this.objects.get(`tunnel ${name}`);
    if (!there?.tunnel) return;
    const on = new RegExp(`(?:^| )dev ${name}(?: |$)`);
    const lost = (o: HostObject) =>
      o.kind === 'nexthop' || o.kind === 'segment' || (o.kind === 'address' && o.key.includes(':'));
    for (const object of [...this.objects.values()]) {
      if (lost(object) && on.test(`${object.key} ${object.value}`)) this.drop(object);
    }
    this.#put({ ...there, tunnel: { ...there.tunnel, up } });
  }

  attempt(commands: readonly HostCommand[]): Promise<readonly CommandFailure[]> {
    return Promise.resolve(
      commands.flatMap((command): CommandFailure[] => {
        const message = this.#fails() ? 'the host failed' : this.#perform(command);
        if (message === undefined) this.onChange(command);
        return message === undefined ? [] : [{ command, line: this.#lineOf(command), message }];
      }),
    );
  }

  #lineOf({ verb, object }: HostCommand): string {
    return `${verb} ${identity(object)}`;
  }

  run(commands: readonly HostCommand[]): Promise<readonly CommandFailure[]> {
    const failures: CommandFailure[] = [];
    for (const command of commands) {
      const tool = tryBatchLine(command)?.tool;
      const failed = failures[0]?.command;
      const sameBatch = failed && tool !== undefined && tryBatchLine(failed)?.tool === tool;
      if (failed && !(this.goesOn && sameBatch)) break;
      const message = this.#fails() ? 'the host failed' : this.#perform(command);
      if (message === undefined) this.onChange(command);
      else failures.push({ command, line: this.#lineOf(command), message });
    }
    return Promise.resolve(failures);
  }

  /** What `peers` tells, by interface. */
  seen: ReadonlyMap<string, readonly SeenPeer[]> = new Map();
  /** Keys that were given their tunnel, `<interface> <public key>`. */
  readonly given: string[] = [];

  peers() {
    return Promise.resolve(this.seen);
  }

  giveTo({ device, publicKey }: TunnelOrder) {
    this.given.push(`${device} ${publicKey}`);
    return Promise.resolve(undefined);
  }

  close() {
    return Promise.resolve();
  }

  /** Everything that is there, as text to compare. */
  snapshot(): string {
    const lines = [...this.objects.values()].map((o) => `${identity(o)} = ${o.value}`);
    return lines.sort().join('\n');
  }

  #fails(): boolean {
    this.steps++;
    return this.failAt > 0 && (this.dead ? this.steps >= this.failAt : this.steps === this.failAt);
  }

  #put(object: HostObject): void {
    this.objects.set(identity(object), object);
  }

  #has(kind: string, key: string): boolean {
    return this.objects.has(`${kind} ${key}`);
  }

  /** @returns why not; undefined: done. */
  #perform({ verb, object }: HostCommand): string | undefined {
    const there = this.objects.get(identity(object));
    if (this.foreign.has(identity(object))) {
      // iproute2's `replace` asks nobody whose it is.
      const taken = verb === 'change' && ['route', 'segment', 'nexthop', 'group'].includes(object.kind);
      if (!taken) return verb === 'add' ? 'File exists' : 'it is not ours';
      this.foreign.delete(identity(object));
    }
    if (object.kind === 'sysctl') return this.#setting(verb, object);
    if (object.kind === 'deviceSysctl' && !there) return 'No such file or directory';
    // A setting comes with its interface; a queue takes the place of the default one.
    const replaceable = ['deviceSysctl', 'qdisc', 'leaf'].includes(object.kind);
    if (verb === 'add' && there && !replaceable) return 'File exists';
    if (verb === 'delete') return there ? this.#remove(there) : 'No such process';
    const lacking = this.#lacking(object);
    if (lacking !== undefined) return `${lacking} does not exist`;
    const replaces = ['route', 'segment', 'nexthop', 'group', 'qdisc', 'leaf', 'marking'];
    if (verb === 'change' && !there && !replaces.includes(object.kind)) return 'No such file or directory';
    this.#put(object);
    if (verb === 'add' && object.kind === 'tunnel') {
      this.#put({ kind: 'deviceSysctl', key: `net/ipv6/conf/${object.key}/disable_ipv6`, value: '0' });
      this.#put({ kind: 'deviceSysctl', key: `net/ipv6/conf/${object.key}/seg6_enabled`, value: '0' });
      this.#put({ kind: 'deviceSysctl', key: `net/ipv4/conf/${object.key}/rp_filter`, value: '2' });
    }
    if (verb === 'add' && object.kind === 'device') {
      this.#put({ kind: 'deviceSysctl', key: 'net/ipv4/conf/dwcp1/rp_filter', value: '2' });
      this.#put({ kind: 'deviceSysctl', key: 'net/ipv4/conf/dwcp1/accept_local', value: '0' });
      for (const end of ['dwcp0', 'dwcp1'])
        this.#put({ kind: 'deviceSysctl', key: `net/ipv6/conf/${end}/disable_ipv6`, value: '0' });
    }
    return undefined;
  }

  #setting(verb: string, object: HostObject): string | undefined {
    const { key } = object;
    const there = this.objects.get(identity(object));
    if (!there) return 'No such file or directory';
    if (verb === 'delete') {
      this.#put({ kind: 'sysctl', key, value: this.#before.get(key) ?? there.value });
      this.#before.delete(key);
    } else {
      if (!this.#before.has(key)) this.#before.set(key, there.value);
      this.#put({ kind: 'sysctl', key, value: object.value, also: 'kept' });
    }
    return undefined;
  }

  /** What the object refers to and is not there. */
  #lacking({ kind, key, value }: HostObject): string | undefined {
    const device = /(?:^| )dev (\S+)/.exec(`${key} ${value}`)?.[1];
    const on = device === undefined ? undefined : this.objects.get(`tunnel ${device}`);
    if (device !== undefined && !on && !this.#has('device', device)) return `device ${device}`;
    if (on && kind !== 'tunnel' && this.foreign.has(identity(on))) return `device ${device} of ours`;
    if (on?.tunnel?.up === false && kind === 'nexthop') return `device ${device}, up,`;
    const id = /(?:^| )nhid (\d+)/.exec(value)?.[1];
    if (id !== undefined && !this.#has('group', `id ${id}`) && !this.#has('nexthop', `id ${id}`)) {
      return `nexthop ${id}`;
    }
    if (kind === 'group') {
      const gone = membersOf(value).find((member) => !this.#has('nexthop', `id ${member}`));
      return gone === undefined ? undefined : `nexthop ${gone}`;
    }
    if (kind === 'class' && !this.#has('qdisc', `dev ${device} root`)) return `queue of ${device}`;
    if (kind === 'class' && key.includes('parent 1:1 ')) {
      return this.#has('class', `dev ${device} parent 1: classid 1:1`) ? undefined : 'class 1:1';
    }
    if (kind === 'leaf' && !this.#has('class', key.replace('parent ', 'parent 1:1 classid '))) return key;
    return undefined;
  }

  #remove(object: HostObject): string | undefined {
    const { kind, key } = object;
    const goes = (test: (o: HostObject) => boolean) => {
      for (const o of [...this.objects.values()].filter(test)) {
        if (this.objects.has(identity(o))) this.#remove(o);
      }
    };
    if (kind === 'class' && key.includes('parent 1: ')) {
      const device = key.split(' ')[1];
      const busy = [...this.objects.values()].some(
        (o) => o.kind === 'class' && o.key.startsWith(`dev ${device} parent 1:1 `),
      );
      if (busy && this.#has('qdisc', `dev ${device} root`)) return 'Device or resource busy';
    }
    this.objects.delete(identity(object));
    this.foreign.delete(identity(object));
    if (kind === 'tunnel' || kind === 'device') {
      const on = new RegExp(`(?:^| )dev ${key}(?: |$)`);
      goes((o) => o.kind !== 'sysctl' && on.test(`${o.key} ${o.value}`));
      goes(
        (o) =>
          o.kind === 'deviceSysctl' &&
          (kind === 'device' ? ['dwcp0', 'dwcp1'] : [key]).includes(o.key.split('/')[3]),
      );
    }
    if (kind === 'qdisc') {
      const device = key.split(' ')[1];
      goes((o) => (o.kind === 'class' || o.kind === 'leaf') && o.key.startsWith(`dev ${device} `));
    }
    if (kind === 'class')
      goes((o) => o.kind === 'leaf' && o.key === key.replace(/parent \S+ classid/, 'parent'));
    if (kind === 'nexthop') {
      const id = key.split(' ')[1];
      for (const group of [...this.objects.values()].filter((o) => o.kind === 'group')) {
        const left = group.value.slice('group '.length).split('/');
        const kept = left.filter((member) => member.split(',')[0] !== id);
        if (kept.length === left.length) continue;
        if (kept.length === 0) this.#remove(group);
        else this.#put({ ...group, value: `group ${kept.join('/')}` });
      }
    }
    if (kind === 'nexthop' || kind === 'group') {
      const id = key.split(' ')[1];
      goes((o) => o.kind === 'route' && o.value.split(' ').slice(0, 2).join(' ') === `nhid ${id}`);
    }
    return undefined;
  }
}

/** Ids of the members of a group. */
export function membersOf(value: string): string[] {
  return value
    .slice('group '.length)
    .split('/')
    .map((member) => member.split(',')[0]);
}
