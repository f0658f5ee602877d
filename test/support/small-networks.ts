/** Line a - b - c: the pair a, c takes two hops. */
export const lineNetwork = `
network: line
regions:
  a: { place: us-east-1 }
  b: { place: eu-west-1 }
  c: { place: ap-southeast-1 }
links:
  - { between: [a, b], bandwidth: 50 Mbps }
  - { between: [b, c], bandwidth: 50 Mbps }
`;

/** Triangle with two links between a and b: every pair has several paths. */
export const triangleNetwork = `
network: triangle
regions:
  a: { place: us-east-1 }
  b: { place: eu-west-1 }
  c: { place: ap-southeast-1 }
links:
  - { between: [a, b], bandwidth: 50 Mbps, latency: 60 ms }
  - { id: link-a-b-2, between: [a, b], bandwidth: 50 Mbps, latency: 65 ms }
  - { between: [b, c], bandwidth: 50 Mbps, latency: 60 ms }
  - { between: [a, c], bandwidth: 50 Mbps, latency: 150 ms }
reservations:
  held: { from: a, to: b, bandwidth: 30 Mbps, class: bulk }
`;

/** The triangle after a change: a region more, a link less, another bandwidth. */
export const grownNetwork = `
network: triangle
regions:
  a: { place: us-east-1 }
  b: { place: eu-west-1 }
  c: { place: ap-southeast-1 }
  d: { place: sa-east-1 }
links:
  - { between: [a, b], bandwidth: 80 Mbps, latency: 60 ms }
  - { between: [b, c], bandwidth: 50 Mbps, latency: 60 ms }
  - { between: [a, c], bandwidth: 50 Mbps, latency: 150 ms }
  - { between: [a, d], bandwidth: 50 Mbps, latency: 200 ms }
  - { between: [c, d], bandwidth: 50 Mbps, latency: 200 ms }
`;

/** Line a - b - c of 50 Mbps with 30 Mbps held from end to end. */
export const reservedNetwork = `
network: reserved
regions:
  a: { place: us-east-1 }
  b: { place: eu-west-1 }
  c: { place: ap-southeast-1 }
links:
  - { between: [a, b], bandwidth: 50 Mbps }
  - { between: [b, c], bandwidth: 50 Mbps }
reservations:
  held: { from: a, to: c, bandwidth: 30 Mbps, class: bulk }
`;
