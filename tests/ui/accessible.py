# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads programs over the accessibility bus, many questions at once.

    bus = Accessibility(address)
    for node in bus.programs():
        if bus.process(node) == pid:
            numbers = bus.ask([node.question(ACCESSIBLE, "GetRole")])

A program answers in its main loop, so that a question costs a round trip through a busy
machine; a whole tree is asked for level by level, each level in one go. Nothing is cached.
"""

import dataclasses

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

ACCESSIBLE = "org.a11y.atspi.Accessible"
ACTION = "org.a11y.atspi.Action"
COMPONENT = "org.a11y.atspi.Component"
EDITABLE_TEXT = "org.a11y.atspi.EditableText"
TEXT = "org.a11y.atspi.Text"
VALUE = "org.a11y.atspi.Value"
PROPERTIES = "org.freedesktop.DBus.Properties"
REGISTRY = "org.a11y.atspi.Registry"
ROOT = "/org/a11y/atspi/accessible/root"
NOTHING = "/org/a11y/atspi/null"

WINDOW_COORDINATES = 1
ANSWER_MS = 15000  # a busy machine

# In the order of their bits.
STATES = """invalid active armed busy checked collapsed defunct editable enabled expandable
    expanded focusable focused has-tooltip horizontal iconified modal multi-line
    multiselectable opaque pressed resizable selectable selected sensitive showing
    single-line stale transient vertical visible manages-descendants indeterminate required
    truncated animated invalid-entry supports-autocompletion selectable-text is-default
    visited checkable has-popup read-only""".split()


class Gone(Exception):
    """The program, or this part of it, does not answer any more."""


@dataclasses.dataclass(frozen=True)
class Node:
    owner: str  # its program's name on the bus
    path: str

    def question(self, interface, method, *arguments):
        """@arguments: a signature, and values."""
        values = GLib.Variant(arguments[0], arguments[1:]) if arguments else None
        return self.owner, self.path, interface, method, values

    def property(self, interface, name):
        return self.question(PROPERTIES, "Get", "(ss)", interface, name)


class Accessibility:
    def __init__(self, address):
        self.connection = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    def ask(self, questions):
        """The answers in the same order; None where there is none any more."""
        answers = [None] * len(questions)
        left = len(questions)

        def answered(connection, result, i):
            nonlocal left
            left -= 1
            try:
                values = connection.call_finish(result).unpack()
                answers[i] = values[0] if len(values) == 1 else values
            except GLib.Error:
                pass

        for i, (owner, path, interface, method, values) in enumerate(questions):
            self.connection.call(owner, path, interface, method, values, None,
                                 Gio.DBusCallFlags.NONE, ANSWER_MS, None, answered, i)
        while left:
            GLib.MainContext.default().iteration(True)
        return answers

    def ask_one(self, question):
        answer = self.ask([question])[0]
        if answer is None:
            raise Gone(f"{question[3]} is not answered")
        return answer

    def programs(self):
        """Those that have windows, or will."""
        registry = Node(REGISTRY, ROOT)
        return [Node(*child) for child in
                self.ask_one(registry.question(ACCESSIBLE, "GetChildren"))]

    def go_around(self):
        """Returns once every program has been through its main loop."""
        self.ask([node.question(ACCESSIBLE, "GetRole") for node in self.programs()])

    def process(self, node):
        return self.ask_one(("org.freedesktop.DBus", "/org/freedesktop/DBus",
                             "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                             GLib.Variant("(s)", (node.owner,))))

    def at_points(self, points):
        """What is seen at each (window, x, y)."""
        answers = self.ask([window.question(COMPONENT, "GetAccessibleAtPoint", "(iiu)", x, y,
                                            WINDOW_COORDINATES) for window, x, y in points])
        return [Node(*answer) if answer and answer[1] != NOTHING else None
                for answer in answers]

    def read_level(self, nodes):
        """[(role, name, children)] of each; None where it is gone."""
        answers = self.ask([question for node in nodes for question in (
            node.question(ACCESSIBLE, "GetRole"), node.property(ACCESSIBLE, "Name"),
            node.question(ACCESSIBLE, "GetChildren"))])
        return [None if None in answers[i:i + 3] else
                (Atspi.role_get_name(Atspi.Role(answers[i])), answers[i + 1],
                 [Node(*child) for child in answers[i + 2] if child[1] != NOTHING])
                for i in range(0, len(answers), 3)]

    def focused(self, root):
        """The ways from @root to what has the keyboard, nodes, the nearest first."""
        found = []
        ways = [(root,)]
        while ways:
            answers = self.ask([question for way in ways for question in (
                way[-1].question(ACCESSIBLE, "GetState"),
                way[-1].question(ACCESSIBLE, "GetChildren"))])
            below = []
            for i, way in enumerate(ways):
                state, children = answers[2 * i:2 * i + 2]
                if state and state[0] >> STATES.index("focused") & 1:
                    found.append(way)
                below += [way + (Node(*child),) for child in children or ()
                          if child[1] != NOTHING]
            ways = below
        return found
