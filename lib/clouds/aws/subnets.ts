import { formatPrefix, parsePrefix, subnet } from '../../net';

/** Longest block that holds four subnets: AWS makes none below /28. */
export const longestVpcBlock = 26;
const longestSubnet = 28;

/** IPv4 prefixes of a region's subnets, by zone. */
export interface SubnetBlocks {
  readonly public: readonly [string, string];
  readonly private: readonly [string, string];
}

/**
 * How a region's block is divided: workloads get its third and fourth quarter, a zone each; gateways the
 * first two sixteenths (from /25 on, /28 each). The second quarter, in blocks of /25 or larger, stays free
 * for subnets of yours.
 *
 * @throws RangeError for a block longer than /26.
 */
export function subnetBlocks(block: string): SubnetBlocks {
  const prefix = parsePrefix(block);
  if (prefix.length > longestVpcBlock) throw new RangeError(`${block} has no room for four subnets`);
  const part = (length: number, index: number) =>
    formatPrefix(subnet(prefix, Math.min(length, longestSubnet), index));
  const [sixteenth, quarter] = [prefix.length + 4, prefix.length + 2];
  return {
    public: [part(sixteenth, 0), part(sixteenth, 1)],
    private: [part(quarter, 2), part(quarter, 3)],
  };
}
