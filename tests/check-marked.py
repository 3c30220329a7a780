#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when the window would say something that is not marked for translation.

A text in the code is taken for one that people read when it has two words or more, or when a
widget is given it; it is to be inside of _ () or the like. What only developers read is told by
who gets it: a log, an error of GLib's, a comparison, a report of a bug.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent

MARKS = {"_", "N_", "C_", "NC_", "ngettext", "g_dngettext", "g_dpgettext2"}
UNSEEN = re.compile(r"g_(debug|info|message|warning|critical|error|print|printerr|assert\w*|"
                    r"(task_)?return_\w+|set_error\w*|error_new\w*|log\w*|str_\w+|strcmp0)$|"
                    r"str(str|n?cmp)$|refuse$|G_DEFINE\w+$")
# The debug information of a report and the desktop entry of the autostart are for programs and
# developers, and the same everywhere.
IN_ENGLISH = {"about-text.c", "autostart.c"}
# Properties, and functions, that take what people read.
READ = {"label", "title", "subtitle", "description", "tooltip-text", "placeholder-text",
        "heading", "body", "text", "accept-label", "cancel-label", "comments", "summary"}
TAKES = re.compile(r"gtk_\w*(_new_with_(label|mnemonic)|_set_(label|title|subtitle|tooltip_text|"
                   r"placeholder_text|markup|accept_label|cancel_label))$|gtk_label_new$|"
                   r"adw_\w*(_set_(title|subtitle|description|heading|body|label|tooltip)|"
                   r"_add_response)$|adw_toast_new$|kh_toast$|g_menu_(append|item_new)$|"
                   r"g_notification_(new|set_(title|body)|add_button)$")

TOKEN = re.compile(r"""(?P<comment>/\*.*?\*/|//[^\n]*|^\#\s*include[^\n]*)|
                       (?P<string>"(?:[^"\\\n]|\\.)*")|(?P<char>'(?:[^'\\\n]|\\.)*')|
                       (?P<word>[A-Za-z_]\w*)|(?P<mark>[(),;{}])|(?P<other>\S)""",
                   re.VERBOSE | re.DOTALL | re.MULTILINE)
PROSE = re.compile(r"[^\W\d_]{2,}[,.:]? [^\W\d_]{2,}")
LETTERS = re.compile(r"[^\W\d_]{2,}")


class Reader:
    """Goes through a file and knows in which calls it is."""

    def __init__(self, text):
        self.text = text
        self.calls = []
        self.word = ""  # the last one, while nothing else has come
        self.last = ""  # the last string
        self.joined = False  # the next string goes on with the last one

    def strings(self):
        """(line, text, property it may be of, calls it is in)"""
        for match in TOKEN.finditer(self.text):
            kind, token = match.lastgroup, match.group()
            if kind == "comment":
                continue
            if kind == "string":
                # In wide letters, without a conversion, are only names that Windows has.
                if not self.joined and self.word != "L":
                    yield (self.text.count("\n", 0, match.start()) + 1, token[1:-1], self.last,
                           tuple(self.calls))
                self.last, self.joined = token[1:-1], True
            else:
                self.step(kind, token)
                self.joined = kind == "word" and token.startswith("G_GINT64") or (
                    kind == "word" and token.startswith("PRI"))
            self.word = token if kind == "word" else ""

    def step(self, kind, token):
        if token == "(":
            self.calls.append(self.word)
        elif token == ")" and self.calls:
            self.calls.pop()
        if token != ",":
            self.last = ""


def is_read(text, before, calls):
    """Whether people will read it: @before is the string before it, @calls where it is."""
    text = re.sub(r"\\.", " ", text)
    if PROSE.search(text):
        return True
    call = calls[-1] if calls else ""
    if not LETTERS.search(text):
        return False
    if TAKES.search(call):
        return text[0].isupper()
    return call in ("g_object_new", "g_object_set") and before in READ


def complaints_of(path, text):
    for line, string, before, calls in Reader(text).strings():
        if MARKS.intersection(calls) or any(UNSEEN.match(call) for call in calls):
            continue
        if is_read(string, before, calls):
            yield f"{path}:{line}: “{string}” is not marked for translation"


def check_rule():
    """The rule finds what it is for, and nothing else."""
    bad = ('f (a, "Two words");', 'gtk_label_new ("Word");', 'x = "It is " "so";',
           'g_object_new (T, "title", "Word", NULL);')
    good = ('f (_ ("Two words"));', 'g_debug ("two words");', 'g_object_new (T, "name", "Word");',
            '/* "two words" */', 'x = ngettext ("one file", "%u files", n);',
            'gtk_label_new (_ ("Word"));', 'f ("two-words", "app.quit");',
            'f (_ ("One " "and other words"));', '#include "two words"')
    for text in bad:
        if not list(complaints_of("rule", text)):
            yield f"the rule does not see {text}"
    for text in good:
        if list(complaints_of("rule", text)):
            yield f"the rule has something against {text}"


def main():
    found = list(check_rule())
    files = sorted((TOP / "src" / "app").glob("*.[ch]"))
    for path in files:
        if path.name not in IN_ENGLISH:
            found.extend(complaints_of(path.relative_to(TOP), path.read_text(encoding="utf-8")))
    print("\n".join(found) or f"{len(files)} files, with no text that is not marked")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
