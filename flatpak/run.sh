#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What `./dev flatpak` does: builds the manifest as it is against a stand-in for GNOME's
# runtime (local-runtime.sh), bundles it, installs the bundle and tries it in its sandbox
# (tests/ui/flatpak-test.py). Nothing of this machine's own Flatpaks is touched.
#
# Usage: run.sh [build | test [TEST …] | clean]; without a word build, then test. As root,
# on Debian. All of it is in KNOTHOLE_FLATPAK_CACHE, or else in
# XDG_CACHE_HOME/knothole-flatpak, or else in /var/tmp/knothole-flatpak: about 4 GB.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname "$here")
id=io.github.knothole.Knothole
manifest=$here/$id.json
cache=${KNOTHOLE_FLATPAK_CACHE:-${XDG_CACHE_HOME:-/var/tmp}/knothole-flatpak}
export FLATPAK_USER_DIR=$cache/user

# What is in the tree and what is about to be, without any folder of builds.
copy_tree () {
  rm -rf "$cache/tree"
  mkdir -p "$cache/tree"
  (cd "$top" && git ls-files -z --cached --others --exclude-standard --deduplicate |
    tar --create --null --files-from=- --ignore-failed-read) | tar --extract -C "$cache/tree"
}

build () {
  local branch
  branch=$(python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["runtime-version"])' "$manifest")
  mkdir -p "$cache"
  exec 9>"$cache/lock-build"
  flock 9 # of two at once the second waits
  "$here/local-runtime.sh" "$cache/runtime" "$branch"
  "$here/sources.py" "$manifest" "$cache/sources"
  copy_tree
  flatpak-builder --user --force-clean --disable-rofiles-fuse --ccache \
    --extra-sources="$cache/sources" --state-dir="$cache/state" --repo="$cache/repo" \
    "$cache/build" "$cache/tree/flatpak/$id.json"
  flatpak build-bundle "$cache/repo" "$cache/$id.flatpak" "$id"
  flatpak --user uninstall -y --noninteractive "$id" >/dev/null 2>&1 || true
  flatpak --user install -y --noninteractive --bundle "$cache/$id.flatpak"
  du -h "$cache/$id.flatpak"
  exec 9>&-
}

try () {
  /usr/bin/python3 -B "$top/tests/ui/flatpak-test.py" "$@"
}

[ "$(id -u)" -eq 0 ] || {
  echo "./dev flatpak: the stand-in for the runtime is made by root alone" >&2
  exit 1
}
word=${1:-all}
[ $# -eq 0 ] || shift
case $word in
  all) build; try ;;
  build) build ;;
  test) try "$@" ;;
  clean) rm -rf --one-file-system "${cache:?}" ;;
  *) sed -n '/^# Usage/,/^[^#]/ { /^#/ s/^# \{0,1\}//p }' "$0" >&2; exit 2 ;;
esac
