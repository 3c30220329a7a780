#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file manager for tests: owns org.freedesktop.FileManager1 on the session bus it is
started on, shows nothing, and prints a line for each address that it should show."""

from gi.repository import Gio, GLib

NAME, PATH = "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1"
XML = """<node><interface name="org.freedesktop.FileManager1"><method name="ShowItems">
 <arg type="as" direction="in"/><arg type="s" direction="in"/></method></interface></node>"""


def call(_connection, _sender, _path, _interface, method, parameters, invocation):
    for uri in parameters.unpack()[0]:
        print(method, uri, flush=True)
    invocation.return_value(None)


def on_bus(connection, _name):
    connection.register_object(PATH, Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], call,
                               None, None)


loop = GLib.MainLoop()
Gio.bus_own_name(Gio.BusType.SESSION, NAME, Gio.BusNameOwnerFlags.NONE, on_bus,
                 lambda connection, name: print("ready", flush=True),
                 lambda connection, name: loop.quit())
loop.run()
