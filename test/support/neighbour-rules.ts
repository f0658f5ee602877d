/** /etc/nftables.conf as Debian ships it: what `systemctl restart nftables` loads. */
export const firewallConf = `flush ruleset

table inet filter {
	chain input {
		type filter hook input priority filter;
	}
	chain forward {
		type filter hook forward priority filter;
	}
	chain output {
		type filter hook output priority filter;
	}
}
`;

/**
 * The filter tables that Docker 28 makes, as iptables-nft stores them: what is forwarded is dropped, but for
 * its bridges. Only what containers would add is left out.
 *
 * @param accepts whether the operator lets our interfaces pass in DOCKER-USER (docs/beside.md).
 */
export function dockerRules(accepts: boolean): string {
  const ours = ['wg-*', 'dwcp*'].flatMap((name) => [
    `iifname "${name}" counter accept`,
    `oifname "${name}" counter accept`,
  ]);
  return ['ip', 'ip6']
    .map(
      (family) => `table ${family} filter {
	chain DOCKER {
		iifname != "docker0" oifname "docker0" counter drop
	}
	chain DOCKER-BRIDGE {
		oifname "docker0" counter jump DOCKER
	}
	chain DOCKER-CT {
		oifname "docker0" ct state related,established counter accept
	}
	chain DOCKER-ISOLATION-STAGE-1 {
		iifname "docker0" oifname != "docker0" counter jump DOCKER-ISOLATION-STAGE-2
	}
	chain DOCKER-ISOLATION-STAGE-2 {
		oifname "docker0" counter drop
	}
	chain DOCKER-FORWARD {
		counter jump DOCKER-CT
		counter jump DOCKER-ISOLATION-STAGE-1
		counter jump DOCKER-BRIDGE
		iifname "docker0" counter accept
	}
	chain DOCKER-USER {
${(accepts ? ours : []).map((rule) => `\t\t${rule}\n`).join('')}	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		counter jump DOCKER-USER
		counter jump DOCKER-FORWARD
	}
}
`,
    )
    .join('');
}

/**
 * What kube-proxy makes in its iptables mode, as iptables-nft stores it: it masquerades what carries 0x4000,
 * and drops what conntrack calls invalid. One service stands for all.
 */
export const kubeProxyRules = ['ip', 'ip6']
  .map(
    (family) => `table ${family} nat {
	chain KUBE-MARK-MASQ {
		counter meta mark set meta mark | 0x4000
	}
	chain KUBE-SERVICES {
		${family} daddr ${family === 'ip' ? '10.96.0.1' : 'fd00:10:96::1'} tcp dport 443 counter jump KUBE-MARK-MASQ
	}
	chain KUBE-POSTROUTING {
		meta mark & 0x4000 != 0x4000 counter return
		meta mark set meta mark ^ 0x4000
		counter masquerade fully-random
	}
	chain PREROUTING {
		type nat hook prerouting priority dstnat; policy accept;
		counter jump KUBE-SERVICES
	}
	chain POSTROUTING {
		type nat hook postrouting priority srcnat; policy accept;
		counter jump KUBE-POSTROUTING
	}
}
table ${family} filter {
	chain KUBE-FORWARD {
		ct state invalid counter drop
		meta mark & 0x4000 == 0x4000 counter accept
		ct state related,established counter accept
	}
	chain FORWARD {
		type filter hook forward priority filter; policy accept;
		counter jump KUBE-FORWARD
	}
}
`,
  )
  .join('');

/** What tailscaled makes beside its interface `tailscale0` (router_linux.go, nftables_runner.go). */
export const tailscaleRules = ['ip', 'ip6']
  .map((family) => {
    const net = family === 'ip' ? '100.64.0.0/10' : 'fd7a:115c:a1e0::/48';
    return `table ${family} filter {
	chain ts-input {
		iifname != "tailscale0" ${family} saddr ${net} counter drop
		iifname "tailscale0" counter accept
		udp dport 41641 counter accept
	}
	chain ts-forward {
		iifname "tailscale0" counter meta mark set meta mark & 0xff00ffff | 0x40000
		meta mark & 0xff0000 == 0x40000 counter accept
		oifname "tailscale0" ${family} saddr ${net} counter drop
		oifname "tailscale0" counter accept
	}
	chain INPUT {
		type filter hook input priority filter; policy accept;
		counter jump ts-input
	}
	chain FORWARD {
		type filter hook forward priority filter; policy accept;
		counter jump ts-forward
	}
}
table ${family} nat {
	chain ts-postrouting {
		meta mark & 0xff0000 == 0x40000 counter masquerade
	}
	chain POSTROUTING {
		type nat hook postrouting priority srcnat; policy accept;
		counter jump ts-postrouting
	}
}
`;
  })
  .join('');

/** Its interface, its table and its rules, in lines of sh. */
export const tailscaleRouting = `ip tuntap add tailscale0 mode tun
ip link set tailscale0 up
ip address add 100.100.1.1/32 dev tailscale0
ip route add 100.100.1.2/32 dev tailscale0 table 52
ip route add fd7a:115c:a1e0::2/128 dev tailscale0 table 52
for family in -4 -6; do
  ip $family rule add priority 5210 fwmark 0x80000/0xff0000 lookup main
  ip $family rule add priority 5230 fwmark 0x80000/0xff0000 lookup default
  ip $family rule add priority 5250 fwmark 0x80000/0xff0000 unreachable
  ip $family rule add priority 5270 lookup 52
done
`;

/** Takes it away again. */
export const tailscaleRoutingEnds = `ip link delete tailscale0
for priority in 5210 5230 5250 5270; do
  ip -4 rule delete priority $priority
  ip -6 rule delete priority $priority
done
`;

/** Marks that packets of the region have before we see them: a bit of kube-proxy, one of Tailscale. */
export const foreignMarkRules = `table inet others {
	chain prerouting {
		type filter hook prerouting priority -160; policy accept;
		iifname "region0" meta mark set meta mark | 0x48000
	}
}
`;
