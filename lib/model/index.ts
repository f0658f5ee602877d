export * from './description';
export * from './network';
export * from './qos';
export { parseDescription, type ParsedDescription } from './parse';
export { descriptionJsonSchema } from './schema';
export { findConflictMarker, readDescription, readDescriptionText, type ReadText } from './read-description';
export { isKnownAtApply, knownAtApply } from './known-at-apply';
export { specificity } from './check-policies';
export type { Locate, RawPath } from './reporter';
