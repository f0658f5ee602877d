import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NetworkDescription } from '../../constructs';
import { inMemory, synthAll, type Resource } from '../constructs/fixture';
import { faultsOf, type Configuration } from '../support/check-configuration';
import { bindingOf } from '../support/provider-bindings';
import { build, deployed, existing, six, someVpc, two } from './networks';

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'dwcp-aws-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cases: [string, NetworkDescription, boolean][] = [
  ['two regions', two, false],
  ['the six-region example', six, false],
  ['six regions with a stack each', six, true],
  ['two regions in VPCs of yours', existing(someVpc('a'), someVpc('b')), false],
];

describe.each(cases)('the configuration of %s', (_name, description, perRegion) => {
  it('passes known arguments, leaves out none that is required, and refers to what is there', async () => {
    const here = path.join(folder, `${description.network}-${perRegion}`);
    const { stacks } = await deployed(here, description, perRegion);
    const files = { lockFile: path.join(here, 'lock.json'), keysFile: path.join(here, 'keys.json') };
    const synthesized = synthAll(build(here, description, perRegion, files).app);
    expect([...synthesized.keys()].sort()).toEqual([...stacks].sort());
    expect(faultsOf(synthesized as ReadonlyMap<string, Configuration>)).toEqual([]);
  });
});

describe('the check of a configuration', () => {
  const whole = () =>
    JSON.parse(
      JSON.stringify([...synthAll(build(path.join(folder, 'mutated'), two, true, inMemory).app)]),
    ) as [string, Record<string, Record<string, Record<string, Resource>>>][];

  /** Faults after a change of one resource, without the ids of Terraform. */
  function faultsAfter(
    stack: string,
    change: (part: Record<string, Record<string, Record<string, Resource>>>) => void,
  ) {
    const stacks = new Map(whole());
    change(stacks.get(stack)!);
    return faultsOf(stacks as ReadonlyMap<string, Configuration>).map((fault) =>
      fault.replaceAll(/two_regions_(\w+?)_(?:gateway-\d_)?([\w-]+?)_[0-9A-F]{8}/g, '$1/$2'),
    );
  }
  const first = (byId: Record<string, Resource>) => Object.values(byId)[0];
  const dublin = 'two-dublin';

  it('accepts what is not changed', () => {
    expect(faultsAfter(dublin, () => undefined)).toEqual([]);
  });

  it('finds an unknown argument, also in a block', () => {
    const faults = faultsAfter(dublin, ({ resource }) => {
      first(resource.aws_vpc).cidr_blok = '10.0.0.0/16';
      first(resource.aws_instance).metadata_options.http_token = 'required';
    });
    expect(faults).toEqual([
      'two-dublin: aws_instance.dublin/instance.metadata_options takes no http_token',
      'two-dublin: aws_vpc.dublin/vpc takes no cidr_blok',
    ]);
  });

  it('finds a required argument that is left out, also in a block', () => {
    const faults = faultsAfter(dublin, ({ resource, data }) => {
      delete first(resource.aws_route).route_table_id;
      delete first(data.aws_ami).filter[0].values;
    });
    expect(faults).toEqual([
      'two-dublin: aws_route.dublin/private-1-to-region-virginia lacks route_table_id',
      'two-dublin: data.aws_ami.dublin/image.filter[0] lacks values',
    ]);
  });

  it('finds a reference to what is in no or another stack, and to no attribute', () => {
    const faults = faultsAfter(dublin, ({ resource }) => {
      first(resource.aws_eip_association).allocation_id = '${aws_eip.front.allocation_id}';
      first(resource.aws_flow_log).log_destination = first(resource.aws_flow_log).log_destination.replace(
        '.arn}',
        '.arm}',
      );
      first(resource.aws_instance).depends_on = ['aws_eip.front'];
      first(resource.aws_subnet).cidr_block = '${var.block}';
    });
    expect(faults).toEqual([
      expect.stringMatching(
        /aws_eip_association\S+ refers to aws_eip\.front\.allocation_id: not in this stack$/,
      ),
      expect.stringMatching(/aws_flow_log\S+ refers to aws_cloudwatch_log_group\S+\.arm: no such attribute$/),
      expect.stringMatching(/aws_instance\S+ refers to aws_eip\.front: not in this stack$/),
      expect.stringMatching(/aws_subnet\S+ refers to var\.block: no such variable$/),
    ]);
  });

  it('finds what a resource is to be replaced with and is not there', () => {
    const faults = faultsAfter('two-virginia', ({ resource }) => {
      const owned = Object.values(resource.aws_route).find((route) => route.lifecycle !== undefined)!;
      owned.lifecycle.replace_triggered_by = ['aws_network_interface.front.id'];
    });
    expect(faults).toEqual([
      expect.stringMatching(/aws_route\S+ refers to aws_network_interface\.front\.id: not in this stack$/),
    ]);
  });

  it('finds an output that the other stack does not have, and a provider that is not there', () => {
    const [gone] = faultsAfter('two', (stack) => (stack.output = {}));
    expect(gone).toMatch(/two-dublin: .*cross-stack-output\S+: no such output there$/);
    const [unknown] = faultsAfter(dublin, ({ resource }) => (first(resource.aws_vpc).provider = 'aws.other'));
    expect(unknown).toBe('two-dublin: aws_vpc.dublin/vpc: no provider aws.other');
  });

  it('finds a circle', () => {
    const faults = faultsAfter(dublin, ({ resource }) => {
      first(resource.aws_vpc).depends_on = [`aws_instance.${Object.keys(resource.aws_instance)[0]}`];
    });
    expect(faults.length).toBeGreaterThan(0);
    expect(faults[0]).toMatch(/^two-dublin: circle (?=.*aws_vpc\S+ > )(?=.*aws_instance\S+ > )/);
  });

  it('reads what a binding says', () => {
    const route = bindingOf('route')!;
    expect(route.arguments.get('route_table_id')).toEqual({ required: true });
    expect(route.arguments.get('destination_cidr_block')).toEqual({ required: false });
    expect(bindingOf('eip')!.attributes).toContain('publicIp');
    expect(bindingOf('instance')!.arguments.get('root_block_device')!.block!.has('encrypted')).toBe(true);
    expect(bindingOf('no-such-type')).toBeUndefined();
  });
});
