import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readApplied, writeApplied } from '../../../lib/agent/bundle/applied-record';
import { readBundle, type BundleFiles } from '../../../lib/agent/bundle/read-bundle';
import { gatewayFiles, gatewayState, type GatewayState } from '../../../lib/gateway';
import { unsealText, sealedPartOf } from '../../../lib/net/keys';
import { secretAsOf } from '../../net/bare-secrets';
import { encodeCanonical } from '../../../lib/plan';
import { seeded } from '../../support/random-seeded';
import { linePlan, parallelPlan, type PlannedFixture } from '../../gateway/plan-fixture';

let folder: string;
let fixture: PlannedFixture;
const gateway = 'b/1';
const record = { network: 'demo', gateway, generation: 1, planDigest: `sha256:${'0'.repeat(64)}` };

beforeAll(async () => {
  fixture = await linePlan();
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A bundle's files in the folder; `change` edits gateway.json. */
function laid(change: (state: GatewayState) => unknown = (s) => s, fix = fixture, id = gateway): BundleFiles {
  for (const [name, text] of gatewayFiles(fix.plan, id, sealedPartOf(fix.keys.file, id))) {
    if (!name.includes('/')) writeFileSync(path.join(folder, name), text);
  }
  const state = JSON.parse(JSON.stringify(gatewayState(fix.plan, id))) as GatewayState;
  writeFileSync(path.join(folder, 'gateway.json'), encodeCanonical(change(state)));
  writeFileSync(path.join(folder, 'endpoints.json'), JSON.stringify({ 'a/1': '52.0.2.1' }));
  writeFileSync(path.join(folder, 'unseal'), unsealText(fix.keys, id));
  const file = (name: string) => path.join(folder, name);
  return { bundle: folder, endpoints: file('endpoints.json'), unseal: file('unseal') };
}

/** Base point of Curve25519: a point of full order, and nobody's key here. */
const otherKey = Buffer.from(Uint8Array.of(9, ...new Uint8Array(31))).toString('base64');

/** The tunnels, the first with another public key at its far end. */
function withPeerKey({ tunnels: [first, ...others] }: GatewayState, publicKey: string) {
  return [{ ...first, peer: { ...first.peer, publicKey } }, ...others];
}

/** The refusal's code and sentence, without the folder. */
function refusal(files: BundleFiles, applied: typeof record | null = record): string {
  const read = readBundle(files, applied);
  return read.ok ? 'taken' : `${read.code}: ${read.message.replaceAll(folder, '.')}`;
}

describe('a bundle', () => {
  it('of every gateway is read back as it was written', async () => {
    for (const made of [fixture, await parallelPlan()]) {
      for (const { id } of made.plan.gateways) {
        const read = readBundle(
          laid((s) => s, made, id),
          null,
        );
        if (!read.ok) throw new Error(`${id}: ${read.message}`);
        expect(encodeCanonical(read.bundle.gateway)).toBe(encodeCanonical(gatewayState(made.plan, id)));
        expect(read.bundle.keys?.privateKey).toHaveLength(44);
        const peer = read.bundle.gateway.tunnels.some((t) => t.peer.gateway === 'a/1');
        expect(read.bundle.endpoints.get('a/1')).toBe(peer ? '52.0.2.1' : undefined);
      }
    }
  });

  it('is taken again with the same digest, and with a higher generation', () => {
    expect(refusal(laid())).toBe('taken');
    expect(refusal(laid((s) => ({ ...s, generation: 2, planDigest: `sha256:${'1'.repeat(64)}` })))).toBe(
      'taken',
    );
  });

  it('is refused when it is older, and told how to go back on purpose', () => {
    expect(refusal(laid(), { ...record, generation: 4 })).toBe(
      'older: the plan has generation 1; generation 4 is applied',
    );
    const read = readBundle(laid(), { ...record, generation: 4 });
    expect(read.ok || read.next).toContain('--supersede 4');
  });

  it('is refused when two lock files went apart: one generation, two digests', () => {
    expect(refusal(laid((s) => ({ ...s, planDigest: `sha256:${'1'.repeat(64)}` })))).toMatch(/^forked: /);
  });

  it("is refused when it is another gateway's or another network's", () => {
    expect(refusal(laid(), { ...record, gateway: 'a/1' })).toBe(
      "foreign: the plan is of network 'demo' gateway 'b/1'; this is 'demo' 'a/1'",
    );
    expect(refusal(laid(), { ...record, network: 'other' })).toMatch(/^foreign: /);
  });

  it('is refused with keys that are not its own, a wrong unsealing secret, or none', () => {
    const files = laid();
    writeFileSync(files.unseal!, unsealText(fixture.keys, 'a/1'));
    expect(refusal(files)).toMatch(/^keys: gateway 'b\/1' has no unsealing secret of epoch \d+$/);
    const { secretVersion } = sealedPartOf(fixture.keys.file, 'b/1');
    writeFileSync(files.unseal!, secretAsOf(fixture.keys, 'a/1', secretVersion));
    expect(refusal(files)).toMatch(/^keys: the private key of gateway 'b\/1' does not match/);
    expect(refusal({ ...files, unseal: null })).toBe('keys: there is no unsealing secret');
    const foreign = sealedPartOf(fixture.keys.file, 'a/1');
    writeFileSync(path.join(folder, 'keys.json'), JSON.stringify(foreign));
    expect(refusal(files)).toMatch(/^keys: the sealed keys are of 'demo' 'a\/1'/);
  });

  it.each([
    ['an unknown field', (s: GatewayState) => ({ ...s, more: 1 }), /^malformed: .*gateway\.json/],
    ['another format', (s: GatewayState) => ({ ...s, formatVersion: 2 }), /^version: .* this agent reads 1/],
    [
      'a path over a tunnel that is not there',
      (s: GatewayState) => ({ ...s, paths: s.paths.map((p) => ({ ...p, tunnel: 'tunnel-x' })) }),
      /^malformed: .*leaves by a tunnel that is not here: 'tunnel-x'/,
    ],
    [
      'a route over a path that is not there',
      (s: GatewayState) => ({ ...s, routes: s.routes.map((r) => ({ ...r, primary: 'x>y' })) }),
      /^malformed: .*names no path of this gateway: 'x>y'/,
    ],
    [
      'a route to its own region',
      (s: GatewayState) => ({ ...s, routes: s.routes.map((r) => ({ ...r, to: s.region })) }),
      /^malformed: .*a route leads from 'b' to itself/,
    ],
    ['an address that is none', (s: GatewayState) => ({ ...s, ipv4: '10.0.0' }), /^malformed: .*'ipv4'/],
    [
      'a shell command for an interface name',
      (s: GatewayState) => ({ ...s, tunnels: s.tunnels.map((t) => ({ ...t, interfaceName: 'x;reboot' })) }),
      /^malformed: .*interfaceName/,
    ],
    [
      'a key of small order for a peer',
      (s: GatewayState) => ({ ...s, tunnels: withPeerKey(s, `${'A'.repeat(43)}=`) }),
      /^malformed: .*publicKey': the key is a point of small order/,
    ],
    [
      'its own key for a peer',
      (s: GatewayState) => ({ ...s, tunnels: withPeerKey(s, s.publicKey!), peers: [] }),
      /^malformed: .*'b\/1' and 'a\/1' have one public key/,
    ],
    [
      'two keys for a peer',
      (s: GatewayState) => ({ ...s, tunnels: withPeerKey(s, otherKey) }),
      /^malformed: .*'a\/1' has two public keys/,
    ],
    [
      'a next key of a peer that is its own',
      (s: GatewayState) => {
        const [first, ...others] = s.tunnels;
        const peers = s.peers.map((p) => (p.gateway === 'a/1' ? { ...p, nextPublicKey: s.publicKey! } : p));
        const peer = { ...first.peer, nextPublicKey: s.publicKey! };
        return { ...s, peers, tunnels: [{ ...first, peer }, ...others] };
      },
      /^malformed: .*'b\/1' and 'a\/1' have one public key/,
    ],
    [
      'a next key in one place alone',
      (s: GatewayState) => ({ ...s, peers: s.peers.map((p) => ({ ...p, nextPublicKey: otherKey })) }),
      /^malformed: .*two next public keys/,
    ],
    [
      'a next key that its sealed keys do not hold',
      (s: GatewayState) => ({ ...s, nextPublicKey: otherKey }),
      /^keys: the sealed keys have another next key than the plan/,
    ],
    [
      'a generation that nothing could follow',
      (s: GatewayState) => ({ ...s, generation: 2 ** 48 + 1 }),
      /^malformed: .*'generation'/,
    ],
  ])('is refused with %s', (_name, change, message) => {
    expect(refusal(laid(change))).toMatch(message);
  });

  it('is refused when a file is missing, cut short or not JSON', () => {
    const files = laid();
    rmSync(path.join(folder, 'keys.json'));
    expect(refusal(files)).toBe('unreadable: ./keys.json cannot be read: ENOENT');
    writeFileSync(
      path.join(folder, 'gateway.json'),
      readFileSync(path.join(folder, 'gateway.json')).subarray(0, 900),
    );
    expect(refusal(files)).toBe('malformed: ./gateway.json is no JSON, or only a part of it');
    const whole = laid();
    writeFileSync(whole.endpoints, '{"a/1": "nowhere"}');
    // Nothing signs that file: it costs nothing but its own entries.
    expect(refusal(whole)).toBe('taken');
  });

  it('is taken or refused in words, whatever one byte of it is changed to (seed 7)', () => {
    const files = laid();
    const file = path.join(folder, 'gateway.json');
    const right = readFileSync(file);
    const random = seeded(7);
    const outcomes = new Map<string, number>();
    for (let run = 0; run < 400; run++) {
      const bytes = Buffer.from(right);
      bytes[random.whole(0, bytes.length - 1)] = random.whole(0, 255);
      writeFileSync(file, bytes);
      const [code] = refusal(files).split(':');
      outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
    }
    expect(
      [...outcomes.keys()].every((c) =>
        ['taken', 'malformed', 'version', 'foreign', 'older', 'forked', 'keys'].includes(c),
      ),
    ).toBe(true);
    expect(outcomes.get('malformed')).toBeGreaterThan(100);
  });
});

describe('the record of what is applied', () => {
  it('is read back as written, is absent at first, and is never guessed when damaged', () => {
    expect(readApplied(folder)).toBeNull();
    writeApplied(folder, record);
    expect(readApplied(folder)).toEqual(record);
    writeFileSync(path.join(folder, 'applied.json'), '{"network": "demo"');
    expect(() => readApplied(folder)).toThrow('is damaged');
  });
});
