/** What each fault of a gateway does, for help. Loads nothing: `dwcp` asks for it at every start. */
export const faultSummaries = {
  'kill-tunnel': 'end wireguard-go of a link, as a crash does; the interface goes with it',
  'link-flap': 'take the interface of a link down and up again',
  'flush-rules': 'remove our routing rules, as systemd-networkd does',
  'flush-nexthops': 'remove our nexthops, as systemd-networkd does',
  'flush-marking': 'remove our nftables table, as `nft flush ruleset` does',
  networkd: 'let systemd-networkd remove our rules, groups and unreachable routes: real or imitated',
  'foreign-interface': 'put an interface of somebody else in the place of that of a link',
  'kill-gateway': 'let nothing in or out of the gateway, and kill its agent',
  'stop-agent': 'stop its agent as SIGSTOP does; the kernel goes on forwarding',
  'cut-neighbour': 'lose the probes between the two gateways of its region',
  'cut-api': "let the cloud's API not answer it",
  mtu: 'let packets over so many bytes vanish in its tunnels: 1200, or 1200@<link>',
  'forward-drop': 'drop all that is forwarded, as `iptables -P FORWARD DROP` does: 4, 6 or both',
  'steal-rule': 'lead IPv4 traffic to a region, or to all, elsewhere, as the rule of an earlier VPN does',
  'no-ipv6': 'switch IPv6 off by sysctl',
  clock: "set the wall clock of the gateway's agent: +16h, -90s",
  'disk-full': "fill the disk of a gateway's agent, or make it read-only: nothing can be written",
  mark: 'let somebody else mark all packets, as kube-proxy (0x4000) or Tailscale (0x40000) do',
} as const;

/** A fault that a gateway of the lab can be given. */
export type FaultName = keyof typeof faultSummaries;
export const faultNames = Object.keys(faultSummaries) as FaultName[];
