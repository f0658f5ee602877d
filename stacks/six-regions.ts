import { existsSync } from 'node:fs';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { LocalBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import {
  Demand,
  GlobalNetwork,
  Link,
  Objective,
  Policy,
  Region,
  Reservation,
  type DeploymentProps,
  type PlanResult,
} from '../constructs';
import { exampleFile } from './project-root';

/** The example's stack, its network and what planning it gave. */
export interface SixRegions extends PlanResult {
  readonly stack: TerraformStack;
  readonly network: GlobalNetwork;
}

/** Where the example keeps its lock and its keys, wherever it is run from. */
export function exampleFiles(): DeploymentProps {
  const keysFile = exampleFile('six-regions.keys.json');
  const lockFile = exampleFile('six-regions.lock.json');
  return { lockFile, keysFile: existsSync(keysFile) ? keysFile : false };
}

/**
 * Six AWS regions on six continents, as `stacks/examples/six-regions.yaml` says it in YAML: both give the
 * same plan.
 *
 * @param deployment default: the lock and key files beside the YAML.
 */
export function buildSixRegions(scope: Construct, deployment: DeploymentProps = exampleFiles()): SixRegions {
  const stack = new TerraformStack(scope, 'six-regions');
  // From the stack's folder in cdktf.out to the project. cdktf's default is an absolute path, which would
  // make the output depend on where it was made. Use an S3 backend for anything that lives.
  new LocalBackend(stack, { path: '../../../terraform.six-regions.tfstate' });
  // Every regional resource names its own region; this one is for what has none.
  new AwsProvider(stack, 'aws', { region: 'us-east-1' });

  const network = new GlobalNetwork(stack, 'six-regions', { tags: { owner: 'network' }, ...deployment });
  const regions = addRegions(network);
  addLinks(network, regions);
  addPolicies(network, regions);
  addTraffic(network, regions);
  addObjectives(network, regions);
  return { stack, network, ...network.plan() };
}

/** One region on each continent, by the name of its city. */
type SixCities = ReturnType<typeof addRegions>;

function addRegions(network: GlobalNetwork) {
  const virginia = new Region(network, 'virginia', { place: 'us-east-1', gateways: { count: 2 } });
  const dublin = new Region(network, 'dublin', { place: 'eu-west-1', gateways: { count: 2 } });
  const saopaulo = new Region(network, 'saopaulo', { place: 'sa-east-1' });
  const capetown = new Region(network, 'capetown', { place: 'af-south-1' });
  const singapore = new Region(network, 'singapore', { place: 'ap-southeast-1' });
  const sydney = new Region(network, 'sydney', { place: 'ap-southeast-2' });

  return { virginia, dublin, saopaulo, capetown, singapore, sydney };
}

function addLinks(
  network: GlobalNetwork,
  { virginia, dublin, saopaulo, capetown, singapore, sydney }: SixCities,
): void {
  // Two cables under the North Atlantic that share no landing point.
  new Link(network, 'link-virginia-dublin', {
    between: [virginia, dublin],
    bandwidth: '5 Gbps',
    availability: '99.95 %',
    srlg: ['north-atlantic-1'],
  });
  new Link(network, 'link-virginia-dublin-2', {
    between: [virginia, dublin],
    bandwidth: '2 Gbps',
    rtt: '78 ms',
    availability: '99.9 %',
    srlg: ['north-atlantic-2'],
  });
  new Link(network, 'link-virginia-saopaulo', {
    between: [virginia, saopaulo],
    bandwidth: '3 Gbps',
    availability: '99.9 %',
    srlg: ['americas-east'],
  });
  new Link(network, 'link-virginia-singapore', {
    between: [virginia, singapore],
    bandwidth: '2 Gbps',
    availability: '99.9 %',
    srlg: ['trans-pacific'],
  });
  new Link(network, 'link-virginia-sydney', {
    between: [virginia, sydney],
    bandwidth: '2 Gbps',
    availability: '99.9 %',
    srlg: ['trans-pacific'],
  });
  new Link(network, 'link-dublin-saopaulo', {
    between: [dublin, saopaulo],
    bandwidth: '1 Gbps',
    availability: '99.9 %',
    srlg: ['mid-atlantic'],
  });
  new Link(network, 'link-dublin-capetown', {
    between: [dublin, capetown],
    bandwidth: '2 Gbps',
    availability: '99.8 %',
    srlg: ['west-africa'],
  });
  new Link(network, 'link-dublin-singapore', {
    between: [dublin, singapore],
    bandwidth: '3 Gbps',
    availability: '99.8 %',
    srlg: ['red-sea'],
  });
  new Link(network, 'link-saopaulo-sydney', {
    between: [saopaulo, sydney],
    bandwidth: '1 Gbps',
    availability: '99.8 %',
    srlg: ['south-pacific'],
  });
  new Link(network, 'link-saopaulo-capetown', {
    between: [saopaulo, capetown],
    bandwidth: '1 Gbps',
    availability: '99.8 %',
    srlg: ['south-atlantic'],
  });
  // Everything from Singapore to the south and west passes the Sunda Strait.
  new Link(network, 'link-capetown-singapore', {
    between: [capetown, singapore],
    bandwidth: '1 Gbps',
    availability: '99.8 %',
    srlg: ['sunda-strait'],
  });
  new Link(network, 'link-singapore-sydney', {
    between: [singapore, sydney],
    bandwidth: '3 Gbps',
    availability: '99.9 %',
    srlg: ['sunda-strait'],
  });
}

function addPolicies(network: GlobalNetwork, { virginia, dublin, capetown, sydney }: SixCities): void {
  new Policy(network, 'regulated', {
    from: [dublin, capetown],
    to: [sydney],
    classes: ['critical'],
    priority: 10,
    avoid: { countries: ['SG'] },
  });
  new Policy(network, 'transatlantic', {
    from: [virginia],
    to: [dublin],
    classes: ['critical'],
    disjoint: 'srlg',
  });
  new Policy(network, 'calls', { classes: ['realtime'], strategy: 'latency', maxLatency: '250 ms' });
  new Policy(network, 'bulk-by-cost', { classes: ['bulk'], strategy: 'cost', ecmpTolerance: '5 %' });
}

function addTraffic(
  network: GlobalNetwork,
  { virginia, dublin, saopaulo, capetown, singapore, sydney }: SixCities,
): void {
  new Demand(network, 'orders', { from: virginia, to: dublin, bandwidth: '300 Mbps', class: 'critical' });
  new Demand(network, 'voice', { from: dublin, to: singapore, bandwidth: '150 Mbps', class: 'realtime' });
  new Demand(network, 'web', { from: saopaulo, to: virginia, bandwidth: '400 Mbps', class: 'interactive' });
  new Demand(network, 'warehouse', { from: capetown, to: dublin, bandwidth: '500 Mbps', class: 'bulk' });
  new Demand(network, 'mirrors', { from: singapore, to: sydney, bandwidth: '300 Mbps' });

  new Reservation(network, 'nightly-backup', {
    from: dublin,
    to: virginia,
    bandwidth: '1 Gbps',
    class: 'bulk',
    window: {
      start: '2026-12-01T22:00',
      duration: '4 h',
      recur: 'daily',
      until: '2027-06-30',
      timeZone: 'Europe/Dublin',
    },
  });
  new Reservation(network, 'market-data', {
    from: virginia,
    to: singapore,
    bandwidth: '200 Mbps',
    class: 'critical',
    setupPriority: 2,
  });
}

function addObjectives(network: GlobalNetwork, { virginia, dublin }: SixCities): void {
  new Objective(network, 'any-link-may-fail', { survive: 'link' });
  new Objective(network, 'any-cable-may-fail', { survive: 'srlg' });
  new Objective(network, 'two-backups', { classes: ['critical', 'interactive'], minBackups: 2 });
  new Objective(network, 'orders-arrive', { classes: ['critical'], availability: '99.99 %' });
  new Objective(network, 'fast-transatlantic', { from: [virginia], to: [dublin], maxLatency: '40 ms' });
}
