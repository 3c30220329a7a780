#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs in a Debian root with the packages in /work, see deb.sh: install-test.sh PART. The first
# of the parts needs a network, the others come behind it and have none:
#
#   download  what the packages depend on
#   fresh     a system with nothing but Debian's essential packages: the packages bring all that
#             they need, run, and leave nothing behind
#   desktop   one with shells, man and a screen: what is beside the programs is found and works
set -euo pipefail
part=$1
. /work/checks.sh
debs=(/work/knothole_*.deb /work/knothole-cli_*.deb /work/knothole-server_*.deb)
state=/var/lib/knothole-server
config=/etc/knothole/server.conf
PATIENCE=30

# Every path, but for what any package may change: caches, logs, lists of apt and dpkg.
list_files () {
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /work -o -path /tmp \
    -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/log \
    -o -path /root -o -path '/etc/*-' \) -prune -o -print | sort
}

dependencies () {
  local deb depends=
  for deb in "${debs[@]}"; do depends+="$(dpkg-deb -f "$deb" Depends), "; done
  echo "${depends%, }"
}

download () {
  apt-get update -qq
  apt-get satisfy -y -qq --download-only "$(dependencies)"
  cp -r /var/lib/apt/lists /work
  mkdir /work/archives
  cp /var/cache/apt/archives/*.deb /work/archives
}

install_dependencies () {
  cp -r /work/lists /var/lib/apt
  apt-get satisfy -y -qq --no-download "$(dependencies)"
}

as_server=(setpriv --reuid knothole-server --regid knothole-server --clear-groups
  --no-new-privs --bounding-set=-all)
as_ada=(knothole-cli --data-dir /tmp/Ada --name Ada --no-port-mapping)
as_bob=(knothole-cli --data-dir /tmp/Bob --name Bob --no-port-mapping)

# The first line of the file $1 that has the pattern $2, which is still being written.
wait_for_line () {
  timeout "$PATIENCE" sh -c 'tail -n +1 -f "$1" | grep -m 1 -E -- "$2"' wait "$1" "$2"
}

start_server () {
  local words
  words=$(sed -n 's/^ExecStart=//p' /lib/systemd/system/knothole-server.service)
  # As StateDirectory= does.
  install -d -o knothole-server -g knothole-server -m 700 "$state"
  "${as_server[@]}" $words >/tmp/server.out 2>/tmp/server.err &
  server=$!
  address=$(wait_for_line /tmp/server.out '^knothole://' | sed 's,//.*:,//127.0.0.1:,')
}

two_clients () {
  local id status
  echo "a file" >/tmp/report.txt
  mkdir -p /tmp/saved
  "${as_bob[@]}" --server "$address" --json listen --accept all --save-to /tmp/saved \
    >/tmp/bob.out 2>/tmp/bob.err &
  local bob=$!
  wait_for_line /tmp/bob.out '"online"' >/dev/null
  id=$("${as_bob[@]}" id)
  check "a client finds the other" wait_for_peer "$id"
  check "a message arrives" "${as_ada[@]}" chat "$id" --message Hello
  check_has "as it was sent" "$(cat /tmp/bob.out)" '"text":"Hello"'
  check "a file arrives" "${as_ada[@]}" send "$id" /tmp/report.txt
  check "as it was" cmp /tmp/report.txt /tmp/saved/report.txt
  kill "$bob"
  status=0
  wait "$bob" || status=$?
  check_same "the one that listens ends in order" 0 "$status"
}

wait_for_peer () {
  timeout "$PATIENCE" sh -c 'address=$1 id=$2
    shift 2
    "$@" --server "$address" --json peers --watch | grep -m 1 "$id"' \
    wait "$address" "$1" "${as_ada[@]}"
}

try_programs () {
  local program out
  for program in knothole knothole-cli knothole-server; do
    check_has "$program says its version" "$($program --version)" "^$program [0-9.]+$"
    check_has "$program says its options" "$($program --help)" --data-dir
    check_same "$program has all its libraries" "" "$(ldd "/usr/bin/$program" | grep 'not found' || true)"
  done
  out=$(knothole-cli --data-dir /tmp/id id)
  check_has "knothole-cli makes an identity" "$out" '^[a-z2-7]{56}$'
  check_same "and keeps it" "$out" "$(knothole-cli --data-dir /tmp/id id)"
}

try_server () {
  local status=0
  check_has "the server has a user" "$(getent passwd knothole-server)" ":$state:.*nologin$"
  check_same "it is not enabled" "" "$(find /etc/systemd -name 'knothole-server*')"
  check "its config file can be read by it" "${as_server[@]}" test -r "$config"
  check "and not be written" bash -c '! "$@"' _ "${as_server[@]}" test -w "$config"
  start_server
  check_has "it runs as its user, with its config" "$address" '^knothole://127.0.0.1:7470/[a-z2-7]{56}$'
  check_same "its key is its own" "600 knothole-server" "$(stat -c '%a %U' "$state/server-key")"
  check_has "an operator may ask for the address" \
    "$("${as_server[@]}" knothole-server --config "$config" --print-address)" "${address##*/}$"
  two_clients
  kill "$server"
  wait "$server" || status=$?
  check_same "it ends in order" 0 "$status"
}

try_removal () {
  local before=$1 left
  sed -i 's/^#lobby=on/lobby=off/' "$config"
  check "they are installed once more" dpkg -i "${debs[@]}"
  check "a changed config file stays" grep -q ^lobby=off "$config"
  check "they are removed" apt-get remove -y -qq knothole knothole-cli knothole-server
  check_same "no program is left" "" "$(ls /usr/bin/knothole* 2>/dev/null || true)"
  check "the config file stays" test -e "$config"
  check "the key stays" test -e "$state/server-key"
  check "they are purged" dpkg --purge knothole knothole-cli knothole-server
  left=$(comm -13 "$before" <(list_files))
  check_same "no file is left" "" "$left"
  check_same "none that was there is gone" "" "$(comm -23 "$before" <(list_files))"
  check "only the user stays, as the policy wants it" getent passwd knothole-server
  check_same "dpkg --audit has nothing to say" "" "$(dpkg --audit)"
}

in_fresh_root () {
  check "what they depend on is in Debian" install_dependencies
  list_files >/tmp/before
  check "they are installed" dpkg -i "${debs[@]}"
  check_same "dpkg --audit has nothing to say after that" "" "$(dpkg --audit)"
  check_same "their files are what they were" "" "$(dpkg --verify knothole knothole-cli knothole-server)"
  try_programs
  try_server
  try_removal /tmp/before
}

try_pages () {
  local page
  for page in "1 knothole" "1 knothole-cli" "1 knothole-server" "5 knothole-server.conf"; do
    check_has "man $page" "$(man $page 2>&1 | head -40)" "${page#* }"
  done
}

# What bash offers behind the words, as at a prompt.
bash_offers () {
  bash --norc -ic '
    . /usr/share/bash-completion/bash_completion
    _completion_loader "$1"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    $(complete -p "$1" | sed "s/.*-F \([^ ]*\) .*/\1/") 2>/dev/null
    echo "${COMPREPLY[@]}"' bash "$@" 2>/dev/null
}

try_shells () {
  local program
  for program in knothole knothole-cli knothole-server; do
    check_has "bash completes $program" "$(bash_offers "$program" --da)" '^--data-dir$'
    check_has "fish completes $program" "$(fish -c "complete -C '$program --da'")" '^--data-dir'
    check_same "zsh has a completion for $program" "_$program" \
      "$(zsh -fc 'autoload -Uz compinit; compinit -u -D; print -- $_comps[$1]' zsh "$program")"
  done
}

# A sent file is in the list, and its id is what the shells offer.
try_transfer_ids () {
  local id
  export XDG_DATA_HOME=/tmp/data
  mkdir -p /tmp/data
  mv /tmp/Ada /tmp/data/knothole-cli
  id=$(knothole-cli transfers --all | grep -Eo '^[0-9a-f]{8,}')
  check_has "a transfer was listed" "$id" '^[0-9a-f]{8,}$'
  check_same "bash completes its id" "$id" "$(bash_offers knothole-cli transfers pause '')"
  check_same "fish completes its id" "$id" "$(fish -c "complete -C 'knothole-cli transfers pause '")"
  check_same "zsh completes its id" "$id" "$(zsh -fc '_arguments () { :; }
    compadd () { print -l -- $ids; }
    words=(knothole-cli)
    . /usr/share/zsh/vendor-completions/_knothole-cli
    program=knothole-cli
    _knothole_cli_transfers')"
  unset XDG_DATA_HOME
}

# Waits until the window manager's list of windows, or an unmanaged screen's, has it.
wait_for_window () {
  timeout "$PATIENCE" sh -c 'until xwininfo -root -tree | grep -q "\"Knothole\": (\"knothole\""; do
    sleep 0.1; done'
}

try_window () {
  local bus screen
  Xvfb -displayfd 3 -screen 0 1000x800x24 -nolisten tcp 3>/tmp/display >/tmp/xvfb.log 2>&1 &
  screen=$!
  DISPLAY=:$(wait_for_line /tmp/display '^[0-9]+$')
  export DISPLAY GSK_RENDERER=cairo GTK_A11Y=none ADW_DISABLE_PORTAL=1 XDG_RUNTIME_DIR=/tmp/run
  mkdir -m 700 /tmp/run
  dbus-daemon --session --nofork --print-address 1 >/tmp/bus 2>/tmp/bus.log &
  bus=$!
  DBUS_SESSION_BUS_ADDRESS=$(wait_for_line /tmp/bus '^unix:')
  export DBUS_SESSION_BUS_ADDRESS
  check "the session bus starts the window by its name" gdbus call --session \
    -d io.github.knothole.Knothole -o /io/github/knothole/Knothole \
    -m org.freedesktop.Application.Activate '{}'
  check "it comes to the screen" wait_for_window
  check "and quits" gdbus call --session -d io.github.knothole.Knothole \
    -o /io/github/knothole/Knothole -m org.freedesktop.Application.ActivateAction quit '[]' '{}'
  check_same "it had nothing to complain about" "" \
    "$(grep -E '(CRITICAL|WARNING|ERROR) \*\*' /tmp/bus.log || true)"
  check_same "links with knothole: are its" "io.github.knothole.Knothole.desktop" \
    "$(sed -n 's,^x-scheme-handler/knothole=\(.*\);$,\1,p' /usr/share/applications/mimeinfo.cache)"
  check "the desktop file is valid" desktop-file-validate \
    /usr/share/applications/io.github.knothole.Knothole.desktop
  kill "$bus" "$screen"
}

on_desktop () {
  check "what they depend on is in Debian" install_dependencies
  check "they are installed" dpkg -i "${debs[@]}"
  try_pages
  try_shells
  start_server
  two_clients
  kill "$server"
  try_transfer_ids
  try_window
}

case $part in
  download) download; exit ;;
  fresh) in_fresh_root ;;
  desktop) on_desktop ;;
esac
save_counts "/work/$part.counts"
