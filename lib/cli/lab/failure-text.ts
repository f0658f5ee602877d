// How a lab's failures and faults are told in a line.
import type { LabFailure, MadeFault } from '../../lab';

/** `link-a-b: 20 % loss, 100 ms more, towards b`. */
export function failureText({ target, blackhole, lossRatio, extraMs, towards }: LabFailure): string {
  const parts = [
    ...(blackhole ? ['blackhole'] : []),
    ...(lossRatio > 0 ? [`${Number((lossRatio * 100).toFixed(2))} % loss`] : []),
    ...(extraMs > 0 ? [`${extraMs} ms more`] : []),
    ...(towards === null ? [] : [`towards ${towards}`]),
  ];
  return `${target}: ${parts.join(', ')}`;
}

/** `dublin/1: foreign-interface link-a-b`. */
export function faultText({ gateway, fault, value }: MadeFault): string {
  return `${gateway}: ${fault}${value === null ? '' : ` ${value}`}`;
}
