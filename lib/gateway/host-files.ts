/** First line of every file that we put into a folder of somebody else: a file without it is not ours. */
export const writtenByAgent =
  '# Written by dwcp-agent. Edits are lost; see docs/beside.md for how to override it.';

/**
 * Tells systemd-networkd that what others made is not its to remove (networkd.conf(5)). Without it networkd
 * takes all foreign rules, nexthops without an interface and unreachable routes away whenever it configures
 * an interface: one that a `.network` file matches appears, `networkctl reconfigure`, `networkctl reload`
 * after a file changed, and from version 256 on when it starts. Version 252 does not know the last line,
 * warns of it once, and leaves groups alone for another reason (`groupProtocol`).
 */
export const networkdSettings = `${writtenByAgent}
[Network]
ManageForeignRoutes=no
ManageForeignRoutingPolicyRules=no
ManageForeignNextHops=no
`;

/**
 * Tells systemd-networkd that interfaces are not its own, also where a file of the user matches all
 * (systemd.network(5)). No setting spares addresses, which networkd removes from what it manages.
 *
 * @param interfaces names, without white space or pattern characters.
 */
export function unmanagedInterfaces(interfaces: readonly string[]): string {
  return `${writtenByAgent}
[Match]
Name=${[...new Set(interfaces)].sort().join(' ')}

[Link]
Unmanaged=yes
`;
}
