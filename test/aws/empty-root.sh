#!/usr/bin/env bash
# Makes a Debian with nothing but Git and certificates, once: empty-root.sh <folder>
set -euo pipefail
folder=$1
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
[ ! -d "$folder" ] || exit 0
rm -rf "$folder.new"
debootstrap --variant=minbase --include=git,ca-certificates trixie "$folder.new" >&2
rm -rf "$folder.new"/var/lib/apt/lists/* "$folder.new"/var/cache/apt/archives/*.deb
mv "$folder.new" "$folder"
