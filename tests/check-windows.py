#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when the Windows build has fallen behind: the installer does not speak a language of
po/LINGUAS or lacks a sentence in it, or a file for POSIX has no other for Windows."""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
# Of po/LINGUAS, and English: as NSIS calls them.
NSIS_NAMES = {"de": "German", "es": "Spanish", "fr": "French", "ja": "Japanese",
              "pt_BR": "PortugueseBR", "ru": "Russian", "zh_CN": "SimpChinese",
              "zh_TW": "TradChinese"}


def installer_complaints():
    script = (TOP / "win32/knothole.nsi").read_text(encoding="utf-8")
    texts = (TOP / "win32/installer-texts.nsh").read_text(encoding="utf-8-sig")
    languages = [line.strip() for line in (TOP / "po/LINGUAS").read_text().splitlines()
                 if line.strip() and not line.startswith("#")]
    spoken = re.findall(r'^!insertmacro MUI_LANGUAGE "(\w+)"', script, re.M)
    wanted = ["English"]
    for language in languages:
        if language in NSIS_NAMES:
            wanted.append(NSIS_NAMES[language])
        else:
            yield f"tests/check-windows.py: how NSIS calls {language} is missing"
    if sorted(wanted) != sorted(spoken):
        yield (f"win32/knothole.nsi speaks {', '.join(spoken)}; po/LINGUAS wants "
               f"{', '.join(wanted)}")
    used = set(re.findall(r"\$\((Text\w+)\)", script))
    there = {(name, language): text for name, language, text in
             re.findall(r'^LangString (\w+) \$\{LANG_(\w+)\} "(.+)"$', texts, re.M)}
    for language in spoken:
        for name in sorted(used):
            if (name, language.upper()) not in there:
                yield f"win32/installer-texts.nsh: {name} is missing in {language}"
    for name, language in there:
        if name not in used:
            yield f"win32/installer-texts.nsh: {name} ({language}) is used by nothing"


def twin_complaints():
    for path in sorted((TOP / "src").glob("*/*-posix.c")):
        name = path.name.removesuffix("-posix.c")
        if not (path.parent / f"{name}-win32.c").exists():
            yield f"src/{path.parent.name}/{name}-win32.c is missing"


def main():
    found = [*installer_complaints(), *twin_complaints()]
    print("\n".join(found) or "the Windows build has what the others have")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
