# SPDX-License-Identifier: GPL-3.0-or-later
"""Pointer and keyboard of a screen, through XTEST.

    hands = Hands(Xlib.display.Display(":1"))
    hands.move(100, 200)
    hands.click()
    hands.key("ctrl+a", "Delete")
    hands.type("Hello")

What the keyboard has no key for can't be typed: can_type().
"""

import time

from Xlib import XK, X
from Xlib.ext import xtest

MODIFIERS = {"ctrl": "Control_L", "shift": "Shift_L", "alt": "Alt_L", "super": "Super_L"}
KEY_S = 0.02
KEY_MS = 8
# As a hand does. While something moves under the pointer GTK asks where it is, and forgets a
# click whose button it then finds released already; nor is half a second a click to it.
CLICK_MS = 90
AGAIN_MS = 60  # between the clicks of a double click, which has 400 ms in all
# Keys that are written as the characters they make.
CHARACTERS = {"\n": "Return", "\t": "Tab"}


class Hands:
    def __init__(self, display):
        self.display = display

    def _do(self, *events, apart_ms=KEY_MS, **where):
        """Each an event and its key or button. The X server keeps the time between them,
        which it is better at than this program on a busy machine."""
        self._send([(kind, detail, apart_ms if i > 0 else 0)
                    for i, (kind, detail) in enumerate(events)], **where)

    def _send(self, events, **where):
        """Each an event, its key or button, and the time before it."""
        for kind, detail, before_ms in events:
            xtest.fake_input(self.display, kind, detail, before_ms, **where)
        self.display.sync()

    # The pointer

    def move(self, x, y):
        self._do((X.MotionNotify, 0), x=int(x), y=int(y))

    def press(self, button=1):
        self._do((X.ButtonPress, button))

    def release(self, button=1):
        self._do((X.ButtonRelease, button))

    def click(self, button=1, count=1):
        self._send([event for i in range(count) for event in (
            (X.ButtonPress, button, AGAIN_MS if i > 0 else 0),
            (X.ButtonRelease, button, CLICK_MS))])
        time.sleep(KEY_S)

    def wheel(self, button, count, apart_ms):
        """Turns it by so many clicks: 4 is up, 5 down. Returns once it has been turned."""
        for _ in range(count):
            xtest.fake_input(self.display, X.ButtonPress, button, apart_ms)
            xtest.fake_input(self.display, X.ButtonRelease, button)
        self.display.sync()

    # The keyboard

    def _strokes(self, keysym):
        """The key of a keysym, and whether Shift is held for it."""
        key = self.display.keysym_to_keycode(keysym)
        if key == 0:
            raise ValueError(f"no key of this keyboard makes {keysym:#x}")
        shifted = self.display.keycode_to_keysym(key, 0) != keysym
        return key, shifted

    def _stroke(self, keysym, modifiers=()):
        key, shifted = self._strokes(keysym)
        held = [self.display.keysym_to_keycode(XK.string_to_keysym(MODIFIERS[m]))
                for m in dict.fromkeys(list(modifiers) + ["shift"] * shifted)]
        self._do(*[(X.KeyPress, code) for code in held + [key]],
                 *[(X.KeyRelease, code) for code in [key] + held[::-1]])
        time.sleep(KEY_S)

    def key(self, *keys):
        """Each "Return", "ctrl+a", "shift+F6", …: modifiers and the X name of a key."""
        for text in keys:
            *modifiers, name = text.split("+")
            keysym = XK.string_to_keysym(name)
            if keysym == 0:
                raise ValueError(f"X has no key called {name!r}")
            self._stroke(keysym, modifiers)

    @staticmethod
    def can_type(text):
        return all(" " <= c <= "~" or c in CHARACTERS for c in text)

    def type(self, text):
        for character in text:
            named = CHARACTERS.get(character)
            self._stroke(XK.string_to_keysym(named) if named else ord(character))
