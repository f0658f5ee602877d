import { impairmentsOf, tryTargetKind, type LabFailure } from '../../lib/lab/impairment';
import { layOut } from '../../lib/lab/layout';
import { fourRegions } from '../support/four-regions';

const { tunnels } = layOut(fourRegions(), 'four');
const failure = (target: string, more: Partial<LabFailure> = {}): LabFailure => ({
  target,
  blackhole: false,
  lossRatio: 0,
  extraMs: 0,
  towards: null,
  ...more,
});
const of = (...failures: LabFailure[]) => impairmentsOf(tunnels, failures);

describe('a failure in the lab', () => {
  it('of a link concerns both directions of all its tunnels, and no parallel link', () => {
    expect([...of(failure('link-dublin-london', { blackhole: true })).keys()].sort()).toEqual([
      'tunnel-dublin-london from dublin/1',
      'tunnel-dublin-london from london/1',
      'tunnel-dublin-london.2 from dublin/2',
      'tunnel-dublin-london.2 from london/1',
    ]);
  });

  it('of a region is one of all its gateways', () => {
    const gateways = ['dublin/1', 'dublin/2'].map((id) => failure(id, { blackhole: true }));
    expect(of(failure('dublin', { blackhole: true }))).toEqual(of(...gateways));
  });

  it('towards a region leaves the other direction alone', () => {
    const found = of(failure('link-london-frankfurt', { lossRatio: 0.2, towards: 'frankfurt' }));
    expect([...found.keys()]).toEqual(['tunnel-london-frankfurt from london/1']);
  });

  it('adds to others: independent losses, sums of delays, a blackhole over all', () => {
    const found = of(
      failure('link-london-frankfurt', { lossRatio: 0.2, extraMs: 10 }),
      failure('london', { lossRatio: 0.5, extraMs: 5 }),
      failure('frankfurt/1', { blackhole: true }),
    );
    const both = found.get('tunnel-london-frankfurt from london/1')!;
    expect(both).toEqual({ blackhole: true, lossRatio: 0.6, extraMs: 15 });
  });

  it('is of a link, region or gateway; anything else is unknown', () => {
    const kinds = ['link-paris-dublin', 'paris', 'paris/1', 'paris/2', 'nowhere'].map((id) =>
      tryTargetKind(tunnels, id),
    );
    expect(kinds).toEqual(['link', 'region', 'gateway', undefined, undefined]);
  });
});
