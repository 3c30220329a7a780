#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the tree in a Debian 13 root, where every warning is an error, and runs the unit tests
# there. `./dev debian13`; as root. The last line is `N passed, N failed`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/roots.sh"

root_must_be_root "./dev debian13"
root_make trixie-build trixie "$ROOT_BUILD_PACKAGES"

folder=$(mktemp -d "${TMPDIR:-/var/tmp}/knothole-debian13.XXXXXX")
trap 'rm -rf "$folder"' EXIT
root_export "$top" "$folder/tree"

status=0
root_run trixie-build "$folder" bash -euc '
  cd /work
  gcc --version | head -1
  for name in glib-2.0 gtk4 libadwaita-1; do echo "$name $(pkg-config --modversion "$name")"; done
  meson setup build tree >setup.log 2>&1 || { tail -30 setup.log; exit 1; }
  ninja -C build --quiet -k 0
  meson test -C build --no-rebuild --print-errorlogs --suite unit
' || status=$?

log=$folder/build/meson-logs/testlog.json
if [ ! -e "$log" ]; then
  echo "It does not build on Debian 13."
  echo "0 passed, 1 failed"
  exit 1
fi
echo "It builds on Debian 13 without a warning."
"$top/tests/count-results.py" "$log"
exit "$status"
