#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""dragsource.py FILE...: a small window from which the given files can be
dragged (GdkFileList: text/uri-list and friends), like a file manager's."""
import sys

import gi

gi.require_version("Gtk", "4.0")
gi.require_version("Gdk", "4.0")
from gi.repository import Gdk, Gio, GObject, Gtk  # noqa: E402


def say(*a):
    print(*a, flush=True)


def activate(app):
    win = Gtk.ApplicationWindow(application=app, title="Drag source", default_width=220, default_height=120)
    label = Gtk.Label(label="Drag me", width_request=200, height_request=80)
    src = Gtk.DragSource(actions=Gdk.DragAction.COPY | Gdk.DragAction.MOVE)

    def prepare(_s, _x, _y):
        files = Gdk.FileList.new_from_list([Gio.File.new_for_commandline_arg(p) for p in sys.argv[1:]])
        value = GObject.Value(Gdk.FileList, files)
        return Gdk.ContentProvider.new_for_value(value)

    src.connect("prepare", prepare)
    src.connect("drag-begin", lambda s, d: say("drag-begin", d.get_formats().to_string()))
    src.connect("drag-end", lambda s, d, delete: say("drag-end delete=%d" % delete))
    src.connect("drag-cancel", lambda s, d, reason: (say("drag-cancel", reason.value_nick), False)[1])
    label.add_controller(src)
    win.set_child(label)
    win.present()


app = Gtk.Application(application_id="io.github.knothole.DragSource", flags=Gio.ApplicationFlags.NON_UNIQUE)
app.connect("activate", activate)
sys.exit(app.run([sys.argv[0]]))
