#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a text of the window would not be translated.

That is when a file with texts is not in po/POTFILES, when po/knothole.pot or a translation lacks
a text of the sources or has one too many, when a translation is not listed, when msgfmt finds a
mistake in it, when something that a program fills in, markup, an ellipsis or a space at an end
differs, or when a template shows words that are not marked as translatable. Words of the code are
for check-marked.py.
"""
import collections
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

TOP = pathlib.Path(__file__).resolve().parent.parent
PO = TOP / "po"

IN_CODE = re.compile(r'\b(_|N_|C_|NC_|ngettext) \(\s*"')
IN_TEMPLATE = re.compile(r'translatable="yes"')
# Every desktop file and description for software catalogues has some.
WHERE = [("src/*/*.[ch]", IN_CODE), ("ui/*.ui", IN_TEMPLATE), ("data/*.desktop.in*", None),
         ("data/*.metainfo.xml*", None), ("data/*.appdata.xml*", None)]

# Properties of widgets and attributes of menu items that people read.
READ = {"label", "title", "subtitle", "description", "tooltip-text", "placeholder-text",
        "heading", "body", "text", "help-text", "value-text", "role-description",
        "accept-label", "cancel-label", "primary-icon-tooltip-text",
        "secondary-icon-tooltip-text"}
# Elements that are words by themselves: of lists of strings, answers of a dialog.
WORDS = {"item", "response"}
LETTER = re.compile(r"[^\W\d_]")

# In translations: an entry's lines; what is filled in; a date's parts; markup.
FIELD = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?) (".*")$')
DIRECTIVE = re.compile(r"%(?:\d+\$)?['#0+-]*[\d.*]*(?:hh|ll|[hlzjt])?([a-zA-Z%])")
DATE_PARTS = set("ABHIMYab")
MARKUP = re.compile(r"</?[a-z]+\b[^<>]*>")


def lines_of(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def files_with_texts():
    for pattern, text in WHERE:
        for path in TOP.glob(pattern):
            if text is None or text.search(path.read_text(encoding="utf-8")):
                yield str(path.relative_to(TOP))


def complaints_of_list(listed):
    for name in sorted(set(files_with_texts()) - set(listed)):
        yield f"po/POTFILES: {name} has texts and is missing"
    for name in listed:
        if not (TOP / name).is_file():
            yield f"po/POTFILES: there is no {name}"
    if listed != sorted(set(listed)):
        yield "po/POTFILES is not in alphabetical order, or names a file twice"


def complaints_of_template(path):
    for element in ElementTree.parse(path).iter():
        shown = (element.tag in WORDS if element.tag not in ("property", "attribute")
                 else element.get("name") in READ)
        if not shown:
            continue
        text = (element.text or "").strip()
        if LETTER.search(text) and element.get("translatable") not in ("yes", "no"):
            what = element.get("name") or element.tag
            yield (f"{path.relative_to(TOP)}: the {what} \"{text}\" is not"
                   " translatable=\"yes\" (nor \"no\", where it is to stay as it is)")


def said_by(*command):
    """Everything that a tool complains of, one line each; warnings count."""
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C.UTF-8"})
    lines = done.stderr.replace(str(TOP) + "/", "").splitlines()
    return lines or ([f"{command[0]} failed"] if done.returncode != 0 else [])


def write_template(listed, folder):
    """All texts of the sources, found as `ninja knothole-pot` does."""
    pot = folder / "knothole.pot"
    files = folder / "files"
    files.write_text("\n".join(name for name in listed if (TOP / name).is_file()) + "\n")
    arguments = re.findall(r"'(--[^']+)'", (PO / "meson.build").read_text(encoding="utf-8"))
    return pot, said_by("xgettext", *arguments, "-f", str(files), "-o", str(pot))


def read_entries(path):
    """{(context, text): {field: what it is}} of a translation or a catalogue."""
    entries, entry, field = {}, {}, None
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        match = FIELD.match(line)
        if match:
            field = match.group(1)
            entry[field] = ""
        if match or line.startswith('"') and field:
            text = match.group(2) if match else line
            entry[field] += re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]),
                                   text[1:-1])
        elif entry and not line:
            entries[entry.get("msgctxt"), entry["msgid"]] = entry
            entry, field = {}, None
    return entries


def complaints_of_catalogue(pot):
    """The one in the source against the one of the sources as they are."""
    kept, real = read_entries(PO / "knothole.pot"), read_entries(pot)
    for _, text in sorted(set(real) - set(kept), key=str):
        yield f"po/knothole.pot lacks “{text}”"
    for _, text in sorted(set(kept) - set(real), key=str):
        yield f"po/knothole.pot has “{text}”, which no source has"


def shape_of(text):
    """What a translation has to keep: markup, whether it goes on, and its white space."""
    if not LETTER.search(text):
        text = text.strip()  # a full-width comma needs no space after it
    return (sorted(MARKUP.findall(text)), text.endswith("…"),
            text[:len(text) - len(text.lstrip())], text[len(text.rstrip()):])


def filled_in(text):
    return collections.Counter(DIRECTIVE.findall(text))


def complaints_of_words(po):
    for (_, text), entry in read_entries(po).items():
        texts = {text, entry.get("msgid_plural", text)}
        for field, said in entry.items():
            if not text or not field.startswith("msgstr") or not said:
                continue  # what is missing is msgcmp's
            if shape_of(said) not in [shape_of(one) for one in texts]:
                yield f"{po.name}: “{said}” has not the ends and markup of “{text}”"
            # A date may be told by other parts; one of a plural may be told without its number.
            if DATE_PARTS.intersection(filled_in(text)):
                continue
            least = min((filled_in(one) for one in texts), key=lambda c: c.total())
            most = max((filled_in(one) for one in texts), key=lambda c: c.total())
            number = collections.Counter("u" if len(texts) > 1 else "")
            if not least - number <= filled_in(said) <= most:
                yield f"{po.name}: “{said}” is not filled in as “{text}” is"


def complaints_of_translation(po, pot):
    yield from said_by("msgfmt", "--check", "--check-accelerators=_", "-o", "/dev/null", str(po))
    # Untranslated, fuzzy, missing, and what no source has any more.
    yield from said_by("msgcmp", str(po), str(pot))
    yield from complaints_of_words(po)


def main():
    listed = lines_of(PO / "POTFILES")
    languages = " ".join(lines_of(PO / "LINGUAS")).split()
    found = list(complaints_of_list(listed))
    found += [f"po/LINGUAS: {path.name} is missing" for path in sorted(PO.glob("*.po"))
              if path.stem not in languages]
    for path in sorted((TOP / "ui").glob("*.ui")):
        found.extend(complaints_of_template(path))
    with tempfile.TemporaryDirectory() as folder:
        pot, said = write_template(listed, pathlib.Path(folder))
        found.extend(said)
        found.extend(complaints_of_catalogue(pot))
        for language in languages:
            found.extend(complaints_of_translation(PO / f"{language}.po", pot))
    print("\n".join(found) or f"{len(listed)} files, translated: {' '.join(languages)}")
    return 1 if found or not languages else 0


if __name__ == "__main__":
    sys.exit(main())
