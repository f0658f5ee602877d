import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readEndpoints } from '../../../lib/agent/bundle/read-endpoints';
import type { GatewayState } from '../../../lib/gateway';
import { findRangeFault, parsePrefix, specialRanges, addressAt } from '../../../lib/net';
import { linePlan } from '../../gateway/plan-fixture';
import { gatewayState } from '../../../lib/gateway';
import { seeded } from '../../support/random-seeded';

let folder: string;
let gateway: GatewayState;
beforeAll(async () => {
  gateway = gatewayState((await linePlan()).plan, 'b/1');
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-endpoints-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(content: unknown, privateToo = false) {
  const file = path.join(folder, 'endpoints.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  const { addresses, ignored } = readEndpoints(file, gateway, privateToo);
  return {
    taken: Object.fromEntries(addresses),
    ignored: ignored.map((line) => line.replaceAll(folder, '.')),
  };
}

describe('endpoints.json', () => {
  it('gives public IPv4 addresses of peers', () => {
    expect(read({ 'a/1': '52.1.2.3' })).toEqual({ taken: { 'a/1': '52.1.2.3' }, ignored: [] });
  });

  it.each([
    ['a gateway that is no peer', { 'x/1': '52.1.2.3' }, "'x/1' is ignored: the plan has no such peer"],
    ['a private address', { 'a/1': '10.0.0.1' }, '10.0.0.1 is private (10.0.0.0/8, RFC 1918)'],
    ['the metadata service', { 'a/1': '169.254.169.254' }, 'link-local, with the metadata service of clouds'],
    ['loopback', { 'a/1': '127.0.0.1' }, '127.0.0.1 is loopback'],
    ['multicast', { 'a/1': '239.1.1.1' }, '239.1.1.1 is multicast'],
    ['broadcast', { 'a/1': '255.255.255.255' }, 'is broadcast'],
    ['a documentation range', { 'a/1': '192.0.2.1' }, 'nobody is reached there'],
    ['IPv6', { 'a/1': '2600:1f18::1' }, '2600:1f18::1 is IPv6'],
    ['a name', { 'a/1': 'evil.example' }, 'it is no IP address'],
    ['words for wg(8)', { 'a/1': '52.1.2.3:1 peer x' }, 'it is no IP address'],
    ['a number', { 'a/1': 7 }, 'it is no IP address'],
  ])('does not give %s, and says why', (_name, content, why) => {
    const { taken, ignored } = read({ ...content, 'c/1': '52.1.2.4' });
    expect(taken).toEqual({ 'c/1': '52.1.2.4' });
    expect(ignored).toEqual([expect.stringContaining(why)]);
  });

  it('does not give an address inside the network: the tunnel would lead into itself', () => {
    const inner = gateway.routes[0].ipv4Prefixes[0];
    const route = { ...gateway.routes[0], ipv4Prefixes: ['52.9.0.0/16'] };
    gateway = { ...gateway, routes: [route, ...gateway.routes.slice(1)] };
    expect(inner).toBeDefined();
    expect(read({ 'a/1': '52.9.1.1' }).ignored).toEqual([
      expect.stringContaining('lies inside this network'),
    ]);
  });

  it.each([
    ['{"a/1": "52.', 'is no JSON, or only a part of it'],
    ['[]', 'is no map of addresses'],
    ['null', 'is no map of addresses'],
    [' '.repeat(2 ** 20 + 1), 'has more than 1048576 bytes'],
  ])('that is broken costs nothing but itself: %.12s', (text, why) => {
    expect(read(text)).toEqual({
      taken: {},
      ignored: [`./endpoints.json ${why}: no endpoint is taken from it`],
    });
    expect(readEndpoints(path.join(folder, 'none'), gateway).ignored[0]).toContain('cannot be read (ENOENT)');
  });

  it('does not fill the log', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x\u001b[2J${i}/1`, '52.1.2.3']));
    const { ignored } = read(many);
    expect(ignored).toHaveLength(9);
    expect(ignored[8]).toBe('4992 more endpoints are ignored');
    expect(ignored.join('')).not.toContain('\u001b');
  });

  it('with private ones allowed gives private and documentation addresses, and still no reserved ones', () => {
    const { taken, ignored } = read({ 'a/1': '10.9.9.9', 'c/1': '127.0.0.1', 'x/1': '10.9.9.9' }, true);
    expect(taken).toEqual({ 'a/1': '10.9.9.9' });
    expect(ignored).toHaveLength(2);
    expect(read({ 'a/1': '192.0.2.1' }, true).taken).toEqual({ 'a/1': '192.0.2.1' });
  });

  it('gives nothing of any special range, and all of the rest of IPv4 (seed 17)', () => {
    const random = seeded(17);
    const ranges = specialRanges.filter(({ prefix }) => prefix.family === 4 && prefix.length > 0);
    for (let run = 0; run < 3000; run++) {
      const around = random.chance(0.5) ? random.pick(ranges).prefix : parsePrefix('0.0.0.0/0');
      const address = addressAt(around, random.whole(0, 2 ** (32 - around.length) - 1));
      const fine = findRangeFault(parsePrefix(`${address}/32`), 'endpoint') === undefined;
      const inner = address.startsWith('52.9.');
      expect([address, Object.keys(read({ 'a/1': address }).taken).length]).toEqual([
        address,
        fine && !inner ? 1 : 0,
      ]);
    }
  });
});
