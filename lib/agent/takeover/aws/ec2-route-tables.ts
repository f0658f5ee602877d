import type { CloudRoute, RouteTables } from '../route-tables';
import { formatPrefix, tryParsePrefix } from '../../../net';
import type { HttpAnswer } from '../../aws/http-call';
import { faultOf, signedCall, type SignedService } from '../../aws/signed-call';

const version = '2016-11-15';

/** Route tables of EC2 by its query interface: `DescribeRouteTables` and `ReplaceRoute`. */
export function ec2RouteTables(of: SignedService, endpoint: URL): RouteTables {
  const ask = async (action: string, parameters: Record<string, string>): Promise<HttpAnswer> => {
    const body = new URLSearchParams({ Action: action, Version: version, ...parameters }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const answer = await signedCall(of, { method: 'POST', url: endpoint, headers, body });
    if (answer.status !== 200) throw new Error(`${action}: ${faultOf(answer)}`);
    return answer;
  };
  return {
    async read(tables) {
      const ids = tables.map((id, i): [string, string] => [`RouteTableId.${i + 1}`, id]);
      const { body } = await ask('DescribeRouteTables', Object.fromEntries(ids));
      return readRoutes(body);
    },
    async takeRoute(table, destination) {
      const six = destination.includes(':');
      await ask('ReplaceRoute', {
        RouteTableId: table,
        [six ? 'DestinationIpv6CidrBlock' : 'DestinationCidrBlock']: destination,
        NetworkInterfaceId: await of.metadata.interfaceId(),
      });
    },
  };
}

/** Routes of a `DescribeRouteTablesResponse`, without those to prefix lists: the plan has none. */
export function readRoutes(xml: string): readonly CloudRoute[] {
  const routes: CloudRoute[] = [];
  let table = '';
  let inRoutes = false;
  let destination: string | undefined;
  let target: string | null = null;
  for (const [, close, name, text] of xml.matchAll(/<(\/?)([A-Za-z0-9]+)[^>]*>([^<]*)/g)) {
    if (name === 'routeSet') inRoutes = close === '';
    else if (!inRoutes && name === 'routeTableId' && close === '') table = text.trim();
    else if (!inRoutes) continue;
    else if (close === '' && (name === 'destinationCidrBlock' || name === 'destinationIpv6CidrBlock')) {
      const prefix = tryParsePrefix(text.trim());
      destination = prefix && formatPrefix(prefix);
    } else if (close === '' && name === 'networkInterfaceId') target = text.trim() || null;
    else if (name === 'item' && close !== '') {
      if (destination !== undefined) routes.push({ table, destination, target });
      destination = undefined;
      target = null;
    }
  }
  return routes;
}
