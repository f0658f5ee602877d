import {
  addressAt,
  findRangeFault,
  formatPrefix,
  parsePrefix,
  rangeOf,
  specialRanges,
  tryParseAddress,
  type AddressUse,
  type Prefix,
} from '../../lib/net';

/**
 * The kind of the last address before each range, of its first, of its last, and of the first behind; '-'
 * where there is none. Made with Python's ipaddress (3.12); what is not global there is not global here.
 */
const edges: readonly (readonly [string, string])[] = [
  ['0.0.0.0/0', '- reserved reserved -'],
  ['0.0.0.0/8', '- reserved reserved global'],
  ['10.0.0.0/8', 'global local local global'],
  ['100.64.0.0/10', 'global local local global'],
  ['127.0.0.0/8', 'global reserved reserved global'],
  ['169.254.0.0/16', 'global reserved reserved global'],
  ['172.16.0.0/12', 'global local local global'],
  ['172.17.0.0/16', 'local crowded crowded local'],
  ['192.0.0.0/24', 'global reserved reserved global'],
  ['192.0.2.0/24', 'global documentation documentation global'],
  ['192.31.196.0/24', 'global reserved reserved global'],
  ['192.52.193.0/24', 'global reserved reserved global'],
  ['192.88.99.0/24', 'global reserved reserved global'],
  ['192.168.0.0/16', 'global local local global'],
  ['192.175.48.0/24', 'global reserved reserved global'],
  ['198.18.0.0/15', 'global local local global'],
  ['198.51.100.0/24', 'global documentation documentation global'],
  ['203.0.113.0/24', 'global documentation documentation global'],
  ['224.0.0.0/4', 'global reserved reserved reserved'],
  ['240.0.0.0/4', 'reserved reserved reserved -'],
  ['255.255.255.255/32', 'reserved reserved reserved -'],
  ['::/0', '- reserved reserved -'],
  ['::/96', '- reserved reserved reserved'],
  ['::/128', '- reserved reserved reserved'],
  ['::1/128', 'reserved reserved reserved reserved'],
  ['::ffff:0:0/96', 'reserved reserved reserved reserved'],
  ['64:ff9b::/96', 'reserved reserved reserved reserved'],
  ['64:ff9b:1::/48', 'reserved reserved reserved reserved'],
  ['100::/64', 'reserved reserved reserved reserved'],
  ['100:0:0:1::/64', 'reserved reserved reserved reserved'],
  ['2000::/3', 'reserved global global reserved'],
  ['2001::/23', 'global reserved reserved global'],
  ['2001::/32', 'global reserved reserved reserved'],
  ['2001:2::/48', 'reserved reserved reserved reserved'],
  ['2001:10::/28', 'reserved reserved reserved reserved'],
  ['2001:20::/28', 'reserved reserved reserved reserved'],
  ['2001:db8::/32', 'global documentation documentation global'],
  ['2002::/16', 'global reserved reserved global'],
  ['2620:4f:8000::/48', 'global reserved reserved global'],
  ['3fff::/20', 'global documentation documentation global'],
  ['5f00::/16', 'reserved reserved reserved reserved'],
  ['fc00::/7', 'reserved reserved local reserved'],
  ['fd00::/8', 'reserved local local reserved'],
  ['fd00:ec2::/32', 'local reserved reserved local'],
  ['fe80::/10', 'reserved reserved reserved reserved'],
  ['fec0::/10', 'reserved reserved reserved reserved'],
  ['ff00::/8', 'reserved reserved reserved -'],
];

const judge = (text: string, use: AddressUse) => {
  const fault = findRangeFault(tryParseAddress(text) ?? parsePrefix(text), use);
  return fault && `${fault.severity}[${fault.code}]`;
};

function kindAt(range: Prefix, offset: bigint): string {
  const bits = range.family === 4 ? 32n : 128n;
  const value = range.value + offset;
  if (value < 0n || value >= 1n << bits) return '-';
  return rangeOf({ family: range.family, value, length: Number(bits) }).kind;
}

describe('the table of special ranges', () => {
  it('is tested whole', () => {
    expect(edges.map(([text]) => text)).toEqual(specialRanges.map(({ prefix }) => formatPrefix(prefix)));
    expect(new Set(edges.map(([text]) => text)).size).toBe(edges.length);
  });

  it.each(edges)('knows %s at its edges', (text, kinds) => {
    const prefix = parsePrefix(text);
    const size = 1n << BigInt((prefix.family === 4 ? 32 : 128) - prefix.length);
    expect([-1n, 0n, size - 1n, size].map((i) => kindAt(prefix, i)).join(' ')).toBe(kinds);
  });

  it('names a document for each row', () => {
    for (const { source, name } of specialRanges) {
      expect(source).toMatch(/^RFC \d+$|^Amazon EC2 User Guide$|^dockerd, setting bip$/);
      expect(name).not.toBe('');
    }
  });

  const uses: readonly AddressUse[] = ['block', 'inner', 'ipv6', 'endpoint', 'private-endpoint'];

  it.each(specialRanges.filter((r) => r.kind === 'reserved').map((r) => formatPrefix(r.prefix)))(
    'refuses %s for every use, as a whole and by its first address',
    (text) => {
      for (const use of uses) {
        expect(judge(text, use)).toBe('error[address-reserved]');
        expect(judge(addressAt(parsePrefix(text), 0), use)).toBe('error[address-reserved]');
      }
    },
  );
});

describe('what addresses are wanted for', () => {
  it.each<[string, string, string, string, string]>([
    // block, inner, endpoint, endpoint behind private lines
    ['10.1.0.0/16', '-', '-', 'error[endpoint-not-public]', '-'],
    ['192.168.7.0/24', '-', '-', 'error[endpoint-not-public]', '-'],
    ['100.70.0.0/16', '-', '-', 'error[endpoint-not-public]', '-'],
    ['198.18.0.0/15', '-', '-', 'error[endpoint-not-public]', '-'],
    ['172.17.0.0/16', 'warning[address-crowded]', '-', 'error[endpoint-not-public]', '-'],
    ['172.17.128.0/20', 'warning[address-crowded]', '-', 'error[endpoint-not-public]', '-'],
    ['8.8.8.0/24', 'warning[address-public]', 'warning[address-public]', '-', '-'],
    [
      '203.0.113.0/24',
      'warning[address-documentation]',
      'warning[address-documentation]',
      'warning[address-documentation]',
      '-',
    ],
  ])('%s: block %s, inner %s, endpoint %s, private endpoint %s', (text, block, inner, endpoint, own) => {
    const address = addressAt(parsePrefix(text), 1);
    expect(judge(text, 'block') ?? '-').toBe(block);
    expect(judge(text, 'inner') ?? '-').toBe(inner);
    expect(judge(address, 'endpoint') ?? '-').toBe(endpoint);
    expect(judge(address, 'private-endpoint') ?? '-').toBe(own);
  });

  it.each([
    ['fd12:3456:789a::/48', '-'],
    ['2a05:d000::/48', '-'],
    ['2001:db8:1::/48', 'warning[address-documentation]'],
    ['fc12:3456:789a::/48', 'error[address-reserved]'],
    ['fd00:ec2::/48', 'error[address-reserved]'],
    ['4000:1::/48', 'error[address-reserved]'],
  ])('an IPv6 pool %s: %s', (text, verdict) => {
    expect(judge(text, 'ipv6') ?? '-').toBe(verdict);
  });

  it('refuses what holds a reserved range as well as what lies in one', () => {
    for (const text of [
      '160.0.0.0/4',
      '192.0.0.0/16',
      '0.0.0.0/0',
      '169.254.169.254/32',
      '255.255.255.255/32',
    ])
      expect(judge(text, 'block')).toBe('error[address-reserved]');
    expect(findRangeFault(parsePrefix('192.0.0.0/16'), 'block')?.message).toBe(
      '192.0.0.0/16 holds 192.0.0.0/24: it is for IETF protocols (RFC 6890)',
    );
  });

  it('tells what the range is and what to use instead', () => {
    expect(findRangeFault(parsePrefix('127.0.0.0/16'), 'block')).toEqual({
      severity: 'error',
      code: 'address-reserved',
      message: '127.0.0.0/16 is loopback (127.0.0.0/8, RFC 1122)',
      next: 'use private space: 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918)',
    });
    expect(findRangeFault(tryParseAddress('fd00:ec2::254')!, 'endpoint')?.message).toBe(
      'fd00:ec2::254 is the metadata, DNS and time services of EC2 (fd00:ec2::/32, Amazon EC2 User Guide)',
    );
    expect(findRangeFault(tryParseAddress('10.0.5.5')!, 'endpoint')?.next).toBe(
      "give the public address of its gateway; if private lines lead there: 'private: true'",
    );
  });
});
