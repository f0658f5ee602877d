import { Construct } from 'constructs';
import type { PolicyDescription, Selection } from '../../lib/model';
import type { Link } from './link';
import type { Region } from './region';

/** A region construct, or its id. */
export type RegionRef = Region | string;
/** A link construct, or its id. */
export type LinkRef = Link | string;

/** As `Selection`, with constructs in the place of ids. */
export interface SelectionRefs extends Omit<Selection, 'regions' | 'links'> {
  readonly regions?: readonly RegionRef[];
  readonly links?: readonly LinkRef[];
}

/** Which pairs something is about; default every region. */
export interface ScopeRefs extends Pick<PolicyDescription, 'classes'> {
  readonly from?: readonly RegionRef[];
  readonly to?: readonly RegionRef[];
}

/**
 * Props as plain description: constructs replaced by their ids, undefined fields left out. Changes nothing
 * given.
 */
export function withIds(value: unknown): unknown {
  if (Construct.isConstruct(value)) return value.node.id;
  if (Array.isArray(value)) return value.map(withIds);
  if (typeof value !== 'object' || value === null) return value;
  // Not a plain object: a token of cdktf, say, which is to be found as such.
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([key, field]) => [key, withIds(field)]));
}
