import { subnetBlocks } from '../../lib/clouds/aws/subnets';
import { contains, overlaps, parsePrefix } from '../../lib/net';

describe('the subnets of a region', () => {
  it.each([
    ['10.0.0.0/16', ['10.0.0.0/20', '10.0.16.0/20'], ['10.0.128.0/18', '10.0.192.0/18']],
    ['10.1.2.0/24', ['10.1.2.0/28', '10.1.2.16/28'], ['10.1.2.128/26', '10.1.2.192/26']],
    ['10.1.2.128/25', ['10.1.2.128/28', '10.1.2.144/28'], ['10.1.2.192/27', '10.1.2.224/27']],
    ['10.1.2.64/26', ['10.1.2.64/28', '10.1.2.80/28'], ['10.1.2.96/28', '10.1.2.112/28']],
  ])('of %s are %j for gateways and %j for workloads', (block, publicBlocks, privateBlocks) => {
    expect(subnetBlocks(block)).toEqual({ public: publicBlocks, private: privateBlocks });
  });

  it('lie in the block, are no longer than AWS allows, and do not overlap, for every length', () => {
    for (let length = 16; length <= 26; length++) {
      const block = `10.0.0.0/${length}`;
      const { public: a, private: b } = subnetBlocks(block);
      const all = [...a, ...b].map((text) => parsePrefix(text));
      all.forEach((one, i) => {
        expect(contains(parsePrefix(block), one)).toBe(true);
        expect(one.length).toBeLessThanOrEqual(28);
        for (const other of all.slice(i + 1)) expect(overlaps(one, other)).toBe(false);
      });
    }
  });

  it('do not exist for a block longer than /26', () => {
    expect(() => subnetBlocks('10.0.0.0/27')).toThrow(RangeError);
  });
});
