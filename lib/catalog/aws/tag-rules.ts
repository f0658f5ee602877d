import type { TagRules } from '../cloud';

const iamShape = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * AWS allows 50 tags a resource with keys up to 128 and values up to 256 characters, none starting with
 * `aws:`. The characters depend on the service; IAM, whose roles are tagged too, takes the fewest.
 */
export const awsTagRules: TagRules = {
  most: 40,
  mostHint: 'keep 40 at most; AWS allows 50 with ours',
  tryFault(key, value) {
    if (key.length === 0 || key.length > 128) return 'has no key, or one over 128 characters';
    if (/^aws:/i.test(key)) return 'starts with a reserved prefix';
    return value.length > 256 ? 'has a value over 256 characters' : undefined;
  },
  tryDoubt: (text) =>
    iamShape.test(text)
      ? undefined
      : {
          message: 'has a character that IAM does not take in tags',
          next: 'use letters, digits, spaces and _ . : / = + - @, or Terraform will fail to tag the roles',
        },
};
