# SPDX-License-Identifier: GPL-3.0-or-later
# What the Tab key completes after knothole-cli, in fish. Nothing here goes online.

# The words that are neither options nor values of one.
function __knothole_cli_words
    set -l skip no
    for token in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
            continue
        end
        switch $token
            case --data-dir --server --name --room --forwarded-port --timeout --accept \
                    --save-to --message --count --only --quota --limit-up --limit-down
                set skip yes
            case '-*'
            case '*'
                echo $token
        end
    end
end

function __knothole_cli_needs_command
    test (count (__knothole_cli_words)) -eq 0
end

function __knothole_cli_has
    contains -- (__knothole_cli_words)[1] $argv
end

# @argv: the command, and how many arguments of it come before at least.
function __knothole_cli_behind
    set -l words (__knothole_cli_words)
    test "$words[1]" = $argv[1]; and test (count $words) -gt $argv[2]
end

function __knothole_cli_action
    set -l words (__knothole_cli_words)
    test "$words[1]" = transfers; and test (count $words) -eq 1
end

# The ids of transfers, where the folder is there already.
function __knothole_cli_transfers
    set -l base $HOME/.local/share
    set -q XDG_DATA_HOME; and test -n "$XDG_DATA_HOME"; and set base $XDG_DATA_HOME
    set -l dir $base/knothole-cli
    set -l tokens (commandline -opc)
    for i in (seq (count $tokens))
        string match -q -- '--data-dir=*' $tokens[$i]
        and set dir (string replace -- --data-dir= '' $tokens[$i])
        test "$tokens[$i]" = --data-dir; and set dir $tokens[(math $i + 1)]
    end
    test -e $dir/knothole.db; or return
    $tokens[1] --data-dir $dir transfers --all 2>/dev/null | string match -r '^[0-9a-f]{8,32}'
end

set -l c complete -c knothole-cli
$c -f
$c -n __knothole_cli_needs_command -a id -d 'Print this identity'
$c -n __knothole_cli_needs_command -a peers -d 'Who is online'
$c -n __knothole_cli_needs_command -a nat -d 'What kind of router there is'
$c -n __knothole_cli_needs_command -a listen -d 'Stay online, take messages and files'
$c -n __knothole_cli_needs_command -a chat -d 'Talk to a peer'
$c -n __knothole_cli_needs_command -a send -d 'Send files and folders'
$c -n __knothole_cli_needs_command -a transfers -d 'What is sent and received'
$c -n __knothole_cli_needs_command -a ping -d 'Round trips over the channel'
$c -n __knothole_cli_needs_command -a verify -d 'Print the safety number'
$c -n __knothole_cli_needs_command -a invite -d 'Print an invite link'
$c -n '__knothole_cli_behind send 1' -F
$c -n __knothole_cli_action -a 'list pause resume cancel retry first'
$c -n '__knothole_cli_behind transfers 1' -a '(__knothole_cli_transfers)'

$c -l data-dir -x -a '(__fish_complete_directories)' -d 'Folder of this identity'
$c -l server -x -d 'Address of the server, or an invite'
$c -l name -x -d 'How others see you'
$c -l room -x -d 'Word that you share'
$c -l json -d 'One JSON line for every event'
$c -l no-relay -d 'Only direct connections'
$c -l no-port-mapping -d 'Leave the router alone'
$c -l forwarded-port -x -d 'Port that the router sends here'
$c -l timeout -x -d 'Seconds until the peer is connected'
$c -l version -d 'Print the version'
$c -s h -l help -d 'Print the options'

set -l goes_online '__knothole_cli_has peers listen chat send ping'
$c -n $goes_online -l limit-up -x -a 'none 500K 1M 2M 10M' -d 'Files leave at most so fast'
$c -n $goes_online -l limit-down -x -a 'none 500K 1M 2M 10M' -d 'Files come at most so fast'
$c -n '__knothole_cli_has peers' -l watch -d 'Stay, and print who comes and goes'
$c -n '__knothole_cli_has listen' -l accept -x -a 'all contacts ask none' -d 'Whose calls and files'
$c -n '__knothole_cli_has listen' -l save-to -x -a '(__fish_complete_directories)' \
    -d 'Folder for received files'
$c -n '__knothole_cli_has listen' -l only -x -d 'Take only what is called so'
$c -n '__knothole_cli_has listen' -l quota -x -d 'Bytes a day unasked'
$c -n '__knothole_cli_has chat' -l message -x -d 'Send this and end'
$c -n '__knothole_cli_has transfers' -l all -d 'Show also those long ago'
$c -n '__knothole_cli_has transfers' -l discard -d 'Delete also what has arrived whole'
$c -n '__knothole_cli_has ping' -l count -x -d 'How many'
$c -n '__knothole_cli_has invite' -l new-room -d 'Make a room nobody can guess'
