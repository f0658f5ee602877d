/**
 * UDP port of probes between two gateways of a region. Not STAMP's own: these come by the VPC's interface and
 * over IPv4, and they are answered only while this gateway serves.
 */
export const neighbourPort = 863;
