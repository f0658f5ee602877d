import { z } from 'zod';

/**
 * The schema of a figure. Figures stay text here: units, ranges and everything between two fields is checked
 * where the message can name both.
 */
export function quantity(example: string, what: string): z.ZodType {
  return z
    .unknown()
    .meta({ type: 'string', description: `${what}, with its unit: ${example}`, examples: [example] });
}
