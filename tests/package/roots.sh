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

# What the tree is built with; the same as in data/debian/control.
ROOT_BUILD_PACKAGES=build-essential,debhelper,meson,pkgconf,gettext,python3,libglib2.0-dev
ROOT_BUILD_PACKAGES+=,libsodium-dev,libuv1-dev,libsqlite3-dev,libminiupnpc-dev,libnatpmp-dev
ROOT_BUILD_PACKAGES+=,libjson-glib-dev,libgtk-4-dev,libadwaita-1-dev,desktop-file-utils
ROOT_BUILD_PACKAGES+=,libxml2-utils,appstream,appstream-util
# For the second root that packages are tried in.
ROOT_TOOL_PACKAGES=man-db,bash-completion,fish,zsh,xvfb,x11-utils,dbus-daemon,libglib2.0-bin
ROOT_TOOL_PACKAGES+=,desktop-file-utils,hicolor-icon-theme,shared-mime-info

root_mirror () {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -1
}

root_make () { # NAME SUITE PACKAGES
  root=$roots/$1
  local recipe="$2 $3" archives=$roots/archives/$2
  mkdir -p "$archives"
  exec {root_lock}>"$roots/lock"
  flock "$root_lock"
  if [ "$(cat "$root.recipe" 2>/dev/null)" != "$recipe" ]; then
    root_bootstrap "$1" "$2" "$3" "$archives"
    echo "$recipe" >"$root.recipe"
  fi
  exec {root_lock}>&-
}

root_bootstrap () { # NAME SUITE PACKAGES ARCHIVES
  local root=$roots/$1 archives=$4
  echo "Making a Debian root: $1" >&2
  rm -rf --one-file-system "$root" "$root.recipe"
  # What it mounts there goes with it, also where it is killed.
  setpriv --pdeathsig TERM unshare --mount --propagation private \
    mmdebstrap --mode=root --variant=minbase ${3:+"--include=$3"} \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --aptopt='Acquire::Check-Valid-Until "false"' --dpkgopt='force-unsafe-io' \
    --skip=download/empty --skip=essential/unlink \
    --setup-hook='mkdir -p "$1/var/cache/apt/archives"' \
    --setup-hook="find '$archives' -name '*.deb' -exec cp -lt \"\$1/var/cache/apt/archives\" {} +" \
    --customize-hook="find \"\$1/var/cache/apt/archives\" -name '*.deb' -exec cp -lnt '$archives' {} +" \
    "$2" "$root" "$(root_mirror)" >"$root.log" 2>&1 || {
    tail -20 "$root.log" >&2
    return 1
  }
  rm -f "$root.log"
}

root_run () { # NAME FOLDER COMMAND …
  local name=$1 folder=$2 network=(--net) suite
  shift 2
  [ "${ROOT_NETWORK:-no}" = no ] || network=()
  read -r suite _ <"$roots/$name.recipe"
  mkdir -p "$roots/copy"
  setpriv --pdeathsig KILL unshare --mount --pid --fork --ipc --uts --kill-child \
    --propagation private "${network[@]}" \
    "$(dirname "${BASH_SOURCE[0]}")/enter-root.sh" "$roots/$name" "$folder" \
    "$roots/archives/$suite" "$roots/copy" "$@"
}

root_must_be_root () { # COMMAND
  [ "$(id -u)" -eq 0 ] || { echo "$1 makes Debian roots: run it as root." >&2; exit 2; }
}

# What git knows of the tree $1, as it is now, goes to the folder $2.
root_export () { # TREE FOLDER
  local git=(git -C "$1" -c safe.directory='*' ls-files -z)
  mkdir -p "$2"
  comm -z -23 <("${git[@]}" --cached --others --exclude-standard | sort -zu) \
    <("${git[@]}" --deleted | sort -zu) \
    | tar -C "$1" --null --no-recursion -T - -c | tar -C "$2" -x
}
