import { gatewayState } from '../../lib/gateway';
import { wantedHost } from '../../lib/agent/apply/wanted/wanted-host';
import { parseDescription, type NetworkDescription } from '../../lib/model';
import { planOf } from '../support/plan-of';

const network = (edge?: unknown): NetworkDescription => ({
  network: 'demo',
  regions: { virginia: { place: 'us-east-1' }, dublin: { place: 'eu-west-1' } },
  links: [{ between: ['virginia', 'dublin'], bandwidth: '1 Gbps' }],
  ...(edge !== undefined && { edge: edge as NetworkDescription['edge'] }),
});
const edgeOf = (edge: unknown) => parseDescription(network(edge)).network?.edge;

it('is told nothing unless the description does', () => {
  expect(edgeOf(undefined)).toBeNull();
  expect(edgeOf({})).toEqual({ markBits: null, networkControl: null, open: [] });
  expect(planOf(network())).not.toHaveProperty('edge');
});

it('reads bits, a class and ports in canonical form', () => {
  const open = [
    { port: 22, from: ['fd00:9::/48', '10.9.0.0/16', '10.9.0.0/16'] },
    { port: 161, protocol: 'udp', from: ['10.8.0.0/16'] },
  ];
  expect(edgeOf({ marks: '0x700', networkControl: 'bulk', open })).toEqual({
    markBits: 0x700,
    networkControl: 'bulk',
    open: [
      { protocol: 'tcp', port: 22, from: ['10.9.0.0/16', 'fd00:9::/48'] },
      { protocol: 'udp', port: 161, from: ['10.8.0.0/16'] },
    ],
  });
});

describe('is refused', () => {
  const opened = (rest: object) => ({ open: [{ port: 22, from: ['10.9.0.0/16'], ...rest }] });
  const wrong: [string, object, string, string][] = [
    ['two bits', { marks: '0x3' }, 'bad-marks', '0x1012'],
    ['all bits', { marks: '0xffffffff' }, 'bad-marks', '0x1012'],
    ['bits that are no number', { marks: 'seven' }, 'bad-marks', '0x1012'],
    ['a class that is none', { networkControl: 'urgent' }, 'unknown-value', 'critical'],
    ['a port that is none', opened({ port: 0 }), 'bad-number', '1 to 65535'],
    ['a port for nobody', opened({ from: [] }), 'too-many-prefixes', '1 to 64'],
    ['a port for everybody', opened({ from: ['::/0'] }), 'bad-block', 'who may'],
    ['a source with host bits', opened({ from: ['10.9.0.1/16'] }), 'block-host-bits', '10.9.0.0/16'],
  ];
  it.each(wrong)('%s', (_, edge, code, next) => {
    const { diagnostics } = parseDescription(network(edge));
    expect(diagnostics.map((d) => [d.code, d.path.split(/[.[]/)[0], d.next.includes(next)])).toEqual([
      [code, 'edge', true],
    ]);
  });
});

it('reaches the filters and marks of every gateway, and leaves them as they are without it', () => {
  const scriptOf = (edge?: unknown) => {
    const gateway = gatewayState(planOf(network(edge)), 'dublin/1');
    const settings = { endpoints: new Map(), keys: null, selections: [], openReservations: [] };
    const { objects } = wantedHost(gateway, settings);
    return objects.find(({ kind }) => kind === 'marking')!.script!;
  };
  const [plain, told] = [
    scriptOf(),
    scriptOf({
      marks: '0x700',
      networkControl: 'interactive',
      open: [{ port: 22, from: ['10.9.0.0/16', 'fd00:9::/48'] }],
    }),
  ];
  expect(told).toContain('ip saddr { 10.9.0.0/16 } tcp dport 22 accept');
  expect(told).toContain('ip6 saddr { fd00:9::/48 } tcp dport 22 accept');
  expect(plain).not.toContain('dport 22 ');
  expect(told).toContain('counter name "remarked-control" goto enter-interactive');
  expect(plain).toContain('counter name "remarked-control" goto enter-best-effort');
  expect([/0x1012|0xffffefed/.test(told), /0x700|0xfffff8ff/.test(told)]).toEqual([false, true]);
  expect([/0x1012|0xffffefed/.test(plain), /0x700|0xfffff8ff/.test(plain)]).toEqual([true, false]);
});
