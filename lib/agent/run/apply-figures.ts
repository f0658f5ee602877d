import { applyBounds } from '../telemetry';

/** How plans were taken since the agent began. */
export class ApplyFigures {
  /** Durations, seconds: bounds as in `applyBounds`. */
  readonly applySeconds = { counts: new Array<number>(applyBounds.length + 1).fill(0), sum: 0, count: 0 };
  applyFailures = 0;
  refusedPlans = 0;

  noteApplied(seconds: number): void {
    const { applySeconds } = this;
    const at = applyBounds.findIndex((bound) => seconds <= bound);
    applySeconds.counts[at === -1 ? applyBounds.length : at]++;
    applySeconds.sum += seconds;
    applySeconds.count++;
  }

  /** @param code why: `apply` if the host refused the plan, any other if the agent did */
  noteRefused(code: string): void {
    if (code === 'apply') this.applyFailures++;
    else this.refusedPlans++;
  }
}
