export { affordableIntervalMs, affordableSpacingMs, usualIntervalMs, usualSpacingMs } from './affordable';
export { bringUp, type LabOptions, type LabPrograms } from './bring-up';
export { drill, type DrillRun } from './drill';
export type { DrillKind } from './drill-plan';
export { drillHolds, renderDrill, summariseDrill } from './drill-report';
export { healFaults, makeFault } from './fault/make-fault';
export type { LabFailure } from './impairment';
export { withLabKeys } from './lab-keys';
export { onGateway } from './processes';
export { packagePrograms, streamProgram } from './programs';
export {
  chooseLab,
  defaultDirectory,
  LabFault,
  openLab,
  recordedLabs,
  tryReadRecord,
  type Lab,
  type MadeFault,
} from './record';
export { restartAgent } from './restart-agent';
export { inside } from './run';
export { fail, heal, setFailures } from './set-failures';
export { labStatus, type LabStatus } from './status';
export { endOwner, takeDown } from './take-down';
export { underlayNotes } from './underlay';
export { watchAgents } from './watch-agents';
