/** Debian packages that a gateway needs beyond its image. */
export const gatewayPackages = ['awscli', 'iproute2', 'nftables', 'nodejs', 'wireguard-tools'] as const;

/**
 * `/usr/local/sbin/dwcp-fetch`: gets the bundle that the bucket names, verifies its digest, unpacks it beside
 * what is installed and lets its agent install it (`dwcp-agent install`), which refuses what is older or
 * foreign. Whatever fails leaves what is installed as it was, and the next run begins again.
 */
export const fetchProgram = `#!/bin/bash
# Run by dwcp-fetch.timer. What fails leaves everything as it was, and is tried again.
set -euo pipefail
umask 077
. /etc/dwcp/source
export AWS_DEFAULT_REGION DEBIAN_FRONTEND=noninteractive
mkdir -p /opt/dwcp/releases /run/dwcp/secrets
exec 9>/run/dwcp/fetch.lock
flock -n 9 || exit 0
type aws nft node wg >/dev/null 2>&1 || {
  dpkg --configure -a
  apt-get update -q
  apt-get install -qy --no-install-recommends ${gatewayPackages.join(' ')}
}
cd /opt/dwcp
rm -rf tmp.* /run/dwcp/secrets/*.new
secret() {
  [ -s "$1" ] || { aws secretsmanager get-secret-value --secret-id "$SECRET" \\
    --query SecretString --output text >"$1.new" && mv "$1.new" "$1"; }
}
# After a boot what is installed runs at once, whatever the bucket holds and whether it answers.
if [ -e current ]; then
  secret /run/dwcp/unseal
  systemctl start dwcp-agent || true
fi
work=$(mktemp -d -p /opt/dwcp)
trap 'rm -rf "$work"' EXIT
get() { aws s3 cp --only-show-errors "$FROM/$1" "$work/$1"; }
get bundle.sha256
get endpoints.json
digest=$(cut -c1-64 "$work/bundle.sha256")
[[ $digest =~ ^[0-9a-f]{64}$ ]] || { echo 'bundle.sha256 holds no digest' >&2; exit 1; }
if [ ! -d "releases/$digest" ]; then
  get bundle.tar
  echo "$digest  $work/bundle.tar" | sha256sum --check --strict --quiet
  mkdir "$work/tree"
  tar -xf "$work/bundle.tar" -C "$work/tree" --no-same-owner
  sync -f "$work/tree"
  mv -T "$work/tree" "releases/$digest"
fi
# A new plan may come with a new secret; the one before stays until the plan is accepted.
secret "/run/dwcp/secrets/$digest"
node "releases/$digest/dwcp-agent.cjs" install "/opt/dwcp/releases/$digest" \\
  --endpoints "$work/endpoints.json" --unseal "/run/dwcp/secrets/$digest" ||
  { rm "/run/dwcp/secrets/$digest"; exit 1; }
`;

/** systemd.service(5). An image without the program's packages may take minutes to get them. */
export const fetchService = `[Unit]
Description=Brings this gateway to what its bucket holds
Wants=network-online.target
After=network-online.target
[Service]
Type=oneshot
TimeoutStartSec=900
ExecStart=/usr/local/sbin/dwcp-fetch
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
