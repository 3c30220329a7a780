#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What root_run of roots.sh does in its own namespaces:
#   enter-root.sh ROOT FOLDER ARCHIVES COPY COMMAND …
# The copy of ROOT lies in memory, on the folder COPY, and goes with the namespaces.
set -euo pipefail
root=$1 folder=$2 archives=$3 copy=$4
shift 4
mount -t tmpfs -o mode=755 root "$copy"
mkdir "$copy/upper" "$copy/work" "$copy/top"
mount -t overlay -o "lowerdir=$root,upperdir=$copy/upper,workdir=$copy/work" root "$copy/top"
top=$copy/top
mkdir -p "$top/work" "$top/var/cache/apt/archives" "$copy/archives" "$copy/archives-work"
mount --bind "$folder" "$top/work"
# What apt has downloaded once; it locks that folder, so each copy has its own.
mount -t overlay -o "lowerdir=$archives,upperdir=$copy/archives,workdir=$copy/archives-work" \
  archives "$top/var/cache/apt/archives"
mount -t proc proc "$top/proc"
mount -t sysfs -o ro sysfs "$top/sys"
mount -t tmpfs -o mode=755 dev "$top/dev"
for device in null zero full random urandom tty; do
  touch "$top/dev/$device"
  mount --bind "/dev/$device" "$top/dev/$device"
done
ln -s /proc/self/fd "$top/dev/fd"
mkdir -m 1777 "$top/dev/shm"
mkdir "$top/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$top/dev/pts"
ln -s pts/ptmx "$top/dev/ptmx"
rm -f "$top/etc/resolv.conf"
cp /etc/resolv.conf "$top/etc/resolv.conf"
ip link set lo up
printf "%s\n" "APT::Keep-Downloaded-Packages \"true\";" \
  "Binary::apt::APT::Keep-Downloaded-Packages \"true\";" \
  "APT::Install-Recommends \"false\";" "Acquire::Check-Valid-Until \"false\";" \
  >"$top/etc/apt/apt.conf.d/90knothole-roots"
printf "#!/bin/sh\nexit 101\n" >"$top/usr/sbin/policy-rc.d"
chmod 755 "$top/usr/sbin/policy-rc.d"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
  DEBIAN_FRONTEND=noninteractive chroot "$top" "$@"
