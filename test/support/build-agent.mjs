// Before the tests: the agent's single file, from the sources as they are.
export default async function buildAgent() {
  await import('../../scripts/bundle-agent.mjs');
}
