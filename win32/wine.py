# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows programs under Wine, each in a Windows of its own.

    with wine.Prefix() as prefix:           # gone afterwards, with all that runs in it
        done = prefix.run("setup.exe", "/S")
        path = prefix.path("C:/users/…")    # of a file, outside

Several at once need a folder each. A prefix that was made once is copied for the next one.
"""

import glob
import os
import shutil
import struct
import subprocess
import tempfile

WINE = "/usr/bin/wine"
WINESERVER = "/usr/bin/wineserver"
TIMEOUT_S = 300
# A font that Wine 8 finds by its full name, as DirectWrite is asked for it: with others all
# text becomes boxes. Windows has Segoe UI.
FONT = "DejaVu Serif"
FONT_HEIGHT = -12
TEMPLATE_VERSION = "2"  # another one when prepare() changes


class WineError(Exception):
    """Wine is missing or failed; the text is for people."""


def is_there():
    return os.access(WINE, os.X_OK)


def to_windows(path):
    """A path of this computer, as a program under Wine names it."""
    return "Z:" + os.path.abspath(path).replace("/", "\\")


class Prefix:
    """A Windows: its disk, registry and processes. With a @folder it stays when it is left,
    and is there again for the next one."""

    def __init__(self, folder=None, env=None, like=None):
        """@like: another one, which nothing runs in, to begin as a copy of."""
        self._is_own = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="knothole-wine-")
        self.env = _environment(self.folder) | (env or {})
        if not os.path.exists(f"{self.folder}/system.reg"):
            shutil.copytree(like.folder if like else _template(), self.folder,
                            symlinks=True, dirs_exist_ok=True,
                            copy_function=_link_or_copy)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
        if self._is_own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, program, *words):
        """What to start with self.env to run @program, a path of this computer or of that
        Windows."""
        return [WINE, program, *words]

    def run(self, program, *words, timeout=TIMEOUT_S, **kwargs):
        return subprocess.run(self.command(program, *words), env=self.env, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=timeout, **kwargs)

    def path(self, windows_path):
        """Of a file on the disk C: of that Windows."""
        rest = windows_path.removeprefix("C:").replace("\\", "/").lstrip("/")
        return os.path.join(self.folder, "drive_c", rest)

    def value(self, key, name):
        """Of the registry, as text; None without it."""
        words = ["/ve"] if name is None else ["/v", name]
        done = self.run("reg", "query", key, *words)
        for line in done.stdout.decode(errors="replace").splitlines():
            fields = line.strip().split("    ")
            if len(fields) >= 3 and fields[1].startswith("REG_"):
                return fields[2]
        return None

    def end(self):
        """Ends all that runs in it."""
        if os.path.isdir(self.folder):
            subprocess.run([WINESERVER, "-k"], env=self.env, check=False, timeout=TIMEOUT_S,
                           stderr=subprocess.DEVNULL)
            subprocess.run([WINESERVER, "-w"], env=self.env, check=False, timeout=TIMEOUT_S)


def _environment(folder):
    return dict(os.environ, WINEPREFIX=folder, WINEARCH="win64", WINEDEBUG="-all",
                WINEDLLOVERRIDES="mscoree,mshtml=", LC_ALL="C.UTF-8")


def _link_or_copy(source, target):
    """Nobody writes to the parts of Windows itself, which are 700 MB; all else is written
    to."""
    if "/drive_c/windows/" in source:
        try:
            return os.link(source, target)
        except OSError:
            pass  # on another disk
    return shutil.copy2(source, target)


def _template():
    """A prefix that is ready, made at the first call ever."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.abspath(f"{cache}/knothole/wine-{TEMPLATE_VERSION}")
    if not os.path.exists(folder):
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        with tempfile.TemporaryDirectory(dir=os.path.dirname(folder)) as making:
            _make(f"{making}/prefix")
            os.rename(f"{making}/prefix", folder)
    return folder


def _make(folder):
    if not is_there():
        raise WineError("Wine is missing: ./dev windows installs it")
    os.mkdir(folder)
    env = _environment(folder)
    env.pop("DISPLAY", None)
    # LOGFONTW: height, width, two angles and weight; eight bytes of style; 32 letters.
    font = struct.pack("<5i8B64s", FONT_HEIGHT, 0, 0, 0, 400, 0, 0, 0, 1, 0, 0, 0, 0,
                       FONT.encode("utf-16-le"))
    for words in (["wineboot", "--init"],
                  ["reg", "add", r"HKCU\Control Panel\Desktop\WindowMetrics", "/v",
                   "MessageFont", "/t", "REG_BINARY", "/d", font.hex(), "/f"],
                  # A program that crashes ends, and nobody has to close a dialog.
                  ["reg", "add", r"HKCU\Software\Wine\WineDbg", "/v", "ShowCrashDialog",
                   "/t", "REG_DWORD", "/d", "0", "/f"]):
        done = subprocess.run([WINE, *words], env=env, check=False, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=TIMEOUT_S)
        if done.returncode != 0:
            raise WineError(f"{words[0]}: {done.stderr.decode(errors='replace').strip()}")
    subprocess.run([WINESERVER, "-w"], env=env, check=False, timeout=TIMEOUT_S)
    _own_folders(folder)


def _own_folders(folder):
    """Wine makes Downloads, Documents, … links to those of who runs it: nothing here is to
    write there."""
    for path in glob.glob(f"{folder}/drive_c/users/*/*"):
        if os.path.islink(path):
            os.unlink(path)
            os.mkdir(path)
