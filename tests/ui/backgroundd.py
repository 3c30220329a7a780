#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a desktop that starts programs with a session, as xdg-desktop-portal asks
for it: prints a line of JSON for each program that is to be started, or no longer, and
says of all programs that they have a window."""

import json

from gi.repository import Gio, GLib

NAME, PATH = "org.freedesktop.impl.portal.desktop.test", "/org/freedesktop/portal/desktop"
XML = """<node><interface name="org.freedesktop.impl.portal.Background">
 <method name="GetAppState"><arg type="a{sv}" direction="out"/></method>
 <method name="NotifyBackground"><arg type="o" direction="in"/><arg type="s" direction="in"/>
  <arg type="s" direction="in"/><arg type="u" direction="out"/>
  <arg type="a{sv}" direction="out"/></method>
 <method name="EnableAutostart"><arg type="s" direction="in"/><arg type="b" direction="in"/>
  <arg type="as" direction="in"/><arg type="u" direction="in"/>
  <arg type="b" direction="out"/></method>
 <signal name="RunningApplicationsChanged"/>
</interface></node>"""


def call(_connection, _sender, _path, _interface, method, parameters, invocation):
    if method == "GetAppState":
        invocation.return_value(GLib.Variant("(a{sv})", ({},)))
    elif method == "NotifyBackground":
        invocation.return_value(GLib.Variant("(ua{sv})", (0, {})))
    else:
        app, on, command, _flags = parameters.unpack()
        print(json.dumps({"app": app, "on": on, "command": command}), flush=True)
        invocation.return_value(GLib.Variant("(b)", (on,)))


def on_bus(connection, _name):
    connection.register_object(PATH, Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], call,
                               None, None)


loop = GLib.MainLoop()
Gio.bus_own_name(Gio.BusType.SESSION, NAME, Gio.BusNameOwnerFlags.NONE, on_bus,
                 lambda connection, name: print("ready", flush=True),
                 lambda connection, name: loop.quit())
loop.run()
