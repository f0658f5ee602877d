import { loadSolver } from '../../lib/project/solver';
import { parseDescription, type AdmissionDescription, type NetworkDescription } from '../../lib/model';
import { buildPlan } from '../../lib/plan';

/** One link of 1 Gbps, and reservations of 300 Mbps: three of class critical, then one of bulk. */
function answers(admission?: AdmissionDescription, links?: Partial<NetworkDescription>): string[] {
  const ask = { from: 'dublin', to: 'virginia', bandwidth: '300 Mbps' } as const;
  const description: NetworkDescription = {
    network: 'admission',
    regions: { dublin: { place: 'eu-west-1' }, virginia: { place: 'us-east-1' } },
    links: [{ between: ['dublin', 'virginia'], bandwidth: '1 Gbps' }],
    admission,
    reservations: {
      a: { ...ask, class: 'critical' },
      b: { ...ask, class: 'critical' },
      c: { ...ask, class: 'critical' },
      d: { ...ask, class: 'bulk' },
    },
    ...links,
  };
  const given = Object.fromEntries(Object.entries(description).filter(([, part]) => part !== undefined));
  const { network, diagnostics } = parseDescription(given);
  if (!network) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const { plan } = buildPlan(network, { lock: null, keys: null, solver: loadSolver });
  return plan!.reservations.filter((r) => r.admitted).map((r) => r.id);
}

describe('the bandwidth model of a description', () => {
  it('is shared unless it says otherwise: first come, first served', () => {
    expect(answers()).toEqual(['a', 'b', 'c']);
  });

  it('keeps each class to its share under maximum allocation', () => {
    expect(answers({ model: 'mam', shares: { critical: '60 %' } })).toEqual(['a', 'b']);
    expect(answers({ model: 'mam', shares: { critical: '30 %' } })).toEqual(['a', 'd']);
  });

  it('keeps a class with all more important ones to its share under russian dolls', () => {
    expect(answers({ model: 'rdm', shares: { critical: '30 %', bulk: '60 %' } })).toEqual(['a', 'd']);
    expect(answers({ model: 'rdm', shares: { critical: '30 %', bulk: '50 %' } })).toEqual(['a']);
    // What critical leaves of its own, bulk may take: 60 % are theirs together.
    expect(answers({ model: 'rdm', shares: { critical: '60 %', bulk: '60 %' } })).toEqual(['a', 'b']);
  });

  it('leaves the headroom free, of class critical as said', () => {
    const headroom = '0 %';
    expect(answers({ headroom })).toEqual(['a', 'b', 'c']);
    expect(answers({ criticalHeadroom: '20 %' })).toEqual(['a', 'b']);
    const mam = { model: 'mam', shares: { critical: '30 %' } } as const;
    expect(answers({ ...mam, headroom: '45 %' })).toEqual(['a']);
    expect(answers({ ...mam, headroom: '40 %' })).toEqual(['a', 'd']);
  });

  it('takes the shares of a link where it has its own', () => {
    const links = [
      { between: ['dublin', 'virginia'], bandwidth: '1 Gbps', shares: { critical: '60 %' } },
    ] as const;
    expect(answers({ model: 'mam', shares: { critical: '30 %' } }, { links })).toEqual(['a', 'b']);
    expect(answers({ model: 'mam' }, { links })).toEqual(['a', 'b']);
  });
});
