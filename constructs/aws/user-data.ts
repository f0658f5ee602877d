/** What a gateway must know to fetch the rest. */
export interface Bootstrap {
  readonly gateway: string;
  /** AWS region code. */
  readonly region: string;
  readonly bucket: string;
  readonly folder: string;
  /** Name of its unsealing secret. */
  readonly secret: string;
}

/**
 * The bootstrap, run once by cloud-init: installs a small program and a timer that brings the host to what
 * the bucket holds. Nothing here follows from the plan. Terraform reads the text as a template, so it has
 * no shell parameter in braces and no percent sign before one.
 *
 * On the gateway: `/opt/dwcp/current` (the bundle, a link that is switched whole),
 * `/opt/dwcp/endpoints.json`, `/run/dwcp/unseal` (the unsealing secret, in memory only). A unit
 * `dwcp-agent.service` in the bundle is enabled, and reloaded or restarted after each change.
 */
export function userData(bootstrap: Bootstrap): string {
  return `#!/bin/bash
# dwcp gateway ${bootstrap.gateway}
set -eu
mkdir -p /etc/dwcp
cat >/etc/dwcp/source <<'EOF'
AWS_DEFAULT_REGION=${bootstrap.region}
FROM=s3://${bootstrap.bucket}/${bootstrap.folder}
SECRET=${bootstrap.secret}
EOF
cat >/usr/local/sbin/dwcp-fetch <<'EOF'
${fetchProgram}EOF
chmod 755 /usr/local/sbin/dwcp-fetch
cat >/etc/systemd/system/dwcp-fetch.service <<'EOF'
[Unit]
Description=Brings this gateway to what its bucket holds
Wants=network-online.target
After=network-online.target
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/dwcp-fetch
EOF
cat >/etc/systemd/system/dwcp-fetch.timer <<'EOF'
[Unit]
Description=Looks for a new plan
[Timer]
OnBootSec=5
OnUnitInactiveSec=60
[Install]
WantedBy=timers.target
EOF
until command -v aws nft node wg >/dev/null; do
  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \\
    awscli iproute2 nftables nodejs wireguard-tools || sleep 10
done
systemctl daemon-reload
systemctl enable --now dwcp-fetch.timer
systemctl start dwcp-fetch.service || true
`;
}

const fetchProgram = `#!/bin/bash
# Run by dwcp-fetch.timer. Does nothing when everything is there already; a failure leaves everything as it was.
set -euo pipefail
umask 077
. /etc/dwcp/source
export AWS_DEFAULT_REGION
mkdir -p /opt/dwcp/releases /run/dwcp
exec 9>/run/dwcp/fetch.lock
flock -n 9 || exit 0
cd /opt/dwcp
rm -rf tmp.*
work=$(mktemp -d -p /opt/dwcp)
trap 'rm -rf "$work"' EXIT
get() { aws s3 cp --only-show-errors "$FROM/$1" "$work/$1"; }
get endpoints.json
get bundle.sha256
digest=$(cut -c1-64 "$work/bundle.sha256")
[[ $digest =~ ^[0-9a-f]{64}$ ]]
if [ ! -d "releases/$digest" ]; then
  get bundle.tar
  (cd "$work" && sha256sum --check --strict --quiet bundle.sha256)
  mkdir "$work/tree"
  tar -xf "$work/bundle.tar" -C "$work/tree" --no-same-owner
  sync -f "$work/tree"
  mv "$work/tree" "releases/$digest"
fi
# A new plan may come with a new secret.
if [ "$(cat /run/dwcp/unsealed 2>/dev/null || true)" != "$digest" ] &&
  aws secretsmanager get-secret-value --secret-id "$SECRET" --query SecretString --output text >/run/dwcp/unseal.new; then
  mv -f /run/dwcp/unseal.new /run/dwcp/unseal
  echo "$digest" >/run/dwcp/unsealed
fi
mv -f "$work/endpoints.json" endpoints.json
ln -s "releases/$digest" "$work/current"
mv -fT "$work/current" current
find releases -mindepth 1 -maxdepth 1 ! -name "$digest" -mtime +7 -exec rm -rf {} +
unit=dwcp-agent.service
[ -f "current/$unit" ] || exit 0
touch /run/dwcp/unseal
want=$(echo "$digest" | cat - endpoints.json /run/dwcp/unseal | sha256sum)
[ "$(cat /run/dwcp/applied 2>/dev/null || true)" != "$want" ] || exit 0
install -m 644 "current/$unit" "/etc/systemd/system/$unit"
systemctl daemon-reload
systemctl enable -q "$unit"
systemctl reload-or-restart "$unit"
echo "$want" >/run/dwcp/applied
`;
