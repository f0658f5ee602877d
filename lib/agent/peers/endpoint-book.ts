import type { GatewayState } from '../../gateway';
import { announcedEndpoint, type SeenPeer } from '../apply';
import {
  announce,
  beginChoice,
  look,
  type EndpointChoice,
  type EndpointNews,
  type EndpointStep,
} from './endpoint-choice';
import type { GoodEndpoints } from './endpoint-memory';

/** Where the peers of all tunnels are taken to be, by tunnel id. */
export type EndpointBook = ReadonlyMap<string, EndpointChoice>;

/** The next book, and what follows from it. */
export interface BookStep {
  readonly book: EndpointBook;
  /** Tunnels whose endpoint is to be set in the kernel. */
  readonly set: readonly string[];
  readonly news: readonly (EndpointNews & { readonly tunnel: string })[];
  /** What is to be remembered has changed. */
  readonly learned: boolean;
}

/** Pages for the tunnels of a plan: kept where the tunnel stays, else from memory. */
export function openBook(
  before: EndpointBook,
  gateway: GatewayState,
  endpoints: ReadonlyMap<string, string>,
  good: GoodEndpoints,
  nowMs: number,
): BookStep {
  return step(before, gateway, (tunnel) => {
    const announced = announcedEndpoint(gateway, tunnel, endpoints);
    const known = before.get(tunnel.id);
    if (known) return announce(known, announced, nowMs);
    const choice = beginChoice(announced, good.get(tunnel.identity) ?? [], nowMs);
    if (announced === null || choice.set === announced) return { choice };
    const cause = 'the deployment names it; the peer answered elsewhere before, which is tried first';
    return { choice, news: { from: choice.set ?? '', to: announced, cause } };
  });
}

/** Takes in what the kernel says of all peers. */
export function readPeers(
  before: EndpointBook,
  gateway: GatewayState,
  seen: ReadonlyMap<string, readonly SeenPeer[]>,
  nowMs: number,
): BookStep {
  return step(before, gateway, ({ id, interfaceName }) => {
    const choice = before.get(id);
    const holder = seen.get(interfaceName)?.find(({ holds }) => holds);
    if (!choice) return undefined;
    return holder ? look(choice, holder, nowMs) : { choice };
  });
}

/** What is to be remembered, by tunnel identity. */
export function goodOf(book: EndpointBook, gateway: GatewayState): GoodEndpoints {
  return new Map(
    gateway.tunnels.flatMap(({ id, identity }): [string, readonly string[]][] => {
      const good = book.get(id)?.good ?? [];
      return good.length === 0 ? [] : [[identity, good]];
    }),
  );
}

function step(
  before: EndpointBook,
  gateway: GatewayState,
  next: (tunnel: GatewayState['tunnels'][number]) => EndpointStep | undefined,
): BookStep {
  const book = new Map<string, EndpointChoice>();
  const set: string[] = [];
  const news: (EndpointNews & { readonly tunnel: string })[] = [];
  let learned = false;
  for (const tunnel of gateway.tunnels) {
    const taken = next(tunnel);
    if (!taken) continue;
    book.set(tunnel.id, taken.choice);
    if (taken.set !== undefined) set.push(tunnel.id);
    if (taken.news) news.push({ tunnel: tunnel.id, ...taken.news });
    const was = before.get(tunnel.id)?.good ?? taken.choice.good;
    learned ||= was.join() !== taken.choice.good.join();
  }
  return { book, set, news, learned };
}
