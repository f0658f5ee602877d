/**
 * The part of `dwcp-fetch` that judges a manifest before anything of a bundle is unpacked or run. Each check
 * that does not hold says why on standard output and ends the function; what a check cannot tell (a tool that
 * fails, a damaged file) does not hold either.
 *
 * No line has a shell parameter in braces: Terraform reads the user data as a template. Hence `sed` and
 * `read` in the place of arrays. The shape is that of `lib/gateway/manifest.ts`, with a vertical bar for each
 * end of a line, for grep knows no pattern of several lines; base64 is taken in its one canonical form.
 */
export const verifyFunctions = `# The rest of the line of this name, in a file whose shape was checked.
value() { sed -n "s/^$1 //p" "$2"; }
no() { printf '%s\\n' "$1"; exit 1; }

# signed KEY SIGNATURE FILE: Ed25519; twelve bytes of DER make a public key of the raw one (RFC 8410).
signed() {
  printf -- '-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEA%s\\n-----END PUBLIC KEY-----\\n' "$1" >"$work/pem" &&
    printf %s "$2" | base64 -d >"$work/sig" &&
    openssl pkeyutl -verify -rawin -pubin -inkey "$work/pem" -in "$3" -sigfile "$work/sig" >/dev/null 2>&1
}

shaped() {
  local n='(0|[1-9][0-9]{0,15})' h='[0-9a-f]{64}' g='[A-Za-z0-9][A-Za-z0-9._-]{0,62}/[1-9][0-9]{0,2}'
  local k='[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=' s='[A-Za-z0-9+/]{85}[AQgw]=='
  local head="network [a-z][a-z0-9-]{0,62}\\|gateway $g\\|bundle $h\\|generation $n\\|secret $n\\|"
  local times="not-before $n\\|latest $n\\|canary (-|$g $h $n)\\|"
  tr '\\n' '|' <"$1" | grep -Eqx "dwcp-manifest 1\\|$head$times""key 1 $k\\|(key $n $k $s\\|)*signature $s\\|"
}

# From the newest key that was accepted to the one that signs. Leaves the last in $last, its number in $seen.
chained() {
  local at=1 key=$KEY name number public endorsement
  if [ -e "$kept/key" ]; then read -r at key <"$kept/key" || no 'the accepted key cannot be read'; fi
  seen=0 last=
  while read -r name number public endorsement; do
    seen=$((seen + 1))
    [ "$number" = "$seen" ] || no 'its keys are out of order'
    [ "$seen" != 1 ] || [ "$public" = "$KEY" ] || no "its first key is not this network's"
    if [ "$seen" -gt "$at" ]; then
      printf 'dwcp-signing-key 1\\nnetwork %s\\nkey %s %s\\n' "$NETWORK" "$seen" "$public" >"$work/text"
      signed "$last" "$endorsement" "$work/text" || no "key $seen is not signed by key $((seen - 1))"
    else
      [ "$seen" != "$at" ] || [ "$public" = "$key" ] || no "key $seen is not the one that was accepted"
    fi
    last=$public
  done < <(grep '^key ' "$1")
  [ "$seen" -ge "$at" ] || no "it is signed by key $seen, which key $at has replaced"
}

# verify MANIFEST: is it by this network for this gateway, and none that was replaced?
verify() (
  set +e
  [ "$(wc -c <"$1")" -le 65536 ] || no 'it is longer than 64 KiB'
  [ "$(tr -d '\\n -{}~' <"$1" | wc -c)" = 0 ] || no 'it is no ASCII text'
  shaped "$1" || no 'it is malformed, or cut short'
  [ "$(value network "$1")" = "$NETWORK" ] || no "it is for network $(value network "$1"), not $NETWORK"
  [ "$(value gateway "$1")" = "$GATEWAY" ] || no "it is for gateway $(value gateway "$1"), not $GATEWAY"
  chained "$1"
  head -n -1 "$1" >"$work/text"
  signed "$last" "$(value signature "$1")" "$work/text" || no "its signature is not by key $seen"
  # What is installed may stay, whatever was tried since.
  cmp -s "$1" current/manifest && exit 0
  floor=0
  if [ -e "$kept/generation" ]; then floor=$(<"$kept/generation"); fi
  n=$(value generation "$1")
  [ "$n" -ge "$floor" ] || no "it is older: generation $n, and generation $floor was accepted"
  if [ -e "$kept/replaced" ]; then
    grep -qxF "$(sha256sum <"$1")" "$kept/replaced"
    [ $? = 1 ] || no "it is older: another manifest of generation $n has replaced it"
  fi
)

# Says why now is not the time; false before it, or afterwards.
early() {
  local from
  from=$(value not-before "$1")
  ! [ "$(date +%s)" -ge "$from" ] && echo "not before $(date -ud "@$from" +%FT%TZ)"
}
late() {
  local end
  end=$(value latest "$1")
  [ "$end" != 0 ] && ! [ "$(date +%s)" -le "$end" ] && echo "expired at $(date -ud "@$end" +%FT%TZ); deploy again"
}
`;
