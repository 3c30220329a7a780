# SPDX-License-Identifier: GPL-3.0-or-later
# What the Tab key completes after knothole, in fish.
complete -c knothole -f
complete -c knothole -l background -d 'Start without showing the window'
complete -c knothole -l data-dir -x -a '(__fish_complete_directories)' -d 'Another profile'
complete -c knothole -l gapplication-service -d 'Start as the session bus does'
complete -c knothole -s h -l help -d 'Print the options'
complete -c knothole -l help-all -d 'Print also those of the desktop'
complete -c knothole -l help-gapplication -d 'Print those of the desktop'
complete -c knothole -l version -d 'Print the version'
