/** Version of the program: set when it is built into one file, else the package's. */
export const agentVersion: string = builtVersion() ?? 'from source';

function builtVersion(): string | undefined {
  const known = (globalThis as { DWCP_AGENT_VERSION?: unknown }).DWCP_AGENT_VERSION;
  return typeof known === 'string' ? known : undefined;
}
