#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""A notification daemon for tests: owns org.freedesktop.Notifications on the
session bus it is started on, shows nothing, and appends one JSON line per
event to FILE, with bodies as people would see them: it reads them as markup,
as most daemons do.  Usage: notifyd.py FILE

Test side, on the same bus name/object:
  io.github.knothole.Test.Invoke(uint32 id, string action)  press an action
  io.github.knothole.Test.Close(uint32 id, uint32 reason)   dismiss
"""
import html
import json
import re
import sys

from gi.repository import Gio, GLib

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
XML = """<node>
 <interface name="org.freedesktop.Notifications">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/></method>
  <method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
 </interface>
 <interface name="io.github.knothole.Test">
  <method name="Invoke"><arg type="u" direction="in"/><arg type="s" direction="in"/></method>
  <method name="Close"><arg type="u" direction="in"/><arg type="u" direction="in"/></method>
 </interface></node>"""

out = open(sys.argv[1], "a", buffering=1)
last = 0


def log(**kw):
    out.write(json.dumps(kw, default=str) + "\n")


def shown(body):
    return html.unescape(re.sub(r"<[^>]*>", "", body))


def call(conn, sender, path, iface, method, params, inv):
    global last
    p = params.unpack()

    def emit(sig, val):
        conn.emit_signal(None, PATH, NAME, sig, val)

    if method == "GetCapabilities":
        inv.return_value(GLib.Variant("(as)", (["body", "body-markup", "actions", "persistence"],)))
    elif method == "GetServerInformation":
        inv.return_value(GLib.Variant("(ssss)", ("knothole", "test", "1", "1.2")))
    elif method == "Notify":
        app, replaces, icon, summary, body, actions, hints, timeout = p
        nid = replaces
        if not nid:
            last += 1
            nid = last
        log(event="notify", id=nid, app=app, icon=icon, summary=summary, body=shown(body),
            actions=dict(zip(actions[::2], actions[1::2])), replaces=replaces,
            hints={k: v for k, v in hints.items() if k != "image-data"}, timeout=timeout)
        inv.return_value(GLib.Variant("(u)", (nid,)))
    elif method == "CloseNotification":
        log(event="close", id=p[0])
        inv.return_value(None)
        emit("NotificationClosed", GLib.Variant("(uu)", (p[0], 3)))
    elif method == "Invoke":
        inv.return_value(None)
        log(event="invoke", id=p[0], action=p[1])
        emit("ActionInvoked", GLib.Variant("(us)", (p[0], p[1])))
        emit("NotificationClosed", GLib.Variant("(uu)", (p[0], 2)))
    elif method == "Close":
        inv.return_value(None)
        emit("NotificationClosed", GLib.Variant("(uu)", (p[0], p[1])))


def on_bus(conn, name):
    for i in Gio.DBusNodeInfo.new_for_xml(XML).interfaces:
        conn.register_object(PATH, i, call, None, None)


loop = GLib.MainLoop()
Gio.bus_own_name(Gio.BusType.SESSION, NAME, Gio.BusNameOwnerFlags.NONE, on_bus,
                 lambda c, n: log(event="ready"), lambda c, n: loop.quit())
loop.run()
