# SPDX-License-Identifier: GPL-3.0-or-later
# What the Tab key completes after knothole-server, in fish.
set -l c complete -c knothole-server
$c -f
$c -l config -r -F -d 'Read settings and limits from a file'
$c -l data-dir -x -a '(__fish_complete_directories)' -d 'Keep the key there'
$c -l listen -x -d 'Main port, HOST:PORT'
$c -l assist -x -d 'Assist port, HOST:PORT'
$c -l public -x -a '(__fish_print_hostnames)' -d 'Name that others reach it by'
$c -l public-assist-port -x -d 'Port outside that leads to the assist port'
$c -l helper -x -d 'Server that dials back for NAT tests'
$c -l lobby -x -a 'on off' -d 'A room for everybody'
$c -l relay -x -a 'on off' -d 'Relay what can\'t connect directly'
$c -l relay-rate -x -d 'Bytes a second of a relayed call'
$c -l relay-volume -x -d 'Bytes by relay of a client in a day'
$c -l max-clients -x -d 'Most clients at a time'
$c -l print-address -d 'Print the address and exit'
$c -l until-eof -d 'End when standard input ends'
$c -l verbose -d 'Also log what strangers do'
$c -l version -d 'Print the version'
$c -s h -l help -d 'Print the options'
