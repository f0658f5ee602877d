import { gatewayFiles, gatewayState } from '../../lib/gateway';
import { unsealText, openAsGateway, readSealedPart, sealedPartOf } from '../../lib/net/keys';
import { bareSecrets } from '../net/bare-secrets';
import { linePlan, parallelPlan } from './plan-fixture';

describe("a gateway's files", () => {
  test('are its wanted state and its sealed keys', async () => {
    const { plan, keys } = await linePlan();
    const files = gatewayFiles(plan, 'b/1', sealedPartOf(keys.file, 'b/1'));
    expect([...files.keys()]).toEqual(['gateway.json', 'keys.json']);
    expect(JSON.parse(files.get('gateway.json')!)).toEqual(
      JSON.parse(JSON.stringify(gatewayState(plan, 'b/1'))),
    );
    const part = readSealedPart(files.get('keys.json')!);
    if (!part.ok) throw new Error(part.problem.message);
    expect(openAsGateway(part.value, unsealText(keys, 'b/1')).ok).toBe(true);
  });

  test('hold no private key, preshared key or unsealing secret', async () => {
    const { plan, keys } = await linePlan();
    for (const { id } of plan.gateways) {
      const part = sealedPartOf(keys.file, id);
      const text = [...gatewayFiles(plan, id, part).values()].join('');
      const own = openAsGateway(part, unsealText(keys, id));
      if (!own.ok) throw new Error(own.problem.message);
      const secrets = [own.value.privateKey, ...own.value.presharedKeys.values(), ...bareSecrets(keys, id)];
      for (const secret of secrets) {
        expect(text.includes(secret)).toBe(false);
        expect(text.includes(Buffer.from(secret, 'base64').toString('hex'))).toBe(false);
      }
    }
  });

  test("are refused with another gateway's keys, or with keys that are not the plan's", async () => {
    const { plan, keys } = await linePlan();
    expect(() => gatewayFiles(plan, 'b/1', sealedPartOf(keys.file, 'a/1'))).toThrow(
      "'demo' a/1 for 'demo' b/1",
    );
    const older = { ...plan, gateways: plan.gateways.map((g) => ({ ...g, publicKey: null })) };
    expect(() => gatewayFiles(older, 'b/1', sealedPartOf(keys.file, 'b/1'))).toThrow('plan again');
    expect(gatewayFiles(older, 'b/1', null).has('keys.json')).toBe(false);
    expect(() => gatewayFiles(plan, 'z/1', null)).toThrow("no gateway 'z/1'");
  });
});

describe('a pinned path', () => {
  test('of one hop has no segments', async () => {
    const { plan } = await linePlan();
    const [path] = gatewayState(plan, 'a/1').paths;
    expect(path).toMatchObject({
      id: 'a>b',
      interfaceName: 'wg-b',
      segmentsIpv4: [],
      segmentsIpv6: [],
      mtu: 1420,
    });
  });

  test('of three hops lists the adjacency of each transit gateway, then the far decapsulation', async () => {
    const { plan } = await linePlan();
    const state = gatewayState(plan, 'a/1');
    const path = state.paths.find((p) => p.id === 'a>b>c>d')!;
    const endOf = (tunnel: string, gateway: string) =>
      plan.tunnels.find((t) => t.id === tunnel)!.ends.find((end) => end.gateway === gateway)!;
    const far = plan.gateways.find((g) => g.id === 'd/1')!;
    const adjacencies = [endOf('tunnel-b-c', 'b/1').segment, endOf('tunnel-c-d', 'c/1').segment];
    expect(path.segmentsIpv4).toEqual([...adjacencies, far.segmentDx4]);
    expect(path.segmentsIpv6).toEqual([...adjacencies, far.segmentDx6]);
    expect(path).toMatchObject({
      tunnel: 'tunnel-a-b',
      farGateway: 'd/1',
      farIpv4: far.ipv4,
      hops: 3,
      mtu: 1300,
    });
    expect(path.nextHopIpv6).toBe(endOf('tunnel-a-b', 'b/1').ipv6);
  });

  test('of the second gateway runs in the second plane, and back to a single gateway', async () => {
    const { plan } = await linePlan();
    const paths = new Map(gatewayState(plan, 'b/2').paths.map((p) => [p.id, p]));
    expect(paths.get('b>c')).toMatchObject({ tunnel: 'tunnel-b-c.2', farGateway: 'c/2' });
    expect(paths.get('b>c>d')).toMatchObject({ tunnel: 'tunnel-b-c.2', farGateway: 'd/1' });
    const second = plan.tunnels.find((t) => t.id === 'tunnel-c-d.2')!.ends[0];
    expect(second.gateway).toBe('c/2');
    expect(paths.get('b>c>d')!.segmentsIpv4[0]).toBe(second.segment);
    expect(paths.get('b>a')).toMatchObject({ tunnel: 'tunnel-a-b.2', farGateway: 'a/1' });
  });

  test('leaves by an interface of its gateway and ends in its destination, for every gateway and route', async () => {
    for (const { plan } of [await linePlan(), await parallelPlan()]) {
      for (const { id } of plan.gateways) {
        const state = gatewayState(plan, id);
        const own = new Map(state.tunnels.map((t) => [t.interfaceName, t]));
        for (const path of state.paths) {
          expect(own.get(path.interfaceName)?.id).toBe(path.tunnel);
          const route = state.routes.find((r) => r.primary === path.path)!;
          expect(path.farGateway.split('/')[0]).toBe(route.to);
          expect(path.segmentsIpv4).toHaveLength(path.hops === 1 ? 0 : path.hops);
        }
      }
    }
  });
});
