import { faultNames } from '../../lib/lab/fault/fault-names';
import { healFaults, makeFault } from '../../lib/lab/fault/make-fault';
import { linkDevice } from '../../lib/lab/fault/link-device';
import type { Lab } from '../../lib/lab/record';
import { layOut } from '../../lib/lab/layout';
import { fourRegions } from '../support/four-regions';

const plan = fourRegions();
const lab: Lab = {
  directory: '/nonexistent',
  record: { lab: 'four' } as Lab['record'],
  plan,
  layout: layOut(plan, 'four'),
};

describe('faults of a gateway', () => {
  it('are refused by name, with the nearest that there is', async () => {
    await expect(makeFault(lab, 'dublin/1', 'flush-rule')).rejects.toThrow(
      "there is no fault 'flush-rule'; did you mean 'flush-rules'?",
    );
    await expect(makeFault(lab, 'dublin/3', 'flush-rules')).rejects.toThrow(
      "the lab has no gateway 'dublin/3'; did you mean 'dublin/1'?",
    );
    await expect(healFaults(lab, 'dublin/1', 'nonsense')).rejects.toThrow(
      `there is no fault 'nonsense'; there is ${faultNames.join(', ')}`,
    );
  });

  it('name a link of the gateway, or mean its first', () => {
    expect(() => linkDevice(lab, 'dublin/1', 'link-paris-dublim')).toThrow(
      "dublin/1 has no link 'link-paris-dublim'; did you mean 'link-paris-dublin'?",
    );
    const named = linkDevice(lab, 'dublin/1', 'link-paris-dublin');
    expect(named.link).toBe('link-paris-dublin');
    expect(named.device).toMatch(/^wg-paris/);
    expect(linkDevice(lab, 'dublin/1', undefined).link).toMatch(/^link-dublin/);
  });
});
