import type { CloudFacts } from '../catalog';
import type { RawPath, Reporter } from './reporter';

/** Reports the tags that one of the clouds does not take, or that hold something invisible. */
export function checkTags(
  tags: Readonly<Record<string, string>> | undefined,
  clouds: readonly CloudFacts[],
  path: RawPath,
  reporter: Reporter,
): void {
  const entries = Object.entries(tags ?? {});
  const strictest = clouds.find(({ tagRules }) => entries.length > tagRules.most);
  if (strictest) reporter.error('bad-tag', path, `${entries.length} tags`, strictest.tagRules.mostHint);
  for (const [key, value] of entries) {
    const at = [...path, key];
    const ours =
      key === '' ? 'has no key' : /^dwcp:/i.test(key) ? 'starts with a reserved prefix' : undefined;
    const [wrong = ours] = clouds.flatMap(({ tagRules }) => tagRules.tryFault(key, value) ?? []);
    if (wrong !== undefined) {
      reporter.error('bad-tag', at, `tag '${key}' ${wrong}`, 'rename or shorten it');
      continue;
    }
    const shown = `tag '${key}', '${value}'`;
    if (invisible.test(key + value)) {
      const message = `${shown} has a control or invisible character`;
      reporter.error('bad-tag', at, message, 'remove it');
      continue;
    }
    const [doubt] = clouds.flatMap(({ tagRules }) => tagRules.tryDoubt(key + value) ?? []);
    if (doubt) reporter.warn('tag-characters', at, `${shown} ${doubt.message}`, doubt.next);
  }
}

const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
