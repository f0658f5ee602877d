import type { CloudFacts } from '../cloud';
import { awsCharges, priceRegion } from './charges';
import { gatewayBackSeconds } from './gateway-alarms';
import { gatewayInternetMbps, gatewayTypes } from './gateway-types';
import { awsQuotas, awsQuotaUses } from './quotas';
import { awsRegions, tryRegionHint } from './regions';
import { tryRttMs } from './rtt';
import { awsTagRules } from './tag-rules';
import { awsPricesAsOf, transferPriceUsdPerGb } from './transfer-price';

const families = [...new Set([...gatewayTypes.keys()].map((name) => name.split('.')[0]))].sort();
const idShape = (prefix: string) => ({
  pattern: new RegExp(`^${prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`),
  example: `${prefix}-0123456789abcdef0`,
});

/** AWS, as planning knows it. */
export const awsFacts: CloudFacts = {
  title: 'AWS',
  placeCode: 'an AWS region code',
  places: awsRegions,
  tryPlaceHint: tryRegionHint,
  gatewayTypes: new Map([...gatewayTypes].map(([name, type]) => [name, gatewayInternetMbps(type)])),
  typesHint: `the families ${families.join(', ')} (arm64)`,
  defaultType: 'c7gn.large',
  // A flow outside a placement group gets no more (EC2).
  mostFlowMbps: 5000,
  backSeconds: gatewayBackSeconds,
  givenIds: { VPC: idShape('vpc'), subnet: idShape('subnet'), 'route table': idShape('rtb') },
  tagRules: awsTagRules,
  madeTables: [
    { name: 'public', zone: 1, workloads: false },
    { name: 'private-1', zone: 1, workloads: true },
    { name: 'private-2', zone: 2, workloads: true },
  ],
  tryRttMs,
  transferPriceUsdPerGb,
  pricesAsOf: awsPricesAsOf,
  priceRegion,
  charges: awsCharges,
  quotas: awsQuotas,
  quotaPlace: 'Service Quotas of each region',
  quotaUses: awsQuotaUses,
};
