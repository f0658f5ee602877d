import { connect, type EventView, type RouteView } from 'dwcp-multiregion/client';

/** Destinations without any living path, then every change. */
export async function follow(signal: AbortSignal, tell: (event: EventView) => void): Promise<string[]> {
  const agent = connect({ socket: '/run/dwcp/agent.sock' });
  const routes: readonly RouteView[] = await agent.routes();
  await agent.drain({ of: 'link', id: 'link-a-b' });
  // @ts-expect-error -- only links, gateways and regions are drained
  await agent.drain({ of: 'tunnel', id: 'tunnel-a-b' });
  for await (const event of agent.events({ signal })) tell(event);
  return routes.filter((route) => route.state === 'none').map((route) => route.to);
}
