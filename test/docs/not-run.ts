/** A command of the documentation that a plain test cannot run, and why. */
export interface NotRun {
  readonly pattern: RegExp;
  readonly reason: string;
}

/**
 * Every command of the documentation is run, or matches one of these. Options of our own commands are held
 * against their help all the same.
 */
export const notRun: readonly NotRun[] = [
  { pattern: /^npm (i|install|ci)\b/, reason: 'installs from a registry; test/package does' },
  {
    pattern: /^npm (start|test|run [\w:]+)\b/,
    reason: 'a script that .ci/run, a bench or a made project runs',
  },
  {
    pattern: /^npx dwcp keys exec .* -- (npx (cdktn|cdktf)|terraform) /,
    reason: 'deploys to AWS; test/aws does to a stand-in',
  },
  { pattern: /^npx (cdktn|cdktf) /, reason: 'deploys to AWS; test/aws does to a stand-in' },
  {
    pattern: /^npx dwcp keys sign /,
    reason: 'signs what an app synthesized; test/cli/keys-sign does',
  },
  { pattern: /^terraform /, reason: 'changes the state of a deployment' },
  { pattern: /^sudo npx dwcp lab /, reason: 'wants root and network namespaces; test/lab does' },
  { pattern: /^npx dwcp ops /, reason: 'asks the gateways of a deployed network; test/lab/ops does' },
  { pattern: /^dwcp-agent /, reason: 'asks the agent of a gateway; test/agent does' },
  {
    pattern: /^(firewall-cmd|sed -i .*firewalld\.conf|ufw|ip6?tables|sysctl|ip (-6 )?route add) /,
    reason: 'changes the network of a gateway; test/agent/doctor and test/lab/beside do',
  },
  { pattern: /^(sudo )?(systemctl|journalctl) /, reason: 'asks systemd of a gateway; test/boot does' },
  { pattern: /^curl /, reason: 'asks the agent of a gateway; test/agent does' },
  { pattern: /^source <\(/, reason: 'loads a completion into this shell; test/cli does' },
];
