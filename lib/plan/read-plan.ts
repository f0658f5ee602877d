import { problem, type Code, type Diagnostic } from '../diagnostics';
import { planDigest } from './digest';
import { formatVersion, type PlanDocument } from './document';

/**
 * Reads a plan's text. Refuses what is no plan, another format version, and a document whose digest is not
 * its own: a plan is made by planning, never by hand.
 */
export function readPlan(
  text: string,
  fileName: string,
): { readonly plan?: PlanDocument; readonly diagnostics: readonly Diagnostic[] } {
  const refuse = (code: Code, message: string, next: string) => ({
    diagnostics: [problem(code, '', message, next)],
  });
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return refuse('plan-unreadable', `${fileName} is no JSON, or only half of it`, 'plan again');
  }
  const plan = raw as PlanDocument | null;
  if (typeof plan !== 'object' || plan === null || !Object.hasOwn(plan, 'formatVersion')) {
    return refuse('not-a-plan', `${fileName} is no plan`, 'make one: dwcp plan <description> --format json');
  }
  if ((plan.formatVersion as unknown) !== formatVersion) {
    const message = `${fileName} has format version ${JSON.stringify(plan.formatVersion)}; this program reads ${formatVersion}`;
    return refuse('plan-version', message, 'plan again with this version');
  }
  const { digest, ...body } = plan;
  if (typeof digest !== 'string' || digest !== tryDigest(body)) {
    return refuse(
      'plan-digest',
      `${fileName} is not as it was written: its digest does not match`,
      'plan again',
    );
  }
  return { plan, diagnostics: [] };
}

/** undefined: it holds what no plan can, such as figures that overflow or maps without end. */
function tryDigest(body: Omit<PlanDocument, 'digest'>): string | undefined {
  try {
    return planDigest(body);
  } catch {
    return undefined;
  }
}
