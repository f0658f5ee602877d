/** Assumptions on gateways in every cloud. They are stated beside each figure that rests on them. */
export const gatewayFailures = {
  /** How often a gateway is taken to die. */
  perYear: 1,
  /** Another gateway of its region has taken over its routes: the most that the lab's test allows. */
  takeOverSeconds: 3,
} as const;

/** Seconds of a year, as shares of time are counted. */
export const yearSeconds = 365.25 * 86_400;
