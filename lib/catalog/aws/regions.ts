import type { Place } from '../place';

type Row = readonly [string, string, Place['area'], number, number, number | null];

/**
 * The 36 commercial AWS regions: nearest city, coordinates at city level (AWS publishes no exact sites),
 * ISO 3166 country, and the list price in USD per GB of traffic leaving for another AWS region (null: not
 * known). Places as of 2026, prices are list prices of 2023 and 2024. One row: city, country, area,
 * latitude, longitude, price.
 */
const rows: Readonly<Record<string, Row>> = {
  'af-south-1': ['Cape Town', 'ZA', 'AF', -33.92, 18.42, 0.147],
  'ap-east-1': ['Hong Kong', 'HK', 'AP', 22.32, 114.17, 0.09],
  'ap-east-2': ['Taipei', 'TW', 'AP', 25.03, 121.57, null],
  'ap-northeast-1': ['Tokyo', 'JP', 'AP', 35.68, 139.69, 0.09],
  'ap-northeast-2': ['Seoul', 'KR', 'AP', 37.57, 126.98, 0.08],
  'ap-northeast-3': ['Osaka', 'JP', 'AP', 34.69, 135.5, 0.09],
  'ap-south-1': ['Mumbai', 'IN', 'AP', 19.08, 72.88, 0.086],
  'ap-south-2': ['Hyderabad', 'IN', 'AP', 17.39, 78.49, 0.086],
  'ap-southeast-1': ['Singapore', 'SG', 'AP', 1.35, 103.82, 0.09],
  'ap-southeast-2': ['Sydney', 'AU', 'AP', -33.87, 151.21, 0.098],
  'ap-southeast-3': ['Jakarta', 'ID', 'AP', -6.21, 106.85, 0.1],
  'ap-southeast-4': ['Melbourne', 'AU', 'AP', -37.81, 144.96, null],
  'ap-southeast-5': ['Kuala Lumpur', 'MY', 'AP', 3.14, 101.69, 0.08],
  'ap-southeast-6': ['Auckland', 'NZ', 'AP', -36.85, 174.76, null],
  'ap-southeast-7': ['Bangkok', 'TH', 'AP', 13.76, 100.5, null],
  'ca-central-1': ['Montreal', 'CA', 'NA', 45.5, -73.57, 0.02],
  'ca-west-1': ['Calgary', 'CA', 'NA', 51.05, -114.07, 0.02],
  'eu-central-1': ['Frankfurt', 'DE', 'EU', 50.11, 8.68, 0.02],
  'eu-central-2': ['Zurich', 'CH', 'EU', 47.38, 8.54, 0.02],
  'eu-north-1': ['Stockholm', 'SE', 'EU', 59.33, 18.07, 0.02],
  'eu-south-1': ['Milan', 'IT', 'EU', 45.46, 9.19, 0.02],
  'eu-south-2': ['Aragon (Zaragoza)', 'ES', 'EU', 41.65, -0.89, 0.02],
  'eu-west-1': ['Dublin', 'IE', 'EU', 53.35, -6.26, 0.02],
  'eu-west-2': ['London', 'GB', 'EU', 51.51, -0.13, 0.02],
  'eu-west-3': ['Paris', 'FR', 'EU', 48.86, 2.35, 0.02],
  'il-central-1': ['Tel Aviv', 'IL', 'ME', 32.09, 34.78, 0.08],
  'me-central-1': ['UAE (Dubai/Abu Dhabi)', 'AE', 'ME', 24.9, 54.9, 0.085],
  'me-south-1': ['Bahrain (Manama)', 'BH', 'ME', 26.07, 50.55, 0.1105],
  'me-west-1': ['Saudi Arabia (Riyadh, approximate)', 'SA', 'ME', 24.71, 46.68, null],
  'mx-central-1': ['Queretaro', 'MX', 'NA', 20.59, -100.39, null],
  'sa-east-1': ['Sao Paulo', 'BR', 'SA', -23.55, -46.63, 0.138],
  'sa-west-1': ['Santiago', 'CL', 'SA', -33.45, -70.67, null],
  'us-east-1': ['N. Virginia (Ashburn)', 'US', 'NA', 39.04, -77.49, 0.02],
  'us-east-2': ['Ohio (Columbus)', 'US', 'NA', 39.96, -83, 0.02],
  'us-west-1': ['N. California (San Francisco Bay)', 'US', 'NA', 37.35, -121.96, 0.02],
  'us-west-2': ['Oregon (Boardman)', 'US', 'NA', 45.84, -119.7, 0.02],
};

/** Place by AWS region code. */
export const awsRegions: ReadonlyMap<string, Place> = new Map(
  Object.entries(rows).map(([code, [city, country, area, lat, lon, transferOutUsdPerGb]]) => [
    code,
    { code, city, country, area, lat, lon, transferOutUsdPerGb },
  ]),
);

/** A guess at the meaning of a code that AWS does not have: the beginning of a sentence. */
export function tryRegionHint(code: string): string | undefined {
  if (/^(us-gov|us-iso[a-z]*|eu-isoe|eusc|cn)-/.test(code))
    return 'it lies in a separate partition of AWS, which no gateway of ours can be deployed to';
  const zone = /^(.+\d)[a-z]$/.exec(code)?.[1];
  return zone !== undefined && awsRegions.has(zone) ? `it is a zone of '${zone}'` : undefined;
}
