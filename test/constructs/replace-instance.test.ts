import { line, resourcesOf, synthesize } from './fixture';

describe('a gateway whose instance is replaced', () => {
  const { synthesized } = synthesize(line);
  const resources = [...resourcesOf(synthesized)];
  const of = (type: string) => resources.filter(([id]) => id.startsWith(`${type}.`));

  it('keeps interface, address, secret and bundle: none of them, and nothing but its alarms, refers to it', () => {
    const instances = of('aws_instance').map(([id]) => id);
    expect(instances).toHaveLength(3);
    const referring = resources.filter(([, r]) => instances.some((id) => JSON.stringify(r).includes(id)));
    // They change in place, and watch the new one.
    expect(referring.map(([id]) => id)).toEqual(of('aws_cloudwatch_metric_alarm').map(([id]) => id));
    expect(referring).toHaveLength(6);
  });

  it('comes back with them: its interface is given, its address is bound to the interface, its secret is named', () => {
    for (const [, instance] of of('aws_instance')) {
      const network = instance.primary_network_interface.network_interface_id as string;
      expect(network).toMatch(/^\$\{aws_network_interface\.\S+\.id\}$/);
      const addresses = of('aws_eip_association').filter(([, a]) => a.network_interface_id === network);
      expect(addresses.map(([, a]) => [a.instance_id, a.allocation_id])).toEqual([
        [undefined, expect.stringMatching(/^\$\{aws_eip\./)],
      ]);
      expect(instance.user_data).toMatch(/^ *SECRET=\$\{aws_secretsmanager_secret\.\S+\.name\}$/m);
      expect(instance.subnet_id ?? instance.associate_public_ip_address).toBeUndefined();
    }
  });
});
