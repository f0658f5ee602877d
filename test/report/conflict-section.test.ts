import { loadSolver } from '../../lib/project/solver';
import { renderPlan } from '../../lib/report/report';
import { parseDescription } from '../../lib/model';
import { buildPlan } from '../../lib/plan';

function reportOf(bandwidth: '300 Mbps' | '900 Mbps'): string {
  const { network } = parseDescription({
    network: 'pair',
    regions: { dublin: { place: 'eu-west-1' }, virginia: { place: 'us-east-1' } },
    links: [{ between: ['dublin', 'virginia'], bandwidth: '1 Gbps' }],
    demands: [{ id: 'orders', from: 'dublin', to: 'virginia', bandwidth, class: 'critical' }],
    reservations: { backup: { from: 'dublin', to: 'virginia', bandwidth: '400 Mbps' } },
  });
  return renderPlan(buildPlan(network!, { lock: null, keys: null, solver: loadSolver }).plan!, {
    width: 200,
  });
}

describe('the report', () => {
  it('says who cannot be carried together, where, and what the cheapest repair costs', () => {
    expect(reportOf('900 Mbps')).toContain(
      [
        'Conflicts',
        '  critical: demand orders (900 Mbps) and reservation backup do not fit together: link-dublin-virginia from dublin' +
          ' has 1 Gbps, 400 Mbps of it reserved; no smaller set is in conflict; the cheapest',
      ].join('\n'),
    );
    expect(reportOf('900 Mbps')).toMatch(
      /300 Mbps more on link-dublin-virginia from dublin, for 1,971\.00 USD/,
    );
  });

  it('has no section of conflicts where everything fits', () => {
    expect(reportOf('300 Mbps')).not.toContain('Conflicts');
  });
});
