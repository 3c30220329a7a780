#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Two friends behind two routers find each other, talk and send a file, before your eyes.
# `./dev demo` runs it. Exit status 0 when all of it worked.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
KNOTHOLE_BUILD=$(realpath -m "${KNOTHOLE_BUILD:-$here/../../build}")
export KNOTHOLE_BUILD

# Inside the lab, or into it: routers that let in only whom their own side has dialled,
# 40 ms between the two, 50 Mbit/s, so that there is something to see of the transfer.
if [ -z "${LAB_SERVER:-}" ]; then
  exec "$here/lab" --a port-restricted-cone --b port-restricted-cone \
    --delay 10 --rate 50M -- "${BASH_SOURCE[0]}" "$@"
fi

FILE_BYTES=20000000
STEP_S=60 # none of the steps takes a hundredth of it

server=$KNOTHOLE_BUILD/src/server/knothole-server
cli=$KNOTHOLE_BUILD/src/cli/knothole-cli
for program in "$server" "$cli"; do
  [ -x "$program" ] || { echo "demo: $program is not built: run ./dev build" >&2; exit 1; }
done
folder=$(mktemp -d "${TMPDIR:-/tmp}/knothole-demo-XXXXXX")
cd "$folder"
started=()

tidy_up () {
  local status=$?
  trap - EXIT INT TERM HUP
  [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  cd /
  rm -rf "$folder"
  exit "$status"
}
trap tidy_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# --- What is seen ---

bold= grey= plain= alice_colour= bob_colour= server_colour= clear_line=
width=1000
if [ -t 1 ]; then
  size=$(stty size 2>/dev/null </dev/tty || true)
  [ "${size##* }" -gt 40 ] 2>/dev/null && width=${size##* } || width=80
  if [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$'\e[1m' grey=$'\e[2m' plain=$'\e[0m'
    alice_colour=$'\e[1;36m' bob_colour=$'\e[1;35m' server_colour=$bold
    clear_line=$'\r\e[K' # there may be a bar
  fi
fi

title () { printf '\n%s%s%s\n\n' "$bold" "$*" "$plain"; }

margin () { # WHO
  local colour=${1}_colour
  printf '%s%s%6s%s │ ' "$clear_line" "${!colour}" "$1" "$plain"
}

say () { # WHO TEXT [STYLE]
  local line who=$1
  fold -s -w $((width - 10)) <<<"$2" | while IFS= read -r line; do
    printf '%s%s%s%s\n' "$(margin "$who")" "${3:-}" "$line" "$plain"
  done
}

# Shows what a program prints as it prints it, and keeps it in a file to wait for. Who
# comes and goes is clear here, and in a second call nobody needs the eight steps again.
show () { # WHO
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1.log"
    case $line in
      "online at "* | *" is online ("* | *" is offline ("* | *" is disconnected: "*) ;;
      [1-8]"  "*) [ -e connected-before ] || say "$1" "$line" "$grey" ;;
      *) say "$1" "$line" ;;
    esac
  done
}

wait_for () { # WHO TEXT: until WHO has said it
  local end=$((SECONDS + STEP_S))
  until grep -qF -- "$2" "$1.log" 2>/dev/null; do
    [ "$SECONDS" -le "$end" ] || fail "$1 did not say “$2” within $STEP_S s"
    sleep 0.02
  done
}

fail () {
  printf '\n%sIt did not work: %s.%s\n' "$bold" "$*" "$plain" >&2
  exit 1
}

type_line () { # WHO FD TEXT
  say "$1" "> $3" "$bold"
  printf '%s\n' "$3" >&"$2"
}

# Lines of JSON of a transfer: a bar or, where none can be drawn, a line every quarter.
show_transfer () {
  local line percent quarter=0 bar
  while IFS= read -r line; do
    if [[ $line =~ \"event\":\"progress\".*\"bytes\":([0-9]+),\"total\":([0-9]+) ]]; then
      percent=$((BASH_REMATCH[1] * 100 / BASH_REMATCH[2]))
      printf -v bar '%*s' $((percent * 30 / 100)) ''
      printf -v bar '%-30s' "${bar// /#}"
      bar="photos.tar  [${bar// /.}] $percent %"
      if [ -n "$clear_line" ]; then
        printf '%s%s' "$(margin bob)" "$bar"
      elif [ $((percent / 25)) -gt "$quarter" ]; then
        quarter=$((percent / 25))
        say bob "$bar"
      fi
    elif [[ $line =~ \"event\":\"done\".*\"ms\":([0-9]+) ]]; then
      touch sent
      say bob "photos.tar has arrived, in ${BASH_REMATCH[1]} ms"
    elif [[ $line =~ \"event\":\"error\".*\"message\":\"(.*)\" ]]; then
      say bob "${BASH_REMATCH[1]}"
    fi
  done
}

# --- What is done ---

printf '%sKnothole: two friends behind two routers%s\n\n' "$bold" "$plain"

cell () { # TEXT: in the middle of 14 columns
  local left=$(((14 - ${#1}) / 2))
  printf '%*s%s%*s' "$left" '' "$1" $((14 - left - ${#1})) ''
}
echo "    ${alice_colour}alice${plain} ─────── router ───── internet ───── router ─────── \
${bob_colour}bob${plain}"
cell "$LAB_A"; cell "$LAB_ROUTER_A_PUBLIC"; cell "│"; cell "$LAB_ROUTER_B_PUBLIC"; cell "$LAB_B"
echo
cell ""; cell ""; cell server; echo
cell ""; cell ""; cell "$LAB_SERVER"; echo
cat <<'END'

  Each router lets in only whom its own side has dialled. From one to the other and
  back takes 40 ms, at 50 Mbit/s. It is all inside this computer, on its own kernel's
  routers, and gone afterwards.
END

title "Both go online"
mkfifo alice.in bob.in
exec 7<>alice.in
mkdir received
head -c "$FILE_BYTES" /dev/urandom >photos.tar

on server "$server" --data-dir server --public "$LAB_SERVER" \
  >server.log 2>server.err 7>&- &
server_pid=$!
started+=("$server_pid")
wait_for server knothole://
address=$(head -n 1 server.log)
say server "$address"

on a "$cli" --data-dir alice --server "$address" --name alice \
  listen --accept all --save-to received \
  <alice.in > >(show alice) 2>&1 7>&- &
alice_pid=$!
started+=("$alice_pid")
wait_for alice "here as alice"
alice_id=$("$cli" --data-dir alice id)
say alice "my identity is $alice_id"

title "Bob calls Alice: the eight steps, as each of them does or learns them"
on b "$cli" --data-dir bob --server "$address" --name bob chat "$alice_id" \
  <bob.in > >(show bob) 2>&1 7>&- &
bob_pid=$!
started+=("$bob_pid")
exec 9>bob.in
wait_for bob "connected directly"
wait_for alice "connected directly"
touch connected-before

title "They talk, past the server"
type_line bob 9 "Hello Alice! Nobody is between us."
wait_for alice "Nobody is between us."
type_line alice 7 "Hello Bob. Send me the photos?"
wait_for bob "Send me the photos?"
type_line bob 9 "Here they come."
wait_for alice "Here they come."
exec 9>&-
wait "$bob_pid" || fail "bob's chat ended with exit status $?"
started=("$server_pid" "$alice_pid")

title "Bob sends 20 MB"
on b "$cli" --data-dir bob --json send "$alice_id" photos.tar \
  </dev/null 2>/dev/null 7>&- | show_transfer
[ -e sent ] || fail "the file was not sent"
wait_for alice "received from bob"
cmp photos.tar received/photos.tar || fail "the file is another one"
say alice "compared with bob's file: the same, byte for byte"

title "Is anybody in the middle? They compare their safety number"
bob_id=$("$cli" --data-dir bob id)
digits () { grep -E '^[0-9 ]+$' | tr -s '\n ' ' ' | sed 's/^ //; s/ $//'; }
at_alice=$("$cli" --data-dir alice verify "$bob_id" 2>/dev/null | digits)
at_bob=$("$cli" --data-dir bob verify "$alice_id" 2>/dev/null | digits)
say alice "$at_alice"
say bob "$at_bob"
[ -n "$at_alice" ] && [ "$at_alice" = "$at_bob" ] || fail "the safety numbers differ"

title "What went through the server"
exec 7>&-
kill "$alice_pid"
wait "$alice_pid" || fail "alice's program ended with exit status $?"
kill "$server_pid"
wait "$server_pid" || fail "the server ended with exit status $?"
started=()
carried=0
for number in $(grep '^carried ' server.err | grep -oE '[0-9]+'); do
  carried=$((carried + number))
done
[ "$carried" -gt 0 ] || fail "the server did not say what it carried"
say server "$carried bytes in all, to introduce the two to each other, twice"
say server "the messages and the $FILE_BYTES bytes of the file went past it"
printf '\n%sAll of it worked.%s\n' "$bold" "$plain"
