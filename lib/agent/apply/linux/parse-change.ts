import type { HostChange } from '../host-part';
import { isOurId, lastMetric, nftTable, protocol, routeMetric, tableRange } from '../numbers';

/** A line about a route that has a number or a metric of ours, in `ip -N`'s words. */
function hasOurNumber(line: string): boolean {
  const table = Number(/ table (\d+)\b/.exec(line)?.[1] ?? NaN);
  return (table >= tableRange[0] && table <= tableRange[1]) || ourMetric.test(line);
}
const ourMetric = new RegExp(` metric (${routeMetric}|${lastMetric})\\b`);
const ourProtocol = new RegExp(` proto ${protocol}\\b`);

/**
 * What a line of `ip -o -N monitor label` tells; undefined: nothing that could be ours, or what only we do.
 * A routing daemon's routes pass by the thousand: this is asked about each.
 */
export function tryIpChange(line: string): HostChange | undefined {
  const end = line.indexOf(']');
  if (!line.startsWith('[') || end === -1) return undefined;
  const text = line.slice(end + 1).trim();
  const deleted = text.startsWith('Deleted ');
  const told = deleted ? text.slice('Deleted '.length) : text;
  switch (line.slice(1, end)) {
    case 'LINK': {
      const [, device, flags] = /^\d+: ([^:@\s]+)[^<]*<([^>]*)>/.exec(told) ?? [];
      if (device === undefined) return undefined;
      return { part: 'links', device, carries: !deleted && flags.split(',').includes('UP'), text };
    }
    case 'ADDR': {
      const [, device] = /^\d+: ([^:@\s]+)/.exec(told) ?? [];
      return device === undefined ? undefined : { part: 'links', device, text };
    }
    case 'NETCONF': {
      const [, device] = /^inet6? (\S+)/.exec(told) ?? [];
      // Of an interface that comes or goes tells its link.
      return device === 'all' ? { part: 'settings', text } : undefined;
    }
    case 'ROUTE':
    case 'RULE':
      if (ourProtocol.test(told)) return deleted ? { part: 'routes', text } : undefined;
      return hasOurNumber(told) ? { part: 'routes', text } : undefined;
    case 'NEXTHOP': {
      if (ourProtocol.test(told)) return deleted ? { part: 'routes', text } : undefined;
      const id = Number(/^id (\d+)/.exec(told)?.[1] ?? 0);
      return isOurId(id) ? { part: 'routes', text } : undefined;
    }
    default:
      return undefined;
  }
}

const ourNftTable = new RegExp(`\\binet ${nftTable}(?=\\s|$)`);

/** What a line of `nft monitor` tells; undefined: nothing of our table. */
export function tryNftChange(line: string): HostChange | undefined {
  return ourNftTable.test(line) ? { part: 'marking', text: line.trim() } : undefined;
}
