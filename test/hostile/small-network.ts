/** Small, and with a part of every kind in it. */
export const small = {
  network: 'small',
  tags: { owner: 'network' },
  regions: {
    dublin: { place: 'eu-west-1', gateways: { count: 2 }, tags: { cost: 'centre' } },
    london: { place: 'eu-west-2' },
    office: {
      external: { endpoint: '192.0.2.7', location: { lat: 51.9, lon: -8.5, country: 'IE', city: 'Cork' } },
    },
  },
  links: [
    { between: ['dublin', 'london'], bandwidth: '1 Gbps', latency: '3 ms', srlg: ['sea'] },
    { id: 'second', between: ['dublin', 'london'], bandwidth: '1 Gbps', latency: '4 ms', srlg: ['sea'] },
    { between: ['office', 'dublin'], bandwidth: '200 Mbps', latency: '2 ms' },
  ],
  policies: {
    quick: { classes: ['realtime'], maxLatency: '1 ms', priority: 1 },
    own: { to: ['office'], disjoint: 'srlg' },
  },
  demands: [{ id: 'web', from: 'dublin', to: 'london', bandwidth: '2 Gbps', class: 'critical' }],
  reservations: { nightly: { from: 'office', to: 'london', bandwidth: '900 Mbps', class: 'bulk' } },
  objectives: { roomy: { headroom: '10 %' }, safe: { survive: 'srlg' } },
};
