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
