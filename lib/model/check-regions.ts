import { awsRegions, gatewayInternetMbps, gatewayTypes } from '../catalog';
import { nearest } from '../diagnostics';
import { addressAt, tryParseAddress } from '../net';
import { count } from '../units';
import {
  checkBlock,
  checkBlocks,
  checkEndpoints,
  checkPrefixes,
  checkPrefixesApart,
  checkRange,
} from './check-addresses';
import type { NetworkDescription, RegionDescription } from './description';
import { checkId, readWhole } from './figure-reader';
import { isKnownAtApply } from './known-at-apply';
import type { AddressPools, Region } from './network';
import type { RawPath, Reporter } from './reporter';

export const defaultInstanceType = 'c7gn.large';

/** Checks and completes the regions, sorted by id. Faulty ones are reported and left out. */
export function checkRegions(
  description: NetworkDescription,
  pools: AddressPools,
  reporter: Reporter,
): Region[] {
  const ids = Object.keys(description.regions).sort();
  if (ids.length === 0) {
    reporter.error(
      'no-regions',
      ['regions'],
      'there is no region',
      "add one: 'virginia: { place: us-east-1 }'",
    );
  }
  const defaults = description.defaults?.gateways ?? {};
  checkGateways(defaults, ['defaults', 'gateways'], reporter);
  const regions = ids.flatMap((id) => checkRegion(id, description, pools, reporter) ?? []);
  checkBlocks(regions, reporter);
  checkPrefixesApart(regions, description, reporter);
  checkEndpoints(regions, pools, reporter);
  return regions;
}

function checkGateways(raw: RegionDescription['gateways'], path: RawPath, reporter: Reporter): void {
  readWhole(raw?.count, 1, 2, [...path, 'count'], reporter);
  const type = raw?.instanceType;
  if (type === undefined || gatewayTypes.has(type)) return;
  const near = reporter.nearest(type, gatewayTypes.keys());
  const next = `${near ? `did you mean '${near}'? ` : ''}the catalog has the families ${families().join(', ')} (arm64)`;
  reporter.error('unknown-instance-type', [...path, 'instanceType'], `unknown instance type '${type}'`, next);
}

function families(): string[] {
  return [...new Set([...gatewayTypes.keys()].map((name) => name.split('.')[0]))].sort();
}

function checkRegion(
  id: string,
  description: NetworkDescription,
  pools: AddressPools,
  reporter: Reporter,
): Region | undefined {
  const raw = description.regions[id];
  const at: RawPath = ['regions', id];
  if (!checkId(id, 'region', at, reporter)) return undefined;
  const site = raw.external ? checkExternal(raw, at, reporter) : checkPlace(id, raw, at, reporter);
  if (!raw.external) checkGateways(raw.gateways, [...at, 'gateways'], reporter);
  const block = raw.block === undefined ? null : checkBlock(raw.block, pools, [...at, 'block'], reporter);
  const prefixes = checkPrefixes(raw.prefixes ?? [], pools, [...at, 'prefixes'], reporter);
  const fallback = raw.external ? 1 : (description.defaults?.gateways?.count ?? 1);
  const given = raw.gateways?.count ?? fallback;
  // Another count is reported; its links and subnets are not at fault.
  const gatewayCount = given === 1 || given === 2 ? given : 1;
  if (!raw.external) checkVpc(raw, gatewayCount, at, reporter);
  checkTags(raw.tags, [...at, 'tags'], reporter);
  if (!site) return undefined;
  const type =
    raw.gateways?.instanceType ?? description.defaults?.gateways?.instanceType ?? defaultInstanceType;
  const aws = site.provider === 'aws';
  return {
    id,
    ...site,
    block,
    prefixes,
    gatewayCount,
    instanceType: aws ? type : null,
    // An unknown type is reported; its links are not at fault.
    gatewayMbps: aws
      ? gatewayInternetMbps(gatewayTypes.get(type) ?? gatewayTypes.get(defaultInstanceType)!)
      : null,
    drained: raw.drained ?? false,
    transit: raw.transit ?? true,
    vpc: raw.vpc
      ? { id: raw.vpc.id, publicSubnets: raw.vpc.publicSubnets, routeTables: raw.vpc.routeTables }
      : null,
    tags: raw.tags ?? {},
  };
}

type Site = Pick<
  Region,
  'provider' | 'place' | 'city' | 'country' | 'lat' | 'lon' | 'endpoint' | 'endpointPrivate'
>;

function checkPlace(id: string, raw: RegionDescription, at: RawPath, reporter: Reporter): Site | undefined {
  const code = raw.place ?? id;
  const place = awsRegions.get(code);
  if (!place) {
    const hint = placeHint(code);
    if (raw.place !== undefined) {
      const next = `${hint}give an AWS region code, or 'external' for a site elsewhere`;
      reporter.error('unknown-place', [...at, 'place'], `unknown place '${code}'`, next);
    } else {
      const next = `${hint}give 'place' with an AWS region code, or 'external'`;
      reporter.error('unknown-place', at, `'${id}' is no AWS region code and the region has no place`, next);
    }
    return undefined;
  }
  const { city, country, lat, lon } = place;
  return { provider: 'aws', place: code, city, country, lat, lon, endpoint: null, endpointPrivate: false };
}

/** What somebody may mean by a place that the catalog does not have; ends in a space, or is empty. */
function placeHint(code: string): string {
  if (/^(us-gov|us-iso[a-z]*|eu-isoe|eusc|cn)-/.test(code))
    return 'it lies in a partition of AWS of its own, which no gateway of ours can be deployed to; ';
  const zone = /^(.+\d)[a-z]$/.exec(code)?.[1];
  if (zone !== undefined && awsRegions.has(zone)) return `it is a zone of '${zone}'; `;
  const near = nearest(code, awsRegions.keys());
  return near ? `did you mean '${near}'? ` : '';
}

function checkExternal(raw: RegionDescription, at: RawPath, reporter: Reporter): Site | undefined {
  const external = raw.external!;
  if (raw.place !== undefined) {
    reporter.error('place-and-external', at, "has both 'place' and 'external'", 'keep one of them');
  }
  if (raw.vpc)
    reporter.error('vpc-outside-aws', [...at, 'vpc'], 'an external region has no VPC', "remove 'vpc'");
  if (raw.gateways?.instanceType !== undefined) {
    const message = "an external region's gateway is no EC2 instance";
    reporter.error(
      'external-gateways',
      [...at, 'gateways', 'instanceType'],
      message,
      "remove 'instanceType'",
    );
  }
  if ((raw.gateways?.count ?? 1) !== 1) {
    const message = 'an external region has one gateway, at its endpoint';
    reporter.error(
      'external-gateways',
      [...at, 'gateways', 'count'],
      message,
      'describe a second site for a second gateway',
    );
  }
  const address = tryParseAddress(external.endpoint);
  const endpointAt = [...at, 'external', 'endpoint'];
  if (address) checkRange(address, external.private ? 'private-endpoint' : 'endpoint', endpointAt, reporter);
  else {
    const message = `'${external.endpoint}' is not an IP address`;
    reporter.error('bad-endpoint', endpointAt, message, 'give the public address of its gateway');
  }
  const location = external.location;
  if (location) {
    const range = (key: 'lat' | 'lon', most: number) => {
      const value = location[key];
      if (value >= -most && value <= most) return true;
      const message = `${value} is no ${key === 'lat' ? 'latitude' : 'longitude'}`;
      reporter.error(
        'bad-coordinates',
        [...at, 'external', 'location', key],
        message,
        `give -${most} to ${most} degrees`,
      );
      return false;
    };
    const valid = [range('lat', 90), range('lon', 180)];
    if (location.country !== undefined && !/^[A-Z]{2}$/.test(location.country)) {
      const path = [...at, 'external', 'location', 'country'];
      reporter.error(
        'bad-country',
        path,
        `'${location.country}' is no country code`,
        'give two capital letters (ISO 3166-1)',
      );
    }
    checkCity(location.city, [...at, 'external', 'location', 'city'], reporter);
    if (valid.includes(false)) return undefined;
  }
  return {
    provider: 'external',
    place: null,
    city: location?.city ?? null,
    country: location?.country ?? null,
    lat: location?.lat ?? null,
    lon: location?.lon ?? null,
    endpoint: address ? addressAt(address, 0) : external.endpoint,
    endpointPrivate: external.private ?? false,
  };
}

/**
 * Letters first; then marks, digits, spaces and the punctuation of names, as in `St. John's (Newfoundland)`.
 */
const cityShape = /^\p{L}[\p{L}\p{M}\p{Nd} .,'’()-]{0,63}$/u;

function checkCity(city: string | undefined, path: RawPath, reporter: Reporter): void {
  // Some letters are invisible, such as the fillers of Hangul.
  if (city === undefined || (cityShape.test(city) && !/\p{Default_Ignorable_Code_Point}/u.test(city))) return;
  const next = "use up to 64 letters, digits, spaces and . , ' ( ) -, beginning with a letter";
  reporter.error('bad-city', path, `'${city}' is not the name of a city`, next);
}

function checkVpc(raw: RegionDescription, gatewayCount: number, at: RawPath, reporter: Reporter): void {
  if (!raw.vpc) return;
  if (raw.block === undefined) {
    const next = "give the VPC's IPv4 block as 'block'";
    reporter.error('vpc-without-block', at, 'an existing VPC needs its block to be named', next);
  }
  checkAwsId(raw.vpc.id, 'VPC', [...at, 'vpc', 'id'], reporter);
  raw.vpc.publicSubnets.forEach((id, i) =>
    checkAwsId(id, 'subnet', [...at, 'vpc', 'publicSubnets', i], reporter),
  );
  raw.vpc.routeTables.forEach((id, i) =>
    checkAwsId(id, 'route table', [...at, 'vpc', 'routeTables', i], reporter),
  );
  if (raw.vpc.publicSubnets.length < gatewayCount) {
    const subnets = count(raw.vpc.publicSubnets.length, 'public subnet');
    const message = `has ${subnets} for ${count(gatewayCount, 'gateway')}`;
    reporter.error(
      'vpc-subnets',
      [...at, 'vpc', 'publicSubnets'],
      message,
      'name one public subnet per gateway',
    );
  }
  if (new Set(raw.vpc.publicSubnets).size < raw.vpc.publicSubnets.length) {
    const next = 'name one per zone: two gateways share none';
    reporter.error('vpc-subnets', [...at, 'vpc', 'publicSubnets'], 'names a subnet twice', next);
  }
  if (new Set(raw.vpc.routeTables).size < raw.vpc.routeTables.length) {
    const path = [...at, 'vpc', 'routeTables'];
    reporter.error('vpc-route-tables', path, 'names a route table twice', 'name each once');
  }
}

/** What the ids of things in EC2 begin with; 8 or 17 hex digits follow. */
const awsIdPrefixes = { VPC: 'vpc', subnet: 'subnet', 'route table': 'rtb' } as const;

function checkAwsId(id: string, kind: keyof typeof awsIdPrefixes, path: RawPath, reporter: Reporter): void {
  if (isKnownAtApply(id)) return;
  const prefix = awsIdPrefixes[kind];
  if (new RegExp(`^${prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`).test(id)) return;
  reporter.error(
    'bad-vpc',
    path,
    `'${id}' is not the id of a ${kind}`,
    `write it like '${prefix}-0123456789abcdef0'`,
  );
}

/**
 * Tags: AWS allows 50 a resource with keys up to 128 and values up to 256 characters, none starting with
 * `aws:`. Which characters depends on the service; IAM, whose roles are tagged too, takes the fewest.
 */
export function checkTags(
  tags: Readonly<Record<string, string>> | undefined,
  path: RawPath,
  reporter: Reporter,
): void {
  const entries = Object.entries(tags ?? {});
  if (entries.length > 40) {
    reporter.error('bad-tag', path, `${entries.length} tags`, 'keep 40 at most; AWS allows 50 with ours');
  }
  for (const [key, value] of entries) {
    const wrong =
      key.length === 0 || key.length > 128
        ? 'has no key, or one over 128 characters'
        : /^(aws|dwcp):/i.test(key)
          ? 'starts with a reserved prefix'
          : value.length > 256
            ? 'has a value over 256 characters'
            : undefined;
    if (wrong) {
      reporter.error('bad-tag', [...path, key], `tag '${key}' ${wrong}`, 'rename or shorten it');
      continue;
    }
    const shown = `tag '${key}', '${value}'`;
    if (invisible.test(key + value)) {
      const message = `${shown} has a control or invisible character`;
      reporter.error('bad-tag', [...path, key], message, 'remove it');
    } else if (!iamTagShape.test(key + value)) {
      const message = `${shown} has a character that IAM does not take in tags`;
      const next = 'use letters, digits, spaces and _ . : / = + - @, or Terraform will fail to tag the roles';
      reporter.warn('tag-characters', [...path, key], message, next);
    }
  }
}

const iamTagShape = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
