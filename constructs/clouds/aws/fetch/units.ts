import { unitHardening } from '../../../../lib/gateway';
import { tunnelKinds } from '../../../../lib/tunnels';

/** Debian packages that a gateway needs beyond its image. */
export const gatewayPackages = [
  'awscli',
  'iproute2',
  'nftables',
  'nodejs',
  'openssl',
  ...Object.values(tunnelKinds.wireguard.packages),
] as const;

/**
 * Installs packages, at the first boot and never again: apt needs rights that what listens to a bucket must
 * not have. Tried again until they are there.
 */
export const packagesService = `[Unit]
Description=Installs what this gateway runs
Wants=network-online.target
After=network-online.target
ConditionPathExists=!/var/lib/dwcp-packages
StartLimitIntervalSec=0
[Service]
Type=oneshot
RemainAfterExit=yes
Restart=on-failure
RestartSec=30
TimeoutStartSec=900
Environment=DEBIAN_FRONTEND=noninteractive
ExecStart=dpkg --configure -a
ExecStart=apt-get update -q
ExecStart=apt-get install -qy --no-install-recommends ${gatewayPackages.join(' ')}
ExecStart=touch /var/lib/dwcp-packages
[Install]
WantedBy=multi-user.target
`;

/**
 * systemd.service(5), systemd.exec(5). These stay open: the network (S3 and Secrets Manager have no fixed
 * addresses), root's identity without any capability (it owns the keys' folders, and systemd takes orders
 * from root alone), memory that is written and run (node's compiler), and systemd's folder of units, where
 * `dwcp-agent install` puts the agent's.
 */
export const fetchService = `[Unit]
Description=Brings this gateway to what its bucket holds
Wants=network-online.target dwcp-packages.service
After=network-online.target dwcp-packages.service
[Service]
Type=oneshot
TimeoutStartSec=900
ExecStart=/usr/local/sbin/dwcp-fetch
StateDirectory=dwcp-fetch
StateDirectoryMode=0700
RuntimeDirectory=dwcp
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
ReadWritePaths=/opt/dwcp /etc/systemd/system
CapabilityBoundingSet=
PrivateDevices=yes
ProtectProc=invisible
${unitHardening}
SystemCallFilter=~@privileged @resources
`;

/** systemd.timer(5). */
export const fetchTimer = `[Unit]
Description=Looks for a new plan
[Timer]
OnBootSec=5
AccuracySec=1
OnUnitInactiveSec=60
[Install]
WantedBy=timers.target
`;
