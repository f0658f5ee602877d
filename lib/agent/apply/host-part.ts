import type { Kind } from './host-object';

/** What is looked at by itself: to look at all of a host takes a dozen processes. */
export const hostParts = ['settings', 'links', 'routes', 'marking', 'queues'] as const;
export type HostPart = (typeof hostParts)[number];

const partOfKind: Readonly<Record<Kind, HostPart>> = {
  sysctl: 'settings',
  device: 'links',
  tunnel: 'links',
  deviceSysctl: 'settings',
  address: 'links',
  qdisc: 'queues',
  class: 'queues',
  leaf: 'queues',
  segment: 'routes',
  nexthop: 'routes',
  group: 'routes',
  route: 'routes',
  rule4: 'routes',
  rule6: 'routes',
  marking: 'marking',
};

export function partOf(kind: Kind): HostPart {
  return partOfKind[kind];
}

/** A change that the kernel told of and that may concern what is ours. */
export interface HostChange {
  /** Where to look; `all`: changes were missed. */
  readonly part: HostPart | 'all';
  /** The interface that it is about. Absent: none. */
  readonly device?: string;
  /** Of an interface: does it still carry packets? `false`: it is down or gone. */
  readonly carries?: boolean;
  /** What was told, in one line. */
  readonly text: string;
}

/** A host that is listened to. */
export interface HostWatch {
  /** Are links, routes and rules listened to now? While not, changes are found by looking alone. */
  readonly listening: boolean;
  /** Nothing is told after it. */
  stop(): Promise<void>;
}
