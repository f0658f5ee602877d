#!/usr/bin/env bash
# Builds OpenTofu into the cache, from a copy of its Go module: `go install` refuses a module that replaces
# others. Takes some minutes, once a machine; prints the program.
set -euo pipefail
version=v1.12.6
program="${XDG_CACHE_HOME:-$HOME/.cache}/dwcp-multiregion/tofu"
if [ ! -x "$program" ]; then
  work=$(mktemp -d)
  trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
  cp -r "$(cd "$work" && go mod download -json "github.com/opentofu/opentofu@$version" |
    sed -n 's/.*"Dir": "\(.*\)",/\1/p')" "$work/source"
  chmod -R u+w "$work/source"
  mkdir -p "$(dirname "$program")"
  (cd "$work/source" && go build -ldflags='-s -w' -o "$work/tofu" ./cmd/tofu)
  mv "$work/tofu" "$program"
fi
echo "$program"
