import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { App, TerraformStack } from 'cdktf';
import { GlobalNetwork } from '../../constructs';

// node synth-file.js <description> <folder>: what a user's app does, for measuring.
const [file, outdir] = process.argv.slice(2);
const app = new App({ outdir });
const stack = new TerraformStack(app, 'bench');
new AwsProvider(stack, 'aws', { region: 'us-east-1' });
const network = GlobalNetwork.fromFile(stack, 'network', file, { lockFile: false, keysFile: false });
network.plan();
app.synth();
