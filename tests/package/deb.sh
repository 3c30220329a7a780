#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the Debian packages of the tree as it is, and tries them. `./dev deb`; as root.
#
# They are built twice in a clean Debian 12 root without a network, in surroundings that differ,
# and must be the same to the byte. Lintian judges them. Then they are installed, used, removed
# and purged in fresh roots: install-test.sh has what must hold. They are left in
# $KNOTHOLE_BUILD/packages. The last line is `N passed, N failed`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
packages=${KNOTHOLE_BUILD:-$top/build}/packages
. "$here/roots.sh"
. "$here/checks.sh"

# What is built differs in nothing else than what these say.
FIRST_BUILD=(name=/work/first/knothole umask=022 user=root host=first zone=UTC locale=C jobs=2)
SECOND_BUILD=(name=/work/another/place/knothole umask=077 user=builder host=second
  zone=Pacific/Kiritimati locale=C.UTF-8 jobs=1)

# Builds in $folder what the words say: name=, umask=, user=, host=, zone=, locale=, jobs=.
build_packages () {
  local name umask user host zone locale jobs word
  for word in "$@"; do declare "$word"; done
  root_export "$top" "$folder${name#/work}"
  rm -rf "$folder${name#/work}/debian"
  cp -r "$top/data/debian" "$folder${name#/work}/debian"
  root_run bookworm-build "$folder" bash -euc '
    name=$1 user=$3
    hostname "$4"
    [ "$user" = root ] || useradd --create-home "$user"
    chown -R "$user:" "$name" "$(dirname "$name")"
    cd "$name"
    umask "$2"
    exec setpriv --reuid "$user" --regid "$user" --init-groups env TZ="$5" LC_ALL="$6" \
      USER="$user" HOME="/home/$user" DEB_BUILD_OPTIONS="parallel=$7" \
      dpkg-buildpackage -us -uc
  ' build "$name" "$umask" "$user" "$host" "$zone" "$locale" "$jobs" >"$folder/build.log" 2>&1 || {
    tail -40 "$folder/build.log"
    return 1
  }
}

warnings_in () {
  grep -E 'warning:|dpkg-(buildpackage|source|shlibdeps|gencontrol): warning' "$1" || true
}

root_must_be_root "./dev deb"
root_make bookworm-build bookworm "$ROOT_BUILD_PACKAGES"
root_make bookworm bookworm ""
root_make bookworm-tools bookworm "$ROOT_TOOL_PACKAGES"

folder=$(mktemp -d "${TMPDIR:-/var/tmp}/knothole-deb.XXXXXX")
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"

echo "Building the packages on Debian 12, twice."
check "they build" build_packages "${FIRST_BUILD[@]}"
[ "$n_failed" -eq 0 ] || finish
check_same "without a warning" "" "$(warnings_in "$folder/build.log")"
check "they build elsewhere, by another user, in another time zone and language" \
  build_packages "${SECOND_BUILD[@]}"
[ "$n_failed" -eq 0 ] || finish

first=$folder/first
second=$folder/another/place
debs=$(cd "$first" && ls ./*.deb ./*.dsc ./*.tar.xz)
check_same "the window, the client, the server, each with its symbols" 6 \
  "$(ls "$first"/*.deb | wc -l)"
for file in $debs; do
  check "$(basename "$file") is the same to the byte" cmp "$first/$file" "$second/$file"
done

rm -rf "$packages"
mkdir -p "$packages"
cp "$first"/*.deb "$first"/*.dsc "$first"/*.tar.xz "$first"/*.buildinfo "$first"/*.changes "$packages"

check "lintian finds no error and nothing to warn of" lintian --allow-root \
  --fail-on error,warning --tag-display-limit 0 "$packages"/*.changes

mkdir "$folder/try"
cp "$packages"/knothole*_*.deb "$here/checks.sh" "$here/install-test.sh" "$folder/try"
rm -f "$folder"/try/*-dbgsym_*
ROOT_NETWORK=yes root_run bookworm "$folder/try" bash /work/install-test.sh download \
  >"$folder/download.log" 2>&1 || { cat "$folder/download.log"; exit 1; }
cp -n "$folder"/try/archives/*.deb "$roots/archives/bookworm"
for part in fresh desktop; do
  name=bookworm
  [ "$part" = fresh ] || name=bookworm-tools
  root_run "$name" "$folder/try" bash /work/install-test.sh "$part" || true
  check "the part “$part” came to its end" test -e "$folder/try/$part.counts"
  add_counts "$folder/try/$part.counts"
done
echo "The packages are in $packages."
finish
