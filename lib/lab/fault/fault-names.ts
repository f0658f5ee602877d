/** What each fault of a gateway does, for help. Loads nothing: `dwcp` asks for it at every start. */
export const faultSummaries = {
  'kill-tunnel': 'end wireguard-go of a link, as a crash does; the interface goes with it',
  'link-flap': 'take the interface of a link down and up again',
  'flush-rules': 'remove our routing rules, as systemd-networkd does',
  'flush-nexthops': 'remove our nexthops, as systemd-networkd does',
  'flush-marking': 'remove our nftables table, as `nft flush ruleset` does',
  'foreign-interface': 'put an interface of somebody else in the place of that of a link',
  'kill-gateway': 'let nothing in or out of the gateway, and kill its agent',
  'stop-agent': 'stop its agent as SIGSTOP does; the kernel goes on forwarding',
  'cut-neighbour': 'lose the probes between the two gateways of its region',
  'cut-api': "let the cloud's API not answer it",
} as const;

/** A fault that a gateway of the lab can be given. */
export type FaultName = keyof typeof faultSummaries;
export const faultNames = Object.keys(faultSummaries) as FaultName[];
