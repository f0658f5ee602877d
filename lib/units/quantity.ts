/** What a figure measures. Each has one base unit, which stands in the name of every field that holds it. */
export type Dimension = 'bandwidth' | 'latency' | 'duration' | 'money' | 'price' | 'ratio';

/** A bandwidth as people write it: `10 Gbps`. Base unit: Mbps (10^6 bit/s). */
export type Bandwidth = `${number} ${'bps' | 'kbps' | 'Mbps' | 'Gbps' | 'Tbps'}`;
/** A delay: `35 ms`. Base unit: ms. */
export type Latency = `${number} ${'us' | 'ms' | 's'}`;
/** A length of time: `90 min`. Base unit: s. */
export type Duration = `${number} ${'ms' | 's' | 'min' | 'h' | 'd'}`;
/** An amount: `1200 USD`. */
export type Money = `${number} USD`;
/** A price per volume: `0.02 USD/GB`, one GB being 10^9 bytes. Base unit: USD/GB. */
export type Price = `${number} ${'USD/GB' | 'USD/TB'}`;
/** A share: `0.1 %`. Base unit: 1 (a ratio from 0 to 1). */
export type Percent = `${number} %`;

/** Unit name to its size in the base unit of its dimension, as a fraction so that conversions stay exact. */
const units: Readonly<Record<Dimension, Readonly<Record<string, readonly [number, number]>>>> = {
  bandwidth: { bps: [1, 1e6], kbps: [1, 1e3], Mbps: [1, 1], Gbps: [1e3, 1], Tbps: [1e6, 1] },
  latency: { us: [1, 1e3], ms: [1, 1], s: [1e3, 1] },
  duration: { ms: [1, 1e3], s: [1, 1], min: [60, 1], h: [3600, 1], d: [86400, 1] },
  money: { USD: [1, 1] },
  price: { 'USD/GB': [1, 1], 'USD/TB': [1, 1e3] },
  ratio: { '%': [1, 100] },
};

const examples: Readonly<Record<Dimension, string>> = {
  bandwidth: '10 Gbps',
  latency: '35 ms',
  duration: '90 min',
  money: '1200 USD',
  price: '0.02 USD/GB',
  ratio: '0.1 %',
};

const names: Readonly<Record<Dimension, string>> = {
  bandwidth: 'a bandwidth',
  latency: 'a delay',
  duration: 'a length of time',
  money: 'an amount of money',
  price: 'a price per volume',
  ratio: 'a share',
};

/** Why a text is no quantity of the wanted dimension: what is wrong and what to write instead. */
export interface QuantityProblem {
  readonly message: string;
  readonly next: string;
}

/** The value in the dimension's base unit, or why there is none. */
export type ParsedQuantity =
  { readonly ok: true; readonly value: number } | { readonly ok: false; readonly problem: QuantityProblem };

const shape =
  /^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+]?\.?nan|[-+]?\.?inf(?:inity)?)\s*([a-z%/µμ]*)\s*$/i;

/**
 * Parses `10 Gbps` and its like into the base unit of `dimension`. A number without a unit is refused, and
 * so are units of another dimension, NaN, infinities and negative figures: a reviewer must never have to
 * guess.
 */
export function parseQuantity(input: unknown, dimension: Dimension): ParsedQuantity {
  const example = examples[dimension];
  const refuse = (message: string, next = `write it like '${example}'`): ParsedQuantity => ({
    ok: false,
    problem: { message, next },
  });
  if (typeof input === 'number') {
    if (Number.isNaN(input)) return refuse(`NaN is not a number; expected ${names[dimension]}`);
    if (!Number.isFinite(input)) return refuse(`${input} is not finite; expected ${names[dimension]}`);
    return refuse(...missingUnit(String(input), String(input), dimension));
  }
  if (typeof input !== 'string') return refuse(`expected ${names[dimension]}, got ${describe(input)}`);
  const match = shape.exec(input);
  if (!match) return refuse(`'${input}' is not ${names[dimension]}`);
  const [, figure, rawUnit] = match;
  const number = Number(figure);
  if (/inf/i.test(figure)) return refuse(`'${input}' is not finite`);
  if (Number.isNaN(number)) return refuse(`'${input}' is not a number`);
  const unit = rawUnit.replace(/[µμ]/, 'u');
  const size = units[dimension][unit];
  if (!size) return refuse(...wrongUnit(input, figure, unit, dimension));
  if (!Number.isFinite(number)) return refuse(`'${input}' is not finite`);
  if (number < 0) return refuse(`'${input}' is negative`);
  return { ok: true, value: (number * size[0]) / size[1] };
}

/** The unit a bare number of each dimension is most likely meant in. */
const preferredUnit: Readonly<Record<Dimension, string>> = {
  bandwidth: 'Mbps',
  latency: 'ms',
  duration: 's',
  money: 'USD',
  price: 'USD/GB',
  ratio: '%',
};

function missingUnit(input: string, figure: string, dimension: Dimension): [string, string] {
  const message = `${input} has no unit; expected ${names[dimension]}`;
  const number = Number(figure);
  if (number < 0) return [message, `write it like '${examples[dimension]}'; it cannot be negative`];
  const plain = `'${figure} ${preferredUnit[dimension]}'`;
  // 0.01 may be a hundredth or a hundredth of a percent: only the writer knows.
  if (dimension === 'ratio' && number > 0 && number < 1) {
    return [
      message,
      `write '${Number((number * 100).toPrecision(12))} %' if it is a ratio, ${plain} if it is in percent`,
    ];
  }
  return [message, `write ${plain} if that is what you mean`];
}

function wrongUnit(input: string, figure: string, unit: string, dimension: Dimension): [string, string] {
  if (unit === '') return missingUnit(`'${input}'`, figure, dimension);
  const own = Object.keys(units[dimension]);
  const bytes = /^[kMGT]?i?B(ps|\/s)$/.test(unit);
  if (dimension === 'bandwidth' && bytes) {
    return [
      `'${input}' counts bytes; bandwidth is in bits per second`,
      `use one of ${own.join(', ')}; 1 MB/s is 8 Mbps`,
    ];
  }
  const sameLetters = own.find((u) => u.toLowerCase() === unit.toLowerCase());
  if (sameLetters)
    return [`'${input}': the unit is spelled '${sameLetters}'`, `write '${figure} ${sameLetters}'`];
  for (const [other, table] of Object.entries(units) as [Dimension, object][]) {
    if (other !== dimension && unit in table) {
      return [
        `'${input}' is ${names[other]}; expected ${names[dimension]}`,
        `write it like '${examples[dimension]}'`,
      ];
    }
  }
  return [`'${input}': unknown unit '${unit}'`, `use one of ${own.join(', ')}`];
}

function describe(input: unknown): string {
  if (input === null) return 'nothing (null)';
  if (Array.isArray(input)) return 'a list';
  return typeof input === 'object' ? 'a map' : String(input);
}
