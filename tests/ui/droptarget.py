#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small window onto which files can be dropped, like a file manager's: it prints the
path of each, and before that "over" once something that it takes is over it."""
import sys

import gi

gi.require_version("Gtk", "4.0")
gi.require_version("Gdk", "4.0")
from gi.repository import Gdk, Gio, Gtk  # noqa: E402


def on_drop(_target, files, _x, _y):
    for file in files.get_files():
        print("dropped", file.get_path(), flush=True)
    return True


def on_enter(_target, _x, _y):
    print("over", flush=True)
    return Gdk.DragAction.COPY


def activate(app):
    window = Gtk.ApplicationWindow(application=app, title="Drop target", default_width=220,
                                   default_height=120)
    label = Gtk.Label(label="Drop here", width_request=200, height_request=80)
    target = Gtk.DropTarget.new(Gdk.FileList, Gdk.DragAction.COPY)
    target.connect("enter", on_enter)
    target.connect("drop", on_drop)
    label.add_controller(target)
    window.set_child(label)
    window.present()


app = Gtk.Application(application_id="io.github.knothole.DropTarget",
                      flags=Gio.ApplicationFlags.NON_UNIQUE)
app.connect("activate", activate)
sys.exit(app.run([sys.argv[0]]))
