import { verifyFunctions } from './verify';

/**
 * `/usr/local/sbin/dwcp-fetch`: gets the manifest that the bucket names and judges it, waits for the first
 * gateway where the manifest says so, gets the bundle of its digest, unpacks it beside what is installed and
 * lets its agent install it (`dwcp-agent install`). A failure leaves the installed bundle as it was, and the
 * next run begins again. The outcome stands in the journal, in `/var/lib/dwcp-fetch/report`, and in the
 * bucket under `reports/`.
 *
 * Kept in `/var/lib/dwcp-fetch`: `key` (number and newest accepted signing key), `generation` (newest
 * accepted), `replaced` (digests of this generation's manifests that others replaced), `first-seen` (a digest
 * that waits, and since when), `bad` (what the first gateway reported bad), `health` (of what is installed),
 * `report` and `reported` (the last one, and the last one that the bucket has).
 *
 * `dwcp-fetch verify FILE...` judges manifests and changes nothing.
 */
export const fetchProgram = `#!/bin/bash
# Run by dwcp-fetch.timer. What fails leaves everything as it was, and is tried again.
set -euo pipefail
umask 077
. /etc/dwcp/source
export AWS_DEFAULT_REGION LC_ALL=C
# Where tunnels take the processor, an answer may take longer than the one second that aws waits.
export AWS_METADATA_SERVICE_TIMEOUT=5 AWS_METADATA_SERVICE_NUM_ATTEMPTS=3
kept=/var/lib/dwcp-fetch run=/run/dwcp
bundle=$(printf %064d 0) generation=0

${verifyFunctions}
# keep NAME TEXT: whole or not at all, through a power cut as well.
keep() {
  printf '%s\\n' "$2" >"$kept/$1.new"
  sync "$kept/$1.new"
  mv "$kept/$1.new" "$kept/$1"
}

# object REGION BUCKET ACCOUNT KEY LAST FILE: not beyond byte LAST, so that no object fills the disk.
object() {
  aws s3api get-object --region "$1" --bucket "$2" --expected-bucket-owner "$3" --key "$4" \\
    --range "bytes=0-$5" "$6" >/dev/null
}
get() { object "$AWS_DEFAULT_REGION" "$BUCKET" "$ACCOUNT" "$FOLDER/$1" "$2" "$work/$1"; }

differs() { ! cmp -s <(grep -v '^at ' "$1" 2>/dev/null) <(grep -v '^at ' "$2" 2>/dev/null); }

# report RESULT HEALTH REASON: once for as long as it stays the same.
report() {
  local name reason
  name=reports/$(printf %s "$GATEWAY" | tr / -)
  reason=$(printf %s "$3" | tr -c ' -~' ' ' | cut -c1-300)
  [ "$1" = installed ] || printf '%s: %s\\n' "$1" "$reason" >&2
  printf 'dwcp-report 1\\ngateway %s\\nbundle %s\\ngeneration %s\\nresult %s\\nhealth %s\\nat %s\\nreason %s\\n' \\
    "$GATEWAY" "$bundle" "$generation" "$1" "$2" "$(date +%s)" "$reason" >"$work/report"
  if differs "$work/report" "$kept/report"; then keep report "$(<"$work/report")"; fi
  if differs "$kept/report" "$kept/reported"; then
    if aws s3api put-object --bucket "$BUCKET" --expected-bucket-owner "$ACCOUNT" --key "$name" \\
      --body "$kept/report" >/dev/null; then keep reported "$(<"$kept/report")"; fi
  fi
}
refuse() { report refused unknown "$1"; exit 1; }
fail() { report failed "$1" "$2"; exit 1; }
pause() { report waiting unknown "$1"; exit 0; }

# secret EPOCH FILE: the text that has a line of the epoch. An apply that broke off leaves either version.
secret() {
  local stage
  : >"$2.new"
  [ "$1" != 0 ] || { mv "$2.new" "$2"; return; }
  for stage in AWSCURRENT AWSPREVIOUS; do
    aws secretsmanager get-secret-value --secret-id "$SECRET" --version-stage "$stage" \\
      --query SecretString --output text >"$2.new" || continue
    if grep -q "^$1 " "$2.new"; then mv "$2.new" "$2"; return; fi
  done
  rm "$2.new"
  return 1
}

# After a boot what is installed runs at once, whatever the bucket holds and whether it answers.
start_installed() {
  [ -e current ] && ! systemctl -q is-active dwcp-agent || return 0
  secret "$(value secret current/manifest)" "$run/unseal" || echo 'no secret for what is installed' >&2
  [ ! -e "$run/unseal" ] || systemctl start dwcp-agent || true
}

# Others wait for the first gateway; one that runs nothing yet has nothing to lose.
wait_for_first() {
  local who digest wait region store account more health='' was since now
  read -r who digest wait < <(value canary "$work/manifest") || true
  [ "$who" != - ] && [ "$who" != "$GATEWAY" ] && [ -e current ] || return 0
  if get canary 255 && [[ $(<"$work/canary") =~ ^[a-z0-9-]+\\ [a-z0-9.-]+\\ [0-9]{12}$ ]]; then
    read -r region store account more <"$work/canary"
    if object "$region" "$store" "$account" "reports/$(printf %s "$who" | tr / -)" 1023 "$work/first" &&
      [ "$(value gateway "$work/first") $(value bundle "$work/first")" = "$who $digest" ]; then
      health=$(value health "$work/first")
    fi
  fi
  if [ "$health" = bad ] && ! grep -qxF "$digest" "$kept/bad"; then echo "$digest" >>"$kept/bad"; fi
  ! grep -qxF "$digest" "$kept/bad" || refuse "$who reported this deployment bad; deploy another"
  [ "$health" != good ] || return 0
  now=$(date +%s) was='' since=0
  if [ -e "$kept/first-seen" ]; then read -r was since <"$kept/first-seen"; fi
  if [ "$was" != "$bundle" ] || [ "$since" -gt "$now" ]; then
    since=$now
    keep first-seen "$bundle $since"
  fi
  [ "$now" -ge $((since + wait)) ] ||
    pause "for a report of $who, until $(date -ud "@$((since + wait))" +%FT%TZ) at the latest"
}

# Plain files and folders alone, none of which gives its reader another's rights.
unpack() {
  get bundle.tar 268435455 || fail unknown 'the bundle cannot be had'
  echo "$bundle  $work/bundle.tar" | sha256sum --check --strict --quiet ||
    refuse 'the bundle is not the one that the manifest names'
  tar -tvf "$work/bundle.tar" >"$work/list" || refuse 'the bundle is no archive'
  ! grep -Evq '^[-d]([r-][w-][x-]){3} ' "$work/list" ||
    refuse 'the bundle holds what is no plain file or folder'
  mkdir "$work/tree"
  tar -xf "$work/bundle.tar" -C "$work/tree" --no-same-owner --no-same-permissions ||
    fail unknown 'the bundle cannot be unpacked'
  cp "$work/manifest" "$work/tree/manifest"
  sync -f "$work/tree"
  mv -T "$work/tree" "releases/$bundle"
}

# From here on this manifest counts: what is older is never taken again.
accept() {
  local before=0 why
  [ ! -e "$kept/generation" ] || before=$(<"$kept/generation")
  if [ "$generation" -gt "$before" ]; then
    keep generation "$generation"
    rm -f "$kept/replaced"
  fi
  if [ -e current/manifest ] && [ "$(value generation current/manifest)" = "$generation" ]; then
    why=$(sha256sum <current/manifest)
    grep -qsxF "$why" "$kept/replaced" || echo "$why" >>"$kept/replaced"
    sync "$kept/replaced"
  fi
  cp "$work/manifest" "releases/$bundle/manifest.new"
  sync "releases/$bundle/manifest.new"
  mv "releases/$bundle/manifest.new" "releases/$bundle/manifest"
}

fetch() {
  local why installed='' unseal=$run/unseal code=0 health epoch judge=''
  get manifest 65536 || fail unknown 'the manifest cannot be had'
  why=$(verify "$work/manifest") || refuse "the manifest: $why"
  keep key "$(grep '^key ' "$work/manifest" | tail -n 1 | cut -d' ' -f2,3)"
  bundle=$(value bundle "$work/manifest") generation=$(value generation "$work/manifest")
  [ ! -e current ] || installed=$(basename "$(readlink current)")
  if ! cmp -s "$work/manifest" current/manifest; then
    why=$(late "$work/manifest") && refuse "the manifest $why"
    why=$(early "$work/manifest") && pause "$why"
    if [ "$bundle" != "$installed" ]; then
      wait_for_first
      [ -d "releases/$bundle" ] || unpack
    fi
  fi
  epoch=$(value secret "$work/manifest")
  if [ "$epoch" != 0 ] && ! grep -qs "^$epoch " "$unseal"; then
    unseal=$run/next
    secret "$epoch" "$unseal" || fail unknown "the secret store has no secret $epoch"
  fi
  get endpoints.json 1048575 || fail unknown 'the endpoints cannot be had'
  cmp -s "$work/manifest" current/manifest || accept
  grep -qs "^$bundle " "$kept/health" || judge=--health
  node "releases/$bundle/dwcp-agent.cjs" install "/opt/dwcp/releases/$bundle" $judge \\
    --endpoints "$work/endpoints.json" --unseal "$unseal" >"$work/said" 2>&1 || code=$?
  cat "$work/said" >&2
  why=$(grep -e '^dwcp-agent: ' -e Error "$work/said" | tail -n 1) || why='the agent said nothing'
  if [ "$code" != 0 ]; then
    if grep -q ' refused (' "$work/said"; then refuse "$why"; else fail bad "$why"; fi
  fi
  health=$(value health "$work/said")
  [ "$health" != good ] && [ "$health" != bad ] || keep health "$bundle $health"
  if [ -z "$health" ]; then health=$(value "$bundle" "$kept/health"); fi
  if why=$(late "$work/manifest"); then report refused unknown "the manifest $why"; return; fi
  if [ -z "$health" ]; then health=unknown; fi
  report installed "$health" "runs generation $generation"
}

if [ "$*" != '' ]; then
  [ "$1" = verify ] || { echo 'usage: dwcp-fetch [verify MANIFEST...]' >&2; exit 2; }
  work=$(mktemp -d) code=0
  trap 'rm -rf "$work"' EXIT
  shift
  for file; do
    cp "$file" "$work/m"
    if why=$(cd /opt/dwcp && verify "$work/m" && ! early "$work/m" && ! late "$work/m")
    then why=fine; else code=1; fi
    printf '%s: %s\\n' "$file" "$why"
  done
  exit "$code"
fi
cd /opt/dwcp
exec 9>"$run/fetch.lock"
flock -n 9 || exit 0
rm -rf tmp.* "$run/next" "$run"/*.new "$kept"/*.new
work=$(mktemp -d -p /opt/dwcp)
trap 'rm -rf "$work" "$run/next"' EXIT
touch "$kept/bad" "$kept/health"
type aws nft node openssl wg >/dev/null || fail unknown 'packages are missing; see dwcp-packages.service'
start_installed
fetch
`;
