export type { Check, CheckState } from './check';
export { worst } from './check';
export { examine, judge, type ExamineOptions } from './examine';
export type { GatewayFacts } from './gateway-facts';
export type { HostFacts } from './host-facts';
export { doctorText } from './render';
