#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# win32/test.sh BUILD: everything about the Windows build that can be tried under Wine. The
# last line counts all checks.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${1:?"usage: win32/test.sh BUILD, the folder of win32/package.sh"}
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Runs a program whose last line is "N passed, N failed" and maybe ", N skipped".
run () {
  local name=$1 status last
  shift
  echo "--- $name"
  "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)? ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
    [ "$status" -eq 0 ] || [ "${BASH_REMATCH[2]}" -gt 0 ] || failed=$((failed + 1))
  else
    echo "FAIL  $name ended with status $status and counted nothing"
    failed=$((failed + 1))
  fi
}

run installer "$here/installer-test.py" "$build"
run "unit tests" "$here/../tests/wine.py" "$build"
run "clients behind routers" "$here/../tests/lab/windows-test.py" "$build"
run window "$here/../tests/ui/windows-test.py" "$build"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
