import { cloudFacts, cloudNames, inClouds, tryCloudOf, tryPlace, type CloudFacts } from '../catalog';
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
import { checkTags } from './check-tags';
import { isKnownAtApply } from './known-at-apply';
import type { AddressPools, Region } from './network';
import type { RawPath, Reporter } from './reporter';

const allClouds = cloudNames.map(cloudFacts);

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
  checkGateways(defaults, allClouds, ['defaults', 'gateways'], reporter);
  const regions = ids.flatMap((id) => checkRegion(id, description, pools, reporter) ?? []);
  checkBlocks(regions, reporter);
  checkPrefixesApart(regions, description, reporter);
  checkEndpoints(regions, pools, reporter);
  return regions;
}

/** @param clouds whose types the gateways may have. */
function checkGateways(
  raw: RegionDescription['gateways'],
  clouds: readonly CloudFacts[],
  path: RawPath,
  reporter: Reporter,
): void {
  readWhole(raw?.count, 1, 2, [...path, 'count'], reporter);
  const type = raw?.instanceType;
  if (type === undefined || clouds.some(({ gatewayTypes }) => gatewayTypes.has(type))) return;
  const near = reporter.nearest(
    type,
    clouds.flatMap(({ gatewayTypes }) => [...gatewayTypes.keys()]),
  );
  const hints = clouds.map(({ typesHint }) => typesHint).join('; ');
  const next = `${near ? `did you mean '${near}'? ` : ''}the catalog has ${hints}`;
  reporter.error('unknown-instance-type', [...path, 'instanceType'], `unknown instance type '${type}'`, next);
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
  const cloud = site && tryCloudOf(site);
  const clouds = cloud ? [cloud] : allClouds;
  if (!raw.external) checkGateways(raw.gateways, clouds, [...at, 'gateways'], reporter);
  const block = raw.block === undefined ? null : checkBlock(raw.block, pools, [...at, 'block'], reporter);
  const prefixes = checkPrefixes(raw.prefixes ?? [], pools, [...at, 'prefixes'], reporter);
  const fallback = raw.external ? 1 : (description.defaults?.gateways?.count ?? 1);
  const given = raw.gateways?.count ?? fallback;
  // Another count is reported; its links and subnets are not at fault.
  const gatewayCount = given === 1 || given === 2 ? given : 1;
  if (!raw.external) checkVpc(raw, gatewayCount, clouds, at, reporter);
  checkTags(raw.tags, clouds, [...at, 'tags'], reporter);
  if (!site) return undefined;
  return {
    id,
    ...site,
    block,
    prefixes,
    gatewayCount,
    ...(cloud ? gatewayOf(raw, description, cloud) : { instanceType: null, gatewayMbps: null }),
    drained: raw.drained ?? false,
    transit: raw.transit ?? true,
    vpc: raw.vpc
      ? { id: raw.vpc.id, publicSubnets: raw.vpc.publicSubnets, routeTables: raw.vpc.routeTables }
      : null,
    tags: raw.tags ?? {},
  };
}

/** The type of a region's gateways: its own, the default of all if its cloud has that, or the cloud's. */
function gatewayOf(
  raw: RegionDescription,
  { defaults }: NetworkDescription,
  { gatewayTypes, defaultType }: CloudFacts,
): Pick<Region, 'instanceType' | 'gatewayMbps'> {
  const wide = defaults?.gateways?.instanceType;
  const fallback = wide !== undefined && gatewayTypes.has(wide) ? wide : defaultType;
  const instanceType = raw.gateways?.instanceType ?? fallback;
  // An unknown type is reported; its links are not at fault.
  return { instanceType, gatewayMbps: gatewayTypes.get(instanceType) ?? gatewayTypes.get(defaultType)! };
}

type Site = Pick<
  Region,
  'provider' | 'place' | 'city' | 'country' | 'lat' | 'lon' | 'endpoint' | 'endpointPrivate'
>;

function checkPlace(id: string, raw: RegionDescription, at: RawPath, reporter: Reporter): Site | undefined {
  const code = raw.place ?? id;
  const found = tryPlace(code);
  if (!found) {
    const hint = placeHint(code);
    const wanted = inClouds(({ placeCode }) => placeCode, ' or ');
    if (raw.place !== undefined) {
      const next = `${hint}give ${wanted}, or 'external' for a site elsewhere`;
      reporter.error('unknown-place', [...at, 'place'], `unknown place '${code}'`, next);
    } else {
      const next = `${hint}give 'place' with ${wanted}, or 'external'`;
      reporter.error('unknown-place', at, `'${id}' is not ${wanted} and the region has no place`, next);
    }
    return undefined;
  }
  const { city, country, lat, lon } = found.place;
  return {
    provider: found.cloud,
    place: code,
    city,
    country,
    lat,
    lon,
    endpoint: null,
    endpointPrivate: false,
  };
}

/** A guess at the meaning of a place that the catalog does not have; ends in a space, or is empty. */
function placeHint(code: string): string {
  for (const cloud of allClouds) {
    const hint = cloud.tryPlaceHint(code);
    if (hint !== undefined) return `${hint}; `;
  }
  const near = nearest(
    code,
    allClouds.flatMap(({ places }) => [...places.keys()]),
  );
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
      const message = `${value} is not a ${key === 'lat' ? 'latitude' : 'longitude'}`;
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
        `'${location.country}' is not a country code`,
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

function checkVpc(
  raw: RegionDescription,
  gatewayCount: number,
  clouds: readonly CloudFacts[],
  at: RawPath,
  reporter: Reporter,
): void {
  if (!raw.vpc) return;
  const checkGivenId = (id: string, kind: keyof CloudFacts['givenIds'], path: RawPath) => {
    const shapes = clouds.map(({ givenIds }) => givenIds[kind]);
    if (isKnownAtApply(id) || shapes.some(({ pattern }) => pattern.test(id))) return;
    const [{ example }] = shapes;
    reporter.error('bad-vpc', path, `'${id}' is not the id of a ${kind}`, `write it like '${example}'`);
  };
  if (raw.block === undefined) {
    const next = "give the VPC's IPv4 block as 'block'";
    reporter.error('vpc-without-block', at, 'an existing VPC needs its block to be named', next);
  }
  checkGivenId(raw.vpc.id, 'VPC', [...at, 'vpc', 'id']);
  raw.vpc.publicSubnets.forEach((id, i) => checkGivenId(id, 'subnet', [...at, 'vpc', 'publicSubnets', i]));
  raw.vpc.routeTables.forEach((id, i) => checkGivenId(id, 'route table', [...at, 'vpc', 'routeTables', i]));
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
