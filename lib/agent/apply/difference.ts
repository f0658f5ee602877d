import type { HostCommand } from './host';
import { identity, isAsWanted, kinds, type HostObject, type Kind } from './host-object';

/** What leads from one state to another, make before break. */
export interface Difference {
  /** Interfaces that hold a port which another one is to have: they go first. */
  readonly clear: readonly HostCommand[];
  readonly make: readonly HostCommand[];
  readonly unmake: readonly HostCommand[];
}

/** Kinds that vanish with their interface. */
const onDevice: ReadonlySet<Kind> = new Set(['deviceSysctl', 'address', 'qdisc', 'class', 'leaf']);

/**
 * Commands that bring what is there to what is wanted: everything new or changed, in the order of the kinds,
 * then what is no longer wanted in the opposite order. Equal states give none.
 */
export function difference(there: readonly HostObject[], wanted: readonly HostObject[]): Difference {
  const found = new Map(there.map((object) => [identity(object), object]));
  const kept = new Set(wanted.map(identity));
  const ports = new Set(wanted.flatMap(({ tunnel }) => (tunnel?.listenPort ? [tunnel.listenPort] : [])));
  const differing = wanted.flatMap((object): HostCommand[] => {
    const was = found.get(identity(object));
    if (!was) return [{ verb: 'add', object }];
    return isAsWanted(was, object) ? [] : [{ verb: 'change', object, was }];
  });
  // What differs alone is put in order: of thousands of things few do, and probes wait meanwhile.
  const make = differing.sort((a, b) => rankOf(a.object) - rankOf(b.object));
  const left = there
    .filter((object) => !kept.has(identity(object)))
    .sort((a, b) => rankOf(a) - rankOf(b))
    .reverse();
  const gone = new Set(left.filter((o) => o.kind === 'tunnel' || o.kind === 'device').map((o) => o.key));
  const classes = new Set(left.filter((o) => o.kind === 'class').map(classOf));
  const unmake = left
    .filter((object) => !(onDevice.has(object.kind) && gone.has(deviceOf(object))))
    .filter((object) => !(object.kind === 'leaf' && classes.has(object.key)))
    // A setting that was as wanted before us is not ours to change.
    .filter(
      (object) => object.kind !== 'deviceSysctl' && (object.kind !== 'sysctl' || object.also === 'kept'),
    )
    .map((object): HostCommand => ({ verb: 'delete', object }));
  const inTheWay = ({ object }: HostCommand) =>
    object.tunnel?.listenPort && ports.has(object.tunnel.listenPort);
  return {
    clear: unmake.filter(inTheWay),
    make,
    unmake: unmake.filter((command) => !inTheWay(command)),
  };
}

const ranks = new Map(kinds.map((kind, i) => [kind, i]));

function rankOf({ kind }: HostObject): number {
  return ranks.get(kind)!;
}

/** The interface that an object of `onDevice` is on. */
function deviceOf({ kind, key }: HostObject): string {
  if (kind === 'deviceSysctl') return key.split('/')[3];
  return /(?:^| )dev (\S+)/.exec(key)?.[1] ?? '';
}

/** A class as its leaf names it: `dev wg-b parent 1:11`. */
function classOf({ key }: HostObject): string {
  return key.replace(/parent \S+ classid/, 'parent');
}
