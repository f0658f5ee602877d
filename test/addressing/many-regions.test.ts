import { allocate } from '../../lib/addressing';
import { parseDescription, type NetworkDescription } from '../../lib/model';
import { contains, overlaps, parsePrefix } from '../../lib/net';

/** A line of so many sites. */
function line(sites: number): NetworkDescription {
  const ids = Array.from({ length: sites }, (_, i) => `s${String(i).padStart(3, '0')}`);
  return {
    network: 'line',
    regions: Object.fromEntries(
      ids.map((id, i) => [id, { external: { endpoint: `203.0.113.${i + 1}` } }] as const),
    ),
    links: ids
      .slice(1)
      .map((id, i) => ({ between: [ids[i], id], bandwidth: '1 Gbps', latency: '1 ms', cost: '0 USD/GB' })),
  };
}

function allocated(sites: number) {
  const { network, diagnostics } = parseDescription(line(sites));
  if (!network) throw new Error(JSON.stringify(diagnostics));
  return allocate(network, null);
}

describe('the address plan', () => {
  it('gives 253 regions a /56 each, apart from each other, from locators and from links', () => {
    const { allocation } = allocated(253);
    const { ipv6Pool, regions, gateways, tunnels } = allocation!;
    const blocks = [...regions.values()].map((r) => parsePrefix(r.ipv6Block));
    const others = [
      ...[...gateways.values()].map((g) => parsePrefix(g.locator)),
      ...[...tunnels.values()].flatMap(({ ends }) => ends.map((e) => parsePrefix(`${e.ipv6}/128`))),
    ];
    expect(new Set([...regions.values()].map((r) => r.ipv6Block)).size).toBe(253);
    expect(blocks.every((b) => b.length === 56 && contains(parsePrefix(ipv6Pool), b))).toBe(true);
    expect(blocks.filter((b) => others.some((o) => overlaps(b, o)))).toEqual([]);
  });

  it('says that there is no room for one region more', () => {
    const { network, diagnostics } = parseDescription(line(254));
    expect(network).toBeUndefined();
    const errors = diagnostics.filter((d) => d.severity === 'error');
    expect(errors.map((d) => d.message)).toEqual(['has 254 regions; a network has 253 at most']);
    // Where nobody checked the description, allocation says it too.
    const { network: fewer } = parseDescription(line(253));
    const last = fewer!.regions[252];
    const more = { ...fewer!, regions: [...fewer!.regions, { ...last, id: 'zz' }] };
    expect(allocate(more, null).diagnostics.map((d) => d.message)).toEqual([
      '254 regions; the IPv6 pool has room for 253',
    ]);
  });
});
