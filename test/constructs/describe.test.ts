import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { Token, TerraformStack, TerraformVariable, Testing } from 'cdktf';
import type { IConstruct } from 'constructs';
import {
  Demand,
  GlobalNetwork,
  Link,
  Objective,
  Policy,
  Region,
  Reservation,
  type DeploymentProps,
} from '../../constructs';
import { encodePlan } from '../../lib/plan';
import { inMemory, line, newStack, resourcesOf, synth } from './fixture';

/** Texts of a construct's own annotations. */
function annotationsOf(construct: IConstruct): string[] {
  const own = construct.node.metadata.filter((m) => m.type.startsWith('@cdktf/'));
  return own.map((m) => `${m.type} ${String(m.data)}`);
}

function describedLine(stack = newStack()) {
  const network = new GlobalNetwork(stack, 'line', inMemory);
  const virginia = new Region(network, 'virginia', { place: 'us-east-1' });
  const dublin = new Region(network, 'dublin', { place: 'eu-west-1' });
  const singapore = new Region(network, 'singapore', { place: 'ap-southeast-1' });
  const first = new Link(network, 'link-virginia-dublin', {
    between: [virginia, dublin],
    bandwidth: '2 Gbps',
  });
  const second = new Link(network, 'link-dublin-singapore', {
    between: ['dublin', singapore],
    bandwidth: '1 Gbps',
  });
  return { stack, network, virginia, dublin, singapore, first, second };
}

describe('describing a network', () => {
  it('creates no cloud resource', () => {
    const { stack } = describedLine();
    const text = JSON.parse(Testing.synth(stack)) as { resource?: object; data?: object; variable?: object };
    expect([text.resource, text.data, text.variable]).toEqual([undefined, undefined, undefined]);
  });

  it('fails synth and names the missing call while the network is not planned', () => {
    const { stack } = describedLine();
    const message = /network 'line' is described but not planned: call network\.plan\(\)/;
    expect(() => Testing.synth(stack, true)).toThrow(message);
  });

  it('refuses anything added after plan(), and a second plan()', () => {
    const { network } = describedLine();
    network.plan();
    expect(() => new Region(network, 'tokyo', { place: 'ap-northeast-1' })).toThrow(/planned already/);
    expect(() => network.mesh('all')).toThrow(/planned already/);
    expect(() => network.plan()).toThrow(/planned already: plan\(\) is called a second time/);
  });

  it('refuses resources before plan()', () => {
    const { network, virginia } = describedLine();
    expect(() => network.resources).toThrow(/before network\.plan\(\)/);
    expect(() => virginia.resources).toThrow(/before network\.plan\(\)/);
  });

  it('refuses a second planned network in one stack', () => {
    const { stack, network } = describedLine();
    network.plan();
    const other = GlobalNetwork.fromDescription(stack, 'other', { ...line, network: 'other' }, inMemory);
    expect(() => other.plan()).toThrow(/one stack each/);
  });

  it('lets a region and a policy share an id', () => {
    const { network } = describedLine();
    new Policy(network, 'dublin', { strategy: 'latency' });
    expect(network.plan().plan?.policies.map((p) => p.id)).toEqual(['dublin']);
  });

  it('takes regions and links as constructs or as ids', () => {
    const { network, virginia, dublin, first } = describedLine();
    new Policy(network, 'p', {
      from: [virginia],
      to: ['dublin'],
      avoid: { links: [first], regions: ['singapore'] },
    });
    new Demand(network, 'd', { from: dublin, to: virginia, bandwidth: '1 Mbps' });
    new Reservation(network, 'r', { from: dublin, to: 'virginia', bandwidth: '1 Mbps' });
    new Objective(network, 'o', { from: [dublin], maxMonthlyCost: '9000 USD' });
    const { plan, diagnostics } = network.plan();
    expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    expect(plan?.policies[0].constraints.avoidLinks).toEqual(['link-virginia-dublin']);
    expect(plan?.demands[0]).toMatchObject({ id: 'd', from: 'dublin', to: 'virginia' });
    expect(plan?.reservations[0]).toMatchObject({ from: 'dublin', to: 'virginia' });
    expect(plan?.objectives[0].from).toEqual(['dublin']);
  });

  it('takes how traffic is split and bandwidth is given out', () => {
    const network = new GlobalNetwork(newStack(), 'settings', {
      ...inMemory,
      traffic: { units: 32 },
      admission: { model: 'mam', shares: { bulk: '40 %' }, headroom: '10 %' },
    });
    for (const place of ['us-east-1', 'eu-west-1']) new Region(network, place);
    new Link(network, 'l', { between: ['us-east-1', 'eu-west-1'], shares: { bulk: '30 %' } });
    const { plan } = network.plan();
    expect(plan?.traffic.units).toBe(32);
    expect(plan?.admission).toMatchObject({ model: 'mam', headroomRatio: 0.1, shares: { bulk: 0.4 } });
    expect(plan?.links[0].classShares).toMatchObject({ bulk: 0.3, critical: 1 });
  });

  it('meshes all regions, also those described after the mesh', () => {
    const network = new GlobalNetwork(newStack(), 'meshed', inMemory);
    network.mesh('all', { bandwidth: '1 Gbps' });
    for (const place of ['us-east-1', 'eu-west-1', 'ap-southeast-1']) new Region(network, place);
    expect(network.plan().plan?.links.map((l) => l.id)).toEqual([
      'link-ap-southeast-1-eu-west-1',
      'link-ap-southeast-1-us-east-1',
      'link-eu-west-1-us-east-1',
    ]);
  });
});

describe('a value that Terraform knows only at apply', () => {
  it('is an error that names the field, on the construct that holds it, and nothing is planned', () => {
    const { stack, network, first, virginia } = describedLine();
    const variable = new TerraformVariable(stack, 'speed', { type: 'string' });
    const slow = new Region(network, 'sydney', { place: variable.stringValue });
    new Link(network, 'link-sydney-dublin', {
      between: [slow, 'dublin'],
      bandwidth: Token.asString(variable.value) as '1 Gbps',
    });
    const counted = new Region(network, 'tokyo', { gateways: { count: Token.asNumber(variable.value) } });
    const { plan, diagnostics } = network.plan();
    expect(plan).toBeUndefined();
    expect(diagnostics.map((d) => `${d.code} ${d.path}`)).toEqual([
      'value-is-token regions.sydney.place',
      'value-is-token regions.tokyo.gateways.count',
      'value-is-token links.link-sydney-dublin.bandwidth',
    ]);
    const onSlow = /^@cdktf\/error error\[value-is-token\] regions\.sydney\.place/;
    expect(annotationsOf(slow)).toEqual([expect.stringMatching(onSlow)]);
    expect(annotationsOf(counted)).toHaveLength(1);
    expect(annotationsOf(first)).toEqual([]);
    expect(annotationsOf(virginia)).toEqual([]);
    expect(resourcesOf(synth(stack)).size).toBe(0);
  });

  it('is welcome where it is only passed through', () => {
    const { stack, network } = describedLine();
    const key = new TerraformVariable(stack, 'key', { type: 'string' });
    new Region(network, 'sydney', {
      place: 'ap-southeast-2',
      extra: { instance: { keyName: key.stringValue } },
    });
    new Link(network, 'link-dublin-sydney', { between: ['dublin', 'sydney'] });
    expect(network.plan().plan).toBeDefined();
    const instances = Object.entries(synth(stack).resource!.aws_instance);
    expect(instances.find(([id]) => id.includes('sydney'))?.[1].key_name).toBe('${var.key}');
    expect(instances.find(([id]) => id.includes('dublin'))?.[1].key_name).toBeUndefined();
  });
});

describe('a diagnostic', () => {
  it('stands on the construct that caused it, with code, message and next step, and fails synth', () => {
    const { stack, network, dublin, second } = describedLine();
    const bandwidth = '10 MB/s' as '10 Mbps';
    const wrong = new Link(network, 'link-wrong', { between: ['dublin', 'virginia'], bandwidth });
    const near = new Policy(network, 'near', { from: ['dublni'] });
    const { plan, diagnostics } = network.plan();
    expect(plan).toBeUndefined();
    expect(diagnostics.map((d) => d.path)).toEqual(
      expect.arrayContaining(['links.link-wrong.bandwidth', expect.stringMatching(/^policies\.near\.from/)]),
    );
    const [text] = annotationsOf(wrong);
    expect(text).toMatch(/^@cdktf\/error error\[bad-bandwidth\] links\.link-wrong\.bandwidth: .*bytes/);
    expect(text).toMatch(/\n {2}next: /);
    expect(annotationsOf(near)).toEqual([expect.stringContaining("did you mean 'dublin'")]);
    expect([...annotationsOf(dublin), ...annotationsOf(second)]).toEqual([]);
    expect(() => Testing.fullSynth(stack)).toThrow(/bad-bandwidth/);
  });

  it('about the whole network stands on the network', () => {
    const { network } = describedLine();
    network.plan();
    expect(annotationsOf(network)).toEqual([expect.stringMatching(/^@cdktf\/warn warning\[keys-missing\]/)]);
  });

  it('from a file carries line and column, and what code adds has none', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-'));
    const file = path.join(folder, 'bad.yaml');
    writeFileSync(file, 'network: bad\nregions:\n  us-east-1:\n    block: 10.0.0.1/16\n');
    const network = GlobalNetwork.fromFile(newStack(), 'bad', file, inMemory);
    const added = new Region(network, 'eu-west-1', { block: 'nonsense' });
    const { diagnostics } = network.plan();
    const inFile = diagnostics.find((d) => d.path === 'regions.us-east-1.block');
    expect(inFile?.position).toMatchObject({ file: 'bad.yaml', line: 4 });
    const inCode = diagnostics.find((d) => d.path === 'regions.eu-west-1.block');
    expect(inCode).toBeDefined();
    expect(inCode?.position).toBeUndefined();
    expect(annotationsOf(added)).toHaveLength(1);
  });

  it('keeps what it can of the plan before, and refuses one of another network', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'dwcp-')), 'plan.json');
    const described = (name: string) => ({ ...line, network: name });
    const planned = (name: string, deployment: DeploymentProps) =>
      GlobalNetwork.fromDescription(newStack(), name, described(name), deployment).plan();
    const first = planned('line', inMemory).plan!;
    writeFileSync(file, encodePlan(first));
    const again = planned('line', { ...inMemory, previousPlan: file, tolerance: '5 %' });
    expect(encodePlan(again.plan!)).toBe(encodePlan(first));
    const foreign = planned('other', { ...inMemory, previousPlan: file });
    expect([foreign.plan, foreign.diagnostics.map((d) => d.code)]).toEqual([undefined, ['plan-foreign']]);
    const bare = planned('line', { ...inMemory, tolerance: '5 %' });
    expect(bare.diagnostics.map((d) => d.code)).toContain('tolerance');
  });

  it.each([
    ['a missing file', undefined, 'file-unreadable'],
    ['broken YAML', 'network: [', 'yaml-syntax'],
    ['a list', '- 1\n', 'wrong-type'],
    ['regions that are a list', 'network: a\nregions: [1]\n', 'wrong-type'],
    ['links without ends, and twice', 'network: a\nregions:\n  us-east-1:\nlinks: [{}, {}, 3]\n', ''],
  ])('reports %s at plan() instead of throwing', (_name, text, code) => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'dwcp-')), 'bad.yaml');
    if (text !== undefined) writeFileSync(file, text);
    const stack = newStack();
    const network = GlobalNetwork.fromFile(stack, 'bad', file, inMemory);
    const { plan, diagnostics } = network.plan();
    expect(plan).toBeUndefined();
    expect(diagnostics.map((d) => d.code).join(' ')).toContain(code);
    expect(diagnostics.some((d) => d.severity === 'error')).toBe(true);
    expect(network.resources.regions.size).toBe(0);
  });
});

describe('one network, three ways to say it', () => {
  it('gives the same plan and the same resources from code, from data and from YAML', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'dwcp-')), 'line.yaml');
    writeFileSync(
      file,
      `network: line
links:
  - { between: [virginia, dublin], bandwidth: 2 Gbps }
  - { between: [dublin, singapore], bandwidth: 1 Gbps }
regions:
  singapore: { place: ap-southeast-1 }
  virginia: { place: us-east-1 }
  dublin: { place: eu-west-1 }
`,
    );
    const inCode = describedLine();
    const data = newStack();
    const yaml = newStack();
    const plans = [
      inCode.network.plan(),
      GlobalNetwork.fromDescription(data, 'line', line, inMemory).plan(),
      GlobalNetwork.fromFile(yaml, 'line', file, inMemory).plan(),
    ].map(({ plan }) => encodePlan(plan!));
    expect(plans[1]).toBe(plans[0]);
    expect(plans[2]).toBe(plans[0]);
    expect(Testing.synth(data)).toBe(Testing.synth(inCode.stack));
    expect(Testing.synth(yaml)).toBe(Testing.synth(inCode.stack));
  });

  it('makes the same constructs', () => {
    const network = GlobalNetwork.fromDescription(newStack(), 'line', line, inMemory);
    const ids = network.node.findAll().map((c) => `${c.constructor.name} ${c.node.path}`);
    expect(ids).toEqual(
      describedLine()
        .network.node.findAll()
        .map((c) => `${c.constructor.name} ${c.node.path}`),
    );
  });

  it('lets code add to a description', () => {
    const network = GlobalNetwork.fromDescription(newStack(), 'line', line, inMemory);
    const tokyo = new Region(network, 'tokyo', { place: 'ap-northeast-1' });
    new Link(network, 'link-singapore-tokyo', { between: ['singapore', tokyo] });
    expect(network.plan().plan?.regions.map((r) => r.id)).toEqual([
      'dublin',
      'singapore',
      'tokyo',
      'virginia',
    ]);
    expect(tokyo.resources?.gateways.size).toBe(1);
  });
});

describe('the lock file', () => {
  const fresh = () => path.join(mkdtempSync(path.join(tmpdir(), 'dwcp-')), 'line.lock.json');

  it('is written by the first plan, and not touched by the next equal one', () => {
    const lockFile = fresh();
    const plan = () =>
      GlobalNetwork.fromDescription(newStack(), 'line', line, { lockFile, keysFile: false }).plan();
    expect(plan().plan).toBeDefined();
    const before = readFileSync(lockFile, 'utf8');
    expect(plan().plan).toBeDefined();
    expect(readFileSync(lockFile, 'utf8')).toBe(before);
  });

  it('that would change is an error when it is frozen, and stays as it is', () => {
    const lockFile = fresh();
    const stack = newStack();
    const frozen = { lockFile, keysFile: false, frozenLock: true } as const;
    const network = GlobalNetwork.fromDescription(stack, 'line', line, frozen);
    const { plan, diagnostics } = network.plan();
    expect(plan).toBeUndefined();
    expect(diagnostics.filter((d) => d.severity === 'error').map((d) => [d.code, d.message])).toEqual([
      ['lock-frozen', 'line.lock.json does not exist'],
    ]);
    expect(() => readFileSync(lockFile)).toThrow(/ENOENT/);
    expect(resourcesOf(synth(stack)).size).toBe(0);
  });

  it('that is damaged stops the plan and is kept', () => {
    const lockFile = fresh();
    writeFileSync(lockFile, '{ "formatVersion": 1');
    const network = GlobalNetwork.fromDescription(newStack(), 'line', line, { lockFile, keysFile: false });
    expect(network.plan().diagnostics.map((d) => d.code)).toContain('lock-unreadable');
    expect(readFileSync(lockFile, 'utf8')).toBe('{ "formatVersion": 1');
  });
});

describe('strict', () => {
  const refused = {
    ...line,
    reservations: { much: { from: 'virginia', to: 'dublin', bandwidth: '9 Gbps' } },
  } as const;
  const plan = (props: DeploymentProps) => {
    const stack = newStack();
    const planned = GlobalNetwork.fromDescription(stack, 'line', refused, props).plan();
    return { ...planned, resources: resourcesOf(synth(stack)).size };
  };

  it('makes a refused reservation and every warning an error, without a resource or a lock file', () => {
    const lockFile = path.join(mkdtempSync(path.join(tmpdir(), 'dwcp-strict-')), 'line.lock.json');
    const strict = plan({ lockFile, keysFile: false, strict: true });
    expect(strict.diagnostics.map((d) => `${d.severity} ${d.code} ${d.path}`)).toEqual([
      'error keys-missing ',
      'error reservation-refused reservations.much',
    ]);
    expect([strict.plan, strict.resources, existsSync(lockFile)]).toEqual([undefined, 0, false]);
    const plain = plan(inMemory);
    expect(plain.diagnostics.map((d) => `${d.severity} ${d.code}`)).toEqual([
      'warning keys-missing',
      'warning reservation-refused',
    ]);
    expect(plain.plan).toBeDefined();
    expect(plain.resources).toBeGreaterThan(0);
  });
});

describe('files at synth', () => {
  it('are written into the output folder by a whole synth: the plan, and each bundle where its object looks for it', () => {
    const app = Testing.app();
    const stack = new TerraformStack(app, 'files');
    new AwsProvider(stack, 'aws', { region: 'us-east-1' });
    const { plan } = GlobalNetwork.fromDescription(stack, 'line', line, inMemory).plan();
    app.synth();
    expect(readFileSync(path.join(app.outdir, 'plans', 'line.json'), 'utf8')).toBe(encodePlan(plan!));
    const objects = Object.values(synth(stack).resource!.aws_s3_object).filter((o) => o.source);
    expect(objects.map((o) => o.source as string).sort()).toEqual([
      'gateways/dublin-1.tar',
      'gateways/singapore-1.tar',
      'gateways/virginia-1.tar',
    ]);
    for (const object of objects) {
      const bytes = readFileSync(path.join(app.outdir, 'stacks', 'files', object.source as string));
      expect(bytes.length).toBeGreaterThan(1024);
    }
  });

  it('are not written by a synth that only returns text', () => {
    const app = Testing.app();
    const stack = new TerraformStack(app, 'files');
    new AwsProvider(stack, 'aws', { region: 'us-east-1' });
    GlobalNetwork.fromDescription(stack, 'line', line, inMemory).plan();
    Testing.synth(stack, true);
    expect(() => readFileSync(path.join(app.outdir, 'plans', 'line.json'))).toThrow(/ENOENT/);
  });
});
