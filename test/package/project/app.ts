import { App, TerraformStack } from 'cdktf';
import { GlobalNetwork, Link, Region, type PlanDocument } from 'dwcp-multiregion';
import { readDescription } from 'dwcp-multiregion/plan';

const network = new GlobalNetwork(new TerraformStack(new App(), 'typed'), 'typed');
new Region(network, 'virginia', { place: 'us-east-1' });
new Region(network, 'dublin', { place: 'eu-west-1' });
new Link(network, 'cable', { between: ['virginia', 'dublin'], bandwidth: '1 Gbps' });
// @ts-expect-error -- a bandwidth without its unit does not compile
new Link(network, 'second-cable', { between: ['virginia', 'dublin'], bandwidth: '10' });
const plan: PlanDocument | undefined = network.plan().plan;
export const digest: string | undefined = plan?.digest;
export const checked = readDescription('network: x', 'x.yaml').diagnostics.length;
