import type { CommandFailure, HostCommand } from '../host';
import type { LinuxPlace } from './linux-place';
import { output } from './run-process';
import { restoreSysctl, writeSysctl } from './sysctls';
import { aliasWord, nftTable, returnDevice } from '../numbers';
import { driverOf, typeOfInterface } from '../tunnels/drivers';

/** Runs a command that needs processes of its own. */
export async function runSlowly(
  place: LinuxPlace,
  command: HostCommand,
): Promise<CommandFailure | undefined> {
  try {
    await perform(place, command);
    return undefined;
  } catch (error) {
    const { verb, object } = command;
    return { command, line: `${verb} ${object.kind} ${object.key}`, message: (error as Error).message };
  }
}

async function perform(place: LinuxPlace, { verb, object, was }: HostCommand): Promise<void> {
  const { kind, key, value } = object;
  switch (kind) {
    case 'sysctl':
    case 'deviceSysctl':
      return verb === 'delete' ? restoreSysctl(place, key) : writeSysctl(place, key, value);
    case 'device':
      if (verb === 'delete') await output([...place.prefix, 'ip', 'link', 'delete', 'dev', key]);
      else await makeDevice(place, key, verb);
      return;
    case 'tunnel': {
      const driver = driverOf(typeOfInterface(key));
      if (verb === 'delete') return driver.remove(place, key);
      return verb === 'add'
        ? driver.add(place, object.tunnel!)
        : driver.change(place, object.tunnel!, was!.tunnel!);
    }
    case 'marking': {
      // Making it and removing it at once works whether it is there or not; all is one transaction.
      const clear = `table inet ${nftTable}\ndelete table inet ${nftTable}\n`;
      await output(
        [...place.prefix, 'nft', '-f', '-'],
        verb === 'delete' ? clear : `${clear}${object.script}\n`,
      );
      return;
    }
    default:
      throw new Error(`'${kind}' goes to a process that stays`);
  }
}

/**
 * Both ends have the same link address and do not ask for it: what goes out at one end is taken in at the
 * other without a neighbour.
 */
async function makeDevice({ prefix }: LinuxPlace, name: string, verb: 'add' | 'change'): Promise<void> {
  const ip = (...words: string[]) => output([...prefix, 'ip', 'link', ...words]);
  const address = ['address', '02:00:00:00:b1:00'];
  if (verb === 'add')
    await ip('add', name, ...address, 'type', 'veth', 'peer', 'name', returnDevice, ...address);
  for (const end of [name, returnDevice]) {
    await ip(
      'set',
      'dev',
      end,
      'alias',
      aliasWord,
      'arp',
      'off',
      'addrgenmode',
      'none',
      'mtu',
      '65535',
      'up',
    );
  }
}
