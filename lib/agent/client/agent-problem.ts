/** A refused request: `message` says what is wrong, `next` what to do. */
export class AgentProblem extends Error {
  override readonly name = 'AgentProblem';

  constructor(
    /** Of HTTP; 0: the agent was not reached. */
    readonly status: number,
    message: string,
    readonly next: string,
  ) {
    super(message);
  }
}
