import type { Statement } from '../model';
import { count, formatDuration, formatRatio } from '../units';
import type { EvidenceFailure, EvidenceFlow, EvidenceUse, FailureEvidence } from './failure-evidence';

const nouns = { link: 'link', region: 'region', gateway: 'gateway', srlg: 'shared-risk group' } as const;

/** Evidence of failures in one sentence, without its full stop. */
export function failureText(evidence: FailureEvidence, statement: Statement): string {
  const noun = statement.kind === 'survive' ? nouns[statement.of] : '';
  switch (evidence.kind) {
    case 'not-decided':
      return 'failures do not decide it';
    case 'not-evaluated':
      return noun === ''
        ? `failures of kind ${evidence.of} were not evaluated`
        : `${noun} failures were not evaluated`;
    case 'no-route':
      return `${flowText(evidence.flow)} has no route, even without a failure`;
    case 'nothing-fails':
      return `the network has no ${noun} that could fail`;
    case 'no-links':
      return 'the network has no links';
    case 'waits':
      return (
        `${whenText(evidence.failure)}, its workloads wait until it is back or you move their routes: ` +
        `region '${evidence.region}' names no route tables`
      );
    case 'survived': {
      const { failures, seconds, fullest } = evidence;
      const moved = seconds > 0 ? ` once routes have moved, within ${formatDuration(seconds)}` : '';
      const figure = fullest
        ? `; the fullest link then is ${useText(fullest.use)}, ${whenText(fullest.failure)}`
        : '';
      return `everything is carried under each of ${count(failures, `${noun} failure`)}${moved}${figure}`;
    }
    case 'lost': {
      const { failure, flow, otherFlows, cutOff } = evidence;
      const one = cutOff ? 'is cut off' : 'has no planned path left';
      const what = otherFlows > 0 ? 'have no planned path left' : one;
      return `${whenText(failure)}, ${flowText(flow)}${others(otherFlows)} ${what}${more(evidence)}`;
    }
    case 'congested': {
      const { failure, flow, otherFlows, use } = evidence;
      const verb = otherFlows > 0 ? 'do' : 'does';
      const who = `${flowText(flow)}${others(otherFlows)}`;
      return `${whenText(failure)}, ${who} ${verb} not fit: ${useText(use)}${more(evidence)}`;
    }
    case 'fullest': {
      const wanted = statement.kind === 'headroom' ? 'are to stay free' : 'are allowed';
      const ratio = 'ratio' in statement ? formatRatio(statement.ratio) : '';
      const { failure, use } = evidence;
      return `the fullest link, ${whenText(failure)}, is ${useText(use)}; ${ratio} ${wanted}`;
    }
  }
}

/** `a to b (critical, realtime)` for a route, `demand 'x' (bulk, a to b)` for a demand. */
function flowText({ from, to, classes, demand }: EvidenceFlow): string {
  if (demand !== null) return `demand '${demand}' (${classes.join(', ')}, ${from} to ${to})`;
  return `${from} to ${to} (${classes.join(', ')})`;
}

/** `'link-a-b' from a to b at 87 %`. */
function useText({ link, from, to, ratio }: EvidenceUse): string {
  const full = ratio === null ? 'carries traffic without capacity' : `at ${formatRatio(ratio)}`;
  return `'${link}' from ${from} to ${to} ${full}`;
}

/** `when link 'x' fails`, `without a failure`. */
function whenText(failure: EvidenceFailure | null): string {
  if (failure === null) return 'without a failure';
  const { kind, id } = failure;
  if (kind === 'links') return `when links ${id} fail`;
  if (kind === 'events') return `when ${id} fail`;
  return `when ${nouns[kind]} '${id}' fails`;
}

function others(flows: number): string {
  return flows > 0 ? ` and ${count(flows, 'other')}` : '';
}

function more({ otherFailures }: { readonly otherFailures: number }): string {
  if (otherFailures === 0) return '';
  return `; ${count(otherFailures, 'other failure breaks', 'other failures break')} it`;
}
