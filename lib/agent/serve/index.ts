export { Gate, type GateBounds } from './gate';
export { inSlices, jsonList, pacer, type Pacer, type PacerOptions } from './pacer';
