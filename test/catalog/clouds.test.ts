import { cloudFacts, cloudNames, mostFlowMbps, tryMeasuredRttMs, tryPlace } from '../../lib/catalog';

const clouds = cloudNames.map(cloudFacts);

describe('the clouds', () => {
  it('have no code of a place in common, so that a code alone says which cloud', () => {
    const codes = clouds.flatMap(({ places }) => [...places.keys()]);
    expect(codes.length).toBeGreaterThan(30);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => tryPlace(code)?.place.code !== code)).toEqual([]);
  });

  it('name no quota alike, and a default type that they have', () => {
    const names = clouds.flatMap(({ quotas }) => quotas.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
    expect(clouds.filter(({ defaultType, gatewayTypes }) => !gatewayTypes.has(defaultType))).toEqual([]);
  });

  it('say nothing about sites outside them', () => {
    const site = { provider: 'external', place: null } as const;
    const dublin = { provider: 'aws', place: 'eu-west-1' } as const;
    expect(mostFlowMbps(site, site)).toBe(Infinity);
    expect(mostFlowMbps(site, dublin)).toBe(5000);
    expect(tryMeasuredRttMs(site, dublin)).toBeUndefined();
    expect(tryMeasuredRttMs({ provider: 'aws', place: 'us-east-1' }, dublin)).toBeGreaterThan(50);
  });
});
