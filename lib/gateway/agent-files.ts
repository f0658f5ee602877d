import { unitHardening } from './unit-hardening';

/**
 * Options of Node that the agent runs with: it makes little that lives long, and a young generation of its
 * default 3 x 16 MiB would fill up all the same before the first collection. Ten MB that live are collected
 * once a minute, in steps of a fraction of a ms on the one thread: with threads to help, which wait for each
 * other and take the cores from the tunnels, a step took up to 40 ms where cores were busy, and neighbours
 * called the gateway dead. Nor are collections repeated to give memory back.
 */
export const agentNodeOptions: readonly string[] = [
  '--max-semi-space-size=2',
  '--max-old-space-size=192',
  '--single-threaded-gc',
  '--no-memory-reducer',
];

/** Units that a gateway has where its plan asks for what they do. */
export const ssmUnitName = 'dwcp-ssm.service';
export const logsUnitName = 'dwcp-logs.service';

/**
 * The agent's part of a bundle: the program as one file, its unit, the one that tells others on the host
 * what is ours, and those that a plan may ask for. `dwcp-agent install` puts units in their place
 * (systemd.unit(5), systemd.service(5)).
 *
 * @param program the built agent, JavaScript for Node 18 or later.
 */
export function agentFiles(program: string): ReadonlyMap<string, string> {
  return new Map([
    ['dwcp-agent.cjs', program],
    ['dwcp-agent.service', unit],
    ['dwcp-host.service', hostUnit],
    [ssmUnitName, ssmUnit],
    [logsUnitName, logsUnit],
  ]);
}

/**
 * Connects a socket to systemd, keeps its number in `DWCP_NOTIFY_FD` and becomes what follows: node has no
 * sockets of datagrams in the Unix domain, a helper process would need `NotifyAccess=all`, and perl is part
 * of every Debian (perl-base). For a line of systemd.service(5), where `$$` is a dollar sign.
 */
const launcher = `/usr/bin/perl -MSocket -e "$$^F=9;socket(N,AF_UNIX,SOCK_DGRAM|SOCK_NONBLOCK,0)&&connect(N,pack_sockaddr_un($$ENV{NOTIFY_SOCKET}))&&($$ENV{DWCP_NOTIFY_FD}=fileno N);exec @ARGV"`;

/**
 * A stop or restart leaves forwarding alone: `KillMode=process` spares wireguard-go, which lives in the same
 * control group, and the runtime folders stay. After a boot it waits for the secret, and is never given up:
 * the first restart comes at once, and an agent that often failed waits by itself (`starts.ts`). systemd
 * hears when the plan is applied, and starts one anew that has not probed for half a minute.
 *
 * Hardened by systemd.exec(5). What stays open, and why: the host's network and its settings below
 * `/proc/sys/net` (the agent makes links, routes, marks and queues of it), root's identity (it owns the keys,
 * and settings are written by root alone) with CAP_NET_ADMIN, CAP_NET_RAW (probes are bound to interfaces)
 * and CAP_NET_BIND_SERVICE, netlink and Internet sockets, memory that is written and run (node's compiler),
 * and `/dev/net/tun`, for wireguard-go where the kernel has no WireGuard.
 */
const unit = `[Unit]
Description=dwcp agent: tunnels, probes and failover of this gateway
After=network-online.target
Wants=network-online.target
ConditionPathExists=/opt/dwcp/current/gateway.json
ConditionPathExists=/run/dwcp/unseal
StartLimitIntervalSec=0

[Service]
Type=notify
WatchdogSec=30
TimeoutStartSec=180
ExecStart=${launcher} /usr/bin/node ${agentNodeOptions.join(' ')} /opt/dwcp/current/dwcp-agent.cjs run
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=300ms
KillMode=process
StateDirectory=dwcp
StateDirectoryMode=0700
RuntimeDirectory=dwcp wireguard
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
Nice=-10
OOMScoreAdjust=-900
LimitNOFILE=65536
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_NET_BIND_SERVICE
ReadWritePaths=/proc/sys/net
DevicePolicy=closed
DeviceAllow=/dev/net/tun rw
${unitHardening}
SystemCallFilter=~@privileged

[Install]
WantedBy=multi-user.target
`;

/**
 * Runs once after each installation. A unit of its own: what listens to a bucket, and the agent, may not
 * write the configuration of others.
 */
const hostUnit = `[Unit]
Description=Tells systemd-networkd what belongs to the dwcp agent
ConditionPathExists=/opt/dwcp/current/gateway.json

[Service]
Type=oneshot
ExecStart=/usr/bin/node /opt/dwcp/current/dwcp-agent.cjs host-files
TimeoutStartSec=30
ReadWritePaths=/etc/systemd
CapabilityBoundingSet=
PrivateDevices=yes
ProtectProc=invisible
${unitHardening}
SystemCallFilter=~@privileged @resources
`;

/**
 * Installs a package that the signed plan names by its SHA-256. What a package may do it needs: to write
 * anywhere, to own files for others, and to have its own unit started by systemd. Exit code 2 says that it is
 * another package: trying again is of no use.
 */
const ssmUnit = `[Unit]
Description=Installs the SSM agent that the plan names
Wants=network-online.target
After=network-online.target dwcp-packages.service
ConditionPathExists=/opt/dwcp/current/gateway.json
StartLimitIntervalSec=0

[Service]
Type=oneshot
Restart=on-failure
RestartSec=60
RestartPreventExitStatus=2
TimeoutStartSec=900
Environment=DEBIAN_FRONTEND=noninteractive
StateDirectory=dwcp-ssm
StateDirectoryMode=0700
ExecStart=/usr/bin/node /opt/dwcp/current/dwcp-agent.cjs ssm-agent
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_SETGID CAP_SETUID
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`;

/**
 * Sends the journal. Apart from the agent: it tells what becomes of the agent too, and takes no time from
 * probes. It reads as root, and writes its own folders alone.
 */
const logsUnit = `[Unit]
Description=Sends the journal of this gateway to CloudWatch Logs
Wants=network-online.target
After=network-online.target
ConditionPathExists=/opt/dwcp/current/gateway.json
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/node --max-semi-space-size=1 --max-old-space-size=64 /opt/dwcp/current/dwcp-agent.cjs logs
Restart=always
RestartSec=10
TimeoutStopSec=5
Nice=10
OOMScoreAdjust=500
StateDirectory=dwcp-logs
StateDirectoryMode=0700
RuntimeDirectory=dwcp-logs
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
CapabilityBoundingSet=
PrivateDevices=yes
ProtectProc=invisible
${unitHardening}
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
`;
