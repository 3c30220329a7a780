# SPDX-License-Identifier: GPL-3.0-or-later
# A line for each check, and how many there were. To be sourced.
n_passed=0
n_failed=0

count () { # STATUS TITLE
  if [ "$1" -eq 0 ]; then
    n_passed=$((n_passed + 1))
    echo "ok    $2"
  else
    n_failed=$((n_failed + 1))
    echo "FAIL  $2"
  fi
}

check () { # TITLE COMMAND …; what it says is shown when it fails
  local title=$1 said status=0
  shift
  said=$(mktemp)
  "$@" >"$said" 2>&1 || status=$?
  count "$status" "$title"
  [ "$status" -eq 0 ] || sed 's/^/      /' "$said"
  rm -f "$said"
}

check_same () { # TITLE WANTED GOT
  if [ "$2" = "$3" ]; then
    count 0 "$1"
  else
    count 1 "$1"
    diff <(echo "$2") <(echo "$3") | sed 's/^/      /' || true
  fi
}

check_has () { # TITLE TEXT PATTERN
  local status=0
  grep -Eq -- "$3" <<<"$2" || status=1
  count "$status" "$1"
  [ "$status" -eq 0 ] || sed "s|^|      wanted: $3; got: |" <<<"$2"
}

save_counts () { # FILE
  echo "n_passed=$n_passed n_failed=$n_failed" >"$1"
}

add_counts () { # FILE
  local passed=$n_passed failed=$n_failed
  [ ! -e "$1" ] || . "$1"
  [ -e "$1" ] || return 0
  n_passed=$((n_passed + passed))
  n_failed=$((n_failed + failed))
}

finish () {
  echo "$n_passed passed, $n_failed failed"
  [ "$n_failed" -eq 0 ]
  exit
}
