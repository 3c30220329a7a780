#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh BUILD [SECONDS] [TARGET]: fuzzes every target of a build folder that was set up
# with clang and -Dfuzz=true, or TARGET alone, for SECONDS each (60). One line a target,
# then `N passed, N failed`. What it finds lies in BUILD/fuzz/TARGET: new inputs in
# corpus/, and whatever ended the program as crash-*, timeout-*, oom-* beside log.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage () {
  echo "usage: run.sh BUILD [SECONDS] [TARGET]" >&2
  exit 2
}

# The value of a line `stat::NAME: VALUE` in the log.
stat () {
  sed -n "s/^stat::$1: *//p" "$2" | tail -1
}

fuzz_one () {
  local name=$1 folder=$build/fuzz/$1 status=0 options=() found
  rm -rf "$folder"
  mkdir -p "$folder/corpus"
  [ ! -e "$here/$name.dict" ] || options+=("-dict=$here/$name.dict")

  # A peer's message is never longer than 70,000 bytes, and no parser takes 5 seconds.
  "$build/tests/fuzz/fuzz-$name" -max_total_time="$seconds" -timeout=5 -max_len=70000 \
    -len_control=20 -print_final_stats=1 -artifact_prefix="$folder/" "${options[@]}" \
    "$folder/corpus" "$here/corpus/$name" >"$folder/log" 2>&1 || status=$?

  found=$(find "$folder" -mindepth 1 -maxdepth 1 -name '*-*' | wc -l)
  printf '%-5s%-16s %9s executions, %5s new inputs, %s crashes\n' \
    "$([ "$status" -eq 0 ] && echo ok || echo FAIL)" "$name" \
    "$(stat number_of_executed_units "$folder/log")" \
    "$(find "$folder/corpus" -type f | wc -l)" "$found"
  [ "$status" -eq 0 ] || echo "     see $folder"
  return "$status"
}

[ $# -ge 1 ] && [ $# -le 3 ] || usage
build=$1
seconds=${2:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || usage

targets=()
for program in "$build"/tests/fuzz/fuzz-*; do
  if [ -f "$program" ] && [ -x "$program" ]; then
    targets+=("${program##*/fuzz-}")
  fi
done
if [ $# -eq 3 ]; then
  [[ " ${targets[*]} " == *" $3 "* ]] || {
    echo "run.sh: no target $3 in $build; there are: ${targets[*]}" >&2
    exit 2
  }
  targets=("$3")
fi
[ ${#targets[@]} -gt 0 ] || {
  echo "run.sh: no fuzz targets in $build; was it set up with -Dfuzz=true?" >&2
  exit 2
}
if ! grep -q "LLVMFuzzerRunDriver\|libFuzzer" "$build/tests/fuzz/fuzz-${targets[0]}"; then
  echo "run.sh: $build has no libFuzzer; set it up with CC=clang and -Dfuzz=true" >&2
  exit 2
fi

passed=0
failed=0
for target in "${targets[@]}"; do
  if fuzz_one "$target"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
