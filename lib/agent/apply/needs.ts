import { identity, type HostObject } from './host-object';
import { loopbackDevice, returnDevice } from './numbers';

/**
 * What each wanted thing stands on: identities of what Linux wants to be there before it takes it, and with
 * which it goes. Only what is wanted itself is named. O(size of the input).
 */
export function needsOf(wanted: readonly HostObject[]): Needs {
  let found = lists.get(wanted);
  if (!found) lists.set(wanted, (found = workOut(wanted)));
  return found;
}

/** Identities of what a thing stands on. */
type Needs = (object: HostObject) => readonly string[];

const lists = new WeakMap<readonly HostObject[], Needs>();

function workOut(wanted: readonly HostObject[]): Needs {
  const known = new Set(wanted.map(identity));
  const addresses = new Map<string, string[]>();
  for (const { kind, key } of wanted) {
    if (kind !== 'address') continue;
    const on = `${familyOf(key)} ${deviceIn(key)}`;
    addresses.set(on, [...(addresses.get(on) ?? []), `address ${key}`]);
  }
  const needs = (object: HostObject): string[] => {
    const { kind, key, value } = object;
    const words = `${key} ${value}`;
    const device = deviceOf(object);
    const found = device === undefined ? [] : [`tunnel ${device}`, `device ${device}`];
    const [, via] = / via (\S+) /.exec(` ${words}`) ?? [];
    // What is next is reached over the network of the interface.
    if (via !== undefined && device !== undefined) {
      found.push(...(addresses.get(`${familyOf(via)} ${device}`) ?? []));
    }
    const [, id] = /(?:^| )nhid (\d+)/.exec(value) ?? [];
    if (id !== undefined) found.push(`group id ${id}`, `nexthop id ${id}`);
    const [, source] = / src (\S+)/.exec(value) ?? [];
    if (source !== undefined) found.push(`address ${source}/128 dev ${loopbackDevice}`);
    if (kind === 'group') found.push(...memberIds(value).map((member) => `nexthop id ${member}`));
    if (kind === 'class') {
      found.push(`qdisc dev ${device} root`);
      if (key.includes(' parent 1:1 ')) found.push(`class dev ${device} parent 1: classid 1:1`);
    }
    if (kind === 'leaf') found.push(`class ${key.replace('parent ', 'parent 1:1 classid ')}`);
    return found;
  };
  return (object) => needs(object).filter((name) => known.has(name) && name !== identity(object));
}

/** The interface that an object is on or leads to; undefined: none. */
export function deviceOf({ kind, key, value }: HostObject): string | undefined {
  if (kind === 'deviceSysctl') {
    const name = key.split('/')[3];
    // The other end of the pair comes and goes with the first.
    return name === returnDevice ? loopbackDevice : name;
  }
  return deviceIn(`${key} ${value}`);
}

function deviceIn(words: string): string | undefined {
  return /(?:^| )dev (\S+)/.exec(words)?.[1];
}

function memberIds(group: string): string[] {
  const members = group.slice('group '.length).split('/');
  return members.map((member) => member.split(',')[0]);
}

function familyOf(text: string): 4 | 6 {
  return text.split(' ')[0].includes(':') ? 6 : 4;
}
