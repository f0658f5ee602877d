import { flatEncap } from '../../../lib/agent/apply/linux/flat-encap';

// As iproute2 6.1 (Debian 12) and 6.15 (Debian 13) list the same route and nexthop.
const cases = [
  [
    { dst: 'fd39::12', encap: 'seg6local', action: 'End.DT6', table: '255', dev: 'd0' },
    { dst: 'fd39::12', encap: { encap_type: 'seg6local', action: 'End.DT6', table: '255' }, dev: 'd0' },
  ],
  [
    { id: 5, encap: 'seg6', mode: 'encap', segs: ['fd39::9', 'fd39::8'], dev: 'd0' },
    { id: 5, encap: { encap_type: 'seg6', mode: 'encap', segs: ['fd39::9', 'fd39::8'] }, dev: 'd0' },
  ],
] as const;

test('an encapsulation reads the same from old and new iproute2', () => {
  for (const [old, recent] of cases) {
    expect(flatEncap(recent)).toEqual(old);
    expect(flatEncap(old)).toEqual(old);
  }
  expect(flatEncap<{ dst: string; encap?: string }>({ dst: '10.0.0.0/8' })).toEqual({ dst: '10.0.0.0/8' });
});
