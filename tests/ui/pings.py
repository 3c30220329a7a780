# SPDX-License-Identifier: GPL-3.0-or-later
"""When a program has taken the keys and clicks that were meant for it.

    pings = Pings(Xlib.display.Display(":1"))
    window = pings.active()
    hands.key("Tab")
    pings.wait(window)          # whatever the key does at once is done

A window manager asks whether a program lives by _NET_WM_PING, which comes to it in a row with
its keys and clicks: the answer says that those before are done with.
"""

import time

from Xlib import X, error
from Xlib.protocol import event

ANSWER_S = 10  # a busy machine; nobody fails by it
STEP_S = 0.005


class Pings:
    def __init__(self, display):
        self.display, self.root = display, display.screen().root
        self.protocols = display.intern_atom("WM_PROTOCOLS")
        self.ping = display.intern_atom("_NET_WM_PING")
        self.number = 0
        # Answers are sent to the root window, and to who listens there.
        self.root.change_attributes(event_mask=X.SubstructureNotifyMask)

    def active(self):
        """The window that has the keyboard, or None."""
        found = self.root.get_full_property(
            self.display.intern_atom("_NET_ACTIVE_WINDOW"), X.AnyPropertyType)
        if not found or not found.value or not found.value[0]:
            return None
        return self.display.create_resource_object("window", found.value[0])

    def wait(self, window):
        """Until its program has answered, or the window is closed."""
        if window is None:
            return
        self.number += 1
        message = event.ClientMessage(window=window, client_type=self.protocols, data=(
            32, [self.ping, self.number, window.id, 0, 0]))
        window.send_event(message, onerror=error.CatchError())
        end = time.monotonic() + ANSWER_S
        while not self._is_answered() and self._exists(window) and time.monotonic() < end:
            time.sleep(STEP_S)

    def _is_answered(self):
        while self.display.pending_events():
            came = self.display.next_event()
            if (came.type == X.ClientMessage and came.client_type == self.protocols
                    and list(came.data[1][:2]) == [self.ping, self.number]):
                return True
        return False

    @staticmethod
    def _exists(window):
        try:
            return window.get_attributes() is not None
        except error.XError:
            return False
