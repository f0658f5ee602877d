const { Testing, TerraformStack } = require('cdktf');
const { GlobalNetwork, Link, Objective, Region } = require('dwcp-multiregion');

test('the network is planned and synthesized as it was reviewed', () => {
  const stack = new TerraformStack(Testing.app(), 'prod');
  const network = new GlobalNetwork(stack, 'prod', { lockFile: false, keysFile: false });
  const virginia = new Region(network, 'virginia', { place: 'us-east-1' });
  const dublin = new Region(network, 'dublin', { place: 'eu-west-1' });
  const tokyo = new Region(network, 'tokyo', { place: 'ap-northeast-1' });
  new Link(network, 'link-virginia-dublin', { between: [virginia, dublin], bandwidth: '5 Gbps' });
  new Link(network, 'link-virginia-tokyo', { between: [virginia, tokyo], bandwidth: '2 Gbps' });
  new Link(network, 'link-dublin-tokyo', { between: [dublin, tokyo], bandwidth: '2 Gbps' });
  new Objective(network, 'one-backup', { minBackups: 1 });
  expect(network.plan().plan).toMatchSnapshot();
  expect(Testing.synth(stack)).toMatchSnapshot();
});
