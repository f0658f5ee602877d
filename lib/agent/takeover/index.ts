export { awsCloud } from './aws/aws-cloud';
export type { Cloud } from './cloud';
export { startNeighbour } from './neighbour';
export { neighbourPort } from './neighbour-port';
export { startTakeover, type Takeover, type TakeoverView } from './start-takeover';
export { defaultTakeoverSettings } from './takeover-state';
