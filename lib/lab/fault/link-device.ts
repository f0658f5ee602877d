import { nearest } from '../../diagnostics';
import { LabFault, type Lab } from '../record';

/**
 * The interface by which a gateway is on a link.
 *
 * @param link id; undefined: the first of its links, by id.
 * @throws LabFault if the gateway has no such link.
 */
export function linkDevice(
  { plan }: Pick<Lab, 'plan'>,
  gateway: string,
  link: string | undefined,
): { readonly link: string; readonly device: string } {
  const own = plan.tunnels
    .flatMap((tunnel) => tunnel.ends.map((end) => ({ link: tunnel.link, end })))
    .filter(({ end }) => end.gateway === gateway)
    .sort((a, b) => (a.link < b.link ? -1 : 1));
  const found = link === undefined ? own.at(0) : own.find((one) => one.link === link);
  if (found) return { link: found.link, device: found.end.interfaceName };
  if (link === undefined) throw new LabFault(`${gateway} has no link`);
  const near = nearest(
    link,
    own.map((one) => one.link),
  );
  throw new LabFault(
    `${gateway} has no link '${link}'${near === undefined ? '' : `; did you mean '${near}'?`}`,
  );
}
