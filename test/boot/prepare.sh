#!/usr/bin/env bash
# Makes what the boot tests need, once: prepare.sh <folder> <suite> <package...>
# <folder>/root, a Debian with the packages, and <folder>/venv, moto's server. Downloads go through apt and pip.
set -euo pipefail
folder=$1 suite=$2
shift 2
mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
if [ ! -d "$folder/root" ]; then
  rm -rf "$folder/root.new"
  debootstrap --variant=minbase "$suite" "$folder/root.new" >&2
  cp /etc/resolv.conf "$folder/root.new/etc/resolv.conf"
  # Nothing is started while packages are installed.
  printf '#!/bin/sh\nexit 101\n' >"$folder/root.new/usr/sbin/policy-rc.d"
  chmod 755 "$folder/root.new/usr/sbin/policy-rc.d"
  chroot "$folder/root.new" sh -ec 'export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "$@"
    apt-get clean
    rm -rf /var/lib/apt/lists/* /usr/sbin/policy-rc.d' sh "$@" >&2
  # From now on apt finds all that is asked for here already, and asks nobody.
  : >"$folder/root.new/etc/apt/sources.list"
  mv "$folder/root.new" "$folder/root"
fi
if [ ! -d "$folder/venv" ]; then
  rm -rf "$folder/venv.new"
  python3 -m venv --copies "$folder/venv.new" >&2
  "$folder/venv.new/bin/python" -m pip install --quiet 'moto[server]' >&2
  mv "$folder/venv.new" "$folder/venv"
fi
