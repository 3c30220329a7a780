# SPDX-License-Identifier: GPL-3.0-or-later
# Small Debian systems to build and install packages in. To be sourced, by root.
#
#   root_make NAME SUITE PACKAGES   makes the root NAME, or keeps the one that is there when it was
#                                   made of the same suite and packages; sets $root to its folder
#   root_run NAME FOLDER COMMAND …  runs COMMAND in a copy of it that is gone when the command ends.
#                                   FOLDER of this computer is /work there. Without a network;
#                                   with ROOT_NETWORK=yes with this computer's
#
# They are kept in $KNOTHOLE_ROOTS, by default /var/tmp/knothole-roots, and come from the mirror
# that this computer's apt uses. A copy is an overlay in namespaces of its own: nothing of what
# runs in it, processes and mounts included, outlives the command.
roots=${KNOTHOLE_ROOTS:-/var/tmp/knothole-roots}

root_mirror () {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -1
}

root_make () { # NAME SUITE PACKAGES
  root=$roots/$1
  local recipe="$2 $3"
  [ "$(cat "$root.recipe" 2>/dev/null)" = "$recipe" ] && return
  echo "Making a Debian root: $1" >&2
  mkdir -p "$roots/archives"
  rm -rf "$root" "$root.recipe"
  mmdebstrap --mode=root --variant=minbase ${3:+"--include=$3"} \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    "$2" "$root" "$(root_mirror)" >"$root.log" 2>&1 || {
    tail -20 "$root.log" >&2
    return 1
  }
  rm -f "$root.log"
  echo "$recipe" >"$root.recipe"
}

root_run () { # NAME FOLDER COMMAND …
  local name=$1 folder=$2 network=(--net)
  shift 2
  [ "${ROOT_NETWORK:-no}" = no ] || network=()
  mkdir -p "$roots/archives"
  unshare --mount --pid --fork --ipc --uts --kill-child --propagation private "${network[@]}" \
    bash -euc '
      root=$1 folder=$2 archives=$3
      shift 3
      copy=$(mktemp -d)
      mount -t tmpfs -o mode=755 root "$copy"
      mkdir "$copy/upper" "$copy/work" "$copy/top"
      mount -t overlay -o "lowerdir=$root,upperdir=$copy/upper,workdir=$copy/work" root "$copy/top"
      top=$copy/top
      mkdir -p "$top/work" "$top/var/cache/apt/archives"
      mount --bind "$folder" "$top/work"
      mount --bind "$archives" "$top/var/cache/apt/archives"
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
      ip link set lo up 2>/dev/null || true
      printf "%s\n" "APT::Keep-Downloaded-Packages \"true\";" \
        "Binary::apt::APT::Keep-Downloaded-Packages \"true\";" \
        "APT::Install-Recommends \"false\";" "Acquire::Check-Valid-Until \"false\";" \
        >"$top/etc/apt/apt.conf.d/90knothole-roots"
      printf "#!/bin/sh\nexit 101\n" >"$top/usr/sbin/policy-rc.d"
      chmod 755 "$top/usr/sbin/policy-rc.d"
      # The copy lies in memory; its name outside goes with the namespace.
      exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive chroot "$top" "$@"
    ' root_run "$roots/$name" "$folder" "$roots/archives" "$@"
}
