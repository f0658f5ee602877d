// What objectives can say. The row of a kind holds its key in descriptions, its schema, its reader, and its
// shape in a plan; `plan/objective-kinds.ts` says how it is decided.
import { z } from 'zod';
import { amount, byKind, fields, oneOf, ratio, whole, type Shape } from '../shape';
import type { Latency, Money, Percent } from '../units';
import { readFigure, readWhole } from './figure-reader';
import type { RawPath, Reporter } from './reporter';
import { quantity } from './schema-quantity';

/** Exactly one of these is given. */
export interface StatementDescription {
  /** Every pair still has a route after any one of these fails. */
  readonly survive?: 'link' | 'region' | 'gateway' | 'srlg';
  /** One-way latency of the primary path. */
  readonly maxLatency?: Latency;
  /** Most of any link that demands and reservations use together. */
  readonly maxUtilisation?: Percent;
  /** Gateways, addresses and the traffic of the demands, their bandwidth taken as the mean of the month. */
  readonly maxMonthlyCost?: Money;
  /** Share of every link that demands and reservations leave free; true: `admission.headroom`, 20 %. */
  readonly headroom?: Percent | true;
  /**
   * Share of time in which each demand in scope is fully carried, links failing independently by their
   * `availability`.
   */
  readonly availability?: Percent;
  /** Least number of backup paths. */
  readonly minBackups?: number;
}

/** What an objective says. */
export type Statement =
  | { readonly kind: 'survive'; readonly of: 'link' | 'region' | 'gateway' | 'srlg' }
  | { readonly kind: 'max-latency'; readonly latencyMs: number }
  | { readonly kind: 'max-utilisation'; readonly ratio: number }
  | { readonly kind: 'max-monthly-cost'; readonly usd: number }
  | { readonly kind: 'headroom'; readonly ratio: number }
  | { readonly kind: 'availability'; readonly ratio: number }
  | { readonly kind: 'min-backups'; readonly count: number };

type Of<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

/** Where a statement is read, and what it may take from the rest of the description. */
interface Reading {
  readonly at: RawPath;
  readonly reporter: Reporter;
  /** `admission.headroom`. */
  readonly headroomRatio: number;
}

interface StatementKind<S> {
  readonly key: keyof StatementDescription;
  readonly schema: z.ZodType;
  /** undefined: the value is not valid, and the reporter knows why. */
  read(value: unknown, reading: Reading): Omit<S, 'kind'> | undefined;
  readonly shape: Shape<S>;
}

const failing = ['link', 'region', 'gateway', 'srlg'] as const;

/** By kind, in the order in which messages and the schema name them. */
const statementKinds: { readonly [K in Statement['kind']]: StatementKind<Of<K>> } = {
  survive: {
    key: 'survive',
    schema: z.enum(failing),
    read: (of) => ({ of: of as (typeof failing)[number] }),
    shape: fields<Of<'survive'>>({ kind: oneOf('survive'), of: oneOf(...failing) }),
  },
  'max-latency': {
    key: 'maxLatency',
    schema: quantity('150 ms', 'most one-way latency of the primary'),
    read(value, { at, reporter }) {
      const latencyMs = readFigure(value, 'latency', at, reporter, { above: 0 });
      return latencyMs === undefined ? undefined : { latencyMs };
    },
    shape: fields<Of<'max-latency'>>({ kind: oneOf('max-latency'), latencyMs: amount }),
  },
  'max-utilisation': {
    key: 'maxUtilisation',
    schema: quantity('80 %', 'most utilisation of any link'),
    read: (value, { at, reporter }) =>
      shareOf(readFigure(value, 'ratio', at, reporter, { above: 0, max: 1 })),
    shape: fields<Of<'max-utilisation'>>({ kind: oneOf('max-utilisation'), ratio }),
  },
  'max-monthly-cost': {
    key: 'maxMonthlyCost',
    schema: quantity('5000 USD', 'most monthly cost'),
    read(value, { at, reporter }) {
      const usd = readFigure(value, 'money', at, reporter, { above: 0 });
      return usd === undefined ? undefined : { usd };
    },
    shape: fields<Of<'max-monthly-cost'>>({ kind: oneOf('max-monthly-cost'), usd: amount }),
  },
  headroom: {
    key: 'headroom',
    schema: z.unknown().meta({
      anyOf: [{ type: 'string', examples: ['20 %'] }, { const: true }],
      description: 'share of every link kept free, with its unit: 20 %; true: that of admission',
    }),
    read: (value, { at, reporter, headroomRatio }) =>
      shareOf(
        value === true ? headroomRatio : readFigure(value, 'ratio', at, reporter, { min: 0, below: 1 }),
      ),
    shape: fields<Of<'headroom'>>({ kind: oneOf('headroom'), ratio }),
  },
  availability: {
    key: 'availability',
    schema: quantity('99.95 %', 'share of time in which each demand is fully carried'),
    read: (value, { at, reporter }) =>
      shareOf(readFigure(value, 'ratio', at, reporter, { above: 0, max: 1 })),
    shape: fields<Of<'availability'>>({ kind: oneOf('availability'), ratio }),
  },
  'min-backups': {
    key: 'minBackups',
    schema: z.number(),
    read(value, { at, reporter }) {
      const count = readWhole(value as number, 1, 8, at, reporter);
      return count === undefined ? undefined : { count };
    },
    shape: fields<Of<'min-backups'>>({ kind: oneOf('min-backups'), count: whole }),
  },
};

function shareOf(read: number | undefined): { readonly ratio: number } | undefined {
  return read === undefined ? undefined : { ratio: read };
}

const rows = Object.entries(statementKinds) as [Statement['kind'], StatementKind<Statement>][];

/** Keys of statements in a description. */
export const statementKeys: readonly string[] = rows.map(([, { key }]) => key);

/** Their schemas, by key. */
export const statementSchemas = Object.fromEntries(
  rows.map(([, { key, schema }]) => [key, schema.optional()]),
) as unknown as { readonly [K in keyof StatementDescription]-?: z.ZodOptional<z.ZodType> };

/** The shape of a statement in a plan. */
export const statementShape: Shape<Statement> = byKind<Statement>(
  Object.fromEntries(rows.map(([kind, { shape }]) => [kind, shape])) as unknown as {
    readonly [K in Statement['kind']]: Shape<Of<K>>;
  },
);

/**
 * Reads the statement of an objective.
 *
 * @param key the one that it gives.
 */
export function readStatement(
  raw: StatementDescription,
  key: string,
  at: RawPath,
  reading: Omit<Reading, 'at'>,
): Statement | undefined {
  const [kind, row] = rows.find(([, of]) => of.key === key)!;
  const read = row.read(raw[row.key], { ...reading, at: [...at, key] });
  return read && ({ kind, ...read } as Statement);
}
