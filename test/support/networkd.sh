#!/bin/sh
# A place for systemd-networkd beside a gateway: networkd.sh <lower> <folder>
# Runs in new mount and pid namespaces, inside the gateway's network namespace. /sys is read-only, so that
# networkd does not wait for udev. dbus-daemon is there for networkctl.
set -e
lower=$1 folder=$2
mount --make-rprivate /
mount -t tmpfs tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
root=$folder/root
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
rm -rf "$root/etc/systemd/network" "$root/etc/systemd/networkd.conf.d"
mkdir -p "$root/etc/systemd/network" "$root/run/dbus" "$root/run/systemd/netif"
for name in links leases lldp; do mkdir "$root/run/systemd/netif/$name"; done
chroot "$root" chown -R systemd-network:systemd-network /run/systemd/netif
exec chroot "$root" sh -c 'dbus-daemon --system --nofork --nopidfile 2>/run/dbus.log & echo ready; exec sleep 1000000'
