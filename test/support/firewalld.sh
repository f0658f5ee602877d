#!/bin/sh
# A place for firewalld beside a gateway: firewalld.sh <folder>
# Runs in new mount and pid namespaces, inside the gateway's network namespace. Its settings are Debian's; what is
# changed is not seen outside. It has a bus of its own, which lets everybody do everything.
set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
for name in etc/firewalld var/log; do
  mkdir "/run/$(basename $name)"
  cp -a "/$name/." "/run/$(basename $name)" 2>/dev/null || true
  mount --bind "/run/$(basename $name)" "/$name"
done
# Whoever set up this machine may have said otherwise.
sed -i 's/^IPv6_rpfilter=.*/IPv6_rpfilter=yes/' /etc/firewalld/firewalld.conf
mkdir -p /run/firewalld
cat >/run/bus.conf <<END
<busconfig>
  <listen>unix:path=/run/bus</listen>
  <policy context="default"><allow send_destination="*"/><allow own="*"/><allow receive_sender="*"/></policy>
</busconfig>
END
dbus-daemon --config-file=/run/bus.conf --nofork --nopidfile 2>/run/bus.log &
echo ready
exec sleep 1000000
