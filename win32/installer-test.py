#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installer, under Wine: installs silently, over itself too, refuses while Knothole runs,
and its uninstaller leaves what people made unless it is told to delete that.

    win32/installer-test.py BUILD     the folder of win32/package.sh
"""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "tests", "lab")]

import wine  # noqa: E402
from checks import check, check_comes, summary  # noqa: E402

USER = "C:/users/" + (os.environ.get("USER") or "root")
LOCAL = USER + "/AppData/Local"
HOME = LOCAL + "/Programs/Knothole"
MENU = USER + "/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Knothole.lnk"
SCHEME = r"HKCU\Software\Classes\knothole"
UNINSTALL = (r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall"
             r"\io.github.knothole.Knothole")
RUN = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
PROGRAMS = ("knothole", "knothole-cli", "knothole-server")
EXIT_RUNNING = 2
# What an uninstaller leaves to Windows, which removes it when nobody looks.
GONE_S = 60


def imports(path):
    said = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", path], capture_output=True,
                          text=True, check=True).stdout
    return {name.lower() for name in re.findall(r"DLL Name: (\S+)", said)}


def files_below(folder):
    return {os.path.relpath(os.path.join(at, name), folder)
            for at, _, names in os.walk(folder) for name in names}


def check_needed(home):
    """Every DLL is somebody's, and none is missing that is not a part of Windows."""
    there = {os.path.basename(path).lower(): path
             for path in glob.glob(f"{home}/bin/*.dll") + glob.glob(f"{home}/bin/*.exe")}
    needed = set().union(*(imports(path) for path in there.values()))
    dlls = {name for name in there if name.endswith(".dll")}
    check(f"each of the {len(dlls)} DLLs is needed", set(), dlls - needed)
    system = {name.lower() for name in os.listdir("/usr/lib/x86_64-linux-gnu/wine/"
                                                  "x86_64-windows")}
    check("none is missing", set(), needed - dlls - system)


def check_runs(prefix):
    for name in ("knothole-cli", "knothole-server"):
        done = prefix.run(f"{HOME}/bin/{name}.exe", "--version")
        check(f"{name} runs where it was installed", (0, True),
              (done.returncode, bool(re.search(rb"\d+\.\d+", done.stdout))))


def check_installed(prefix, setup):
    done = prefix.run(setup, "/S")
    check("a silent installation: exit status 0", 0, done.returncode)
    home = prefix.path(HOME)
    for name in PROGRAMS:
        check(f"{name}.exe is there", True, os.path.exists(f"{home}/bin/{name}.exe"))
    check("so is its entry in the Start menu", True, os.path.exists(prefix.path(MENU)))
    check("knothole: links are for it", lambda found: found and found.endswith('"%1"'),
          prefix.value(SCHEME + r"\shell\open\command", None))
    check("Windows lists it with its version", lambda found: found and found[0].isdigit(),
          prefix.value(UNINSTALL, "DisplayVersion"))
    check("no firewall rule without being asked for", None,
          prefix.value(r"HKCU\Software\Knothole", "FirewallRule"))
    check_needed(home)
    check_runs(prefix)


def make_older(build, folder):
    """The installer of a version before, with a file that there is no more."""
    stage = f"{folder}/stage"
    os.makedirs(f"{stage}/bin")
    for name in ("knothole-cli.exe", "forgotten.dll"):
        shutil.copy(f"{build}/stage/bin/knothole-cli.exe", f"{stage}/bin/{name}")
    with open(f"{folder}/files.nsh", "w", encoding="ascii") as file:
        file.write('Delete "$INSTDIR\\bin\\forgotten.dll"\n'
                   'Delete "$INSTDIR\\bin\\knothole-cli.exe"\nRMDir "$INSTDIR\\bin"\n')
    setup = f"{folder}/older-setup.exe"
    subprocess.run(["makensis", "-V1", "-DVERSION=0.0.1", f"-DSTAGE={stage}",
                    f"-DFILES={folder}/files.nsh", f"-DICON={build}/win32/knothole.ico",
                    f"-DOUT={setup}", f"{HERE}/knothole.nsi"], check=True)
    return setup


def check_upgrade(prefix, setup, build):
    """What only the older version had is gone with it; what a person has put there is
    nobody's. The same once more, over the version itself."""
    with tempfile.TemporaryDirectory() as folder:
        older = make_older(build, folder)
        check("an older version: exit status 0", 0, prefix.run(older, "/S").returncode)
    home = prefix.path(HOME)
    check("it is listed with its version", "0.0.1", prefix.value(UNINSTALL, "DisplayVersion"))
    with open(f"{home}/bin/mine.txt", "w", encoding="ascii") as file:
        file.write("mine")
    wanted = files_below(f"{build}/stage") | {"uninstall.exe", "bin/mine.txt"}
    for over in ("the older version", "itself"):
        check(f"installing it over {over}: exit status 0", 0,
              prefix.run(setup, "/S").returncode)
        check("its files and a person's own, and no other", wanted, files_below(home))
    check("it is listed with the new version", lambda found: found != "0.0.1",
          prefix.value(UNINSTALL, "DisplayVersion"))
    os.unlink(f"{home}/bin/mine.txt")


def check_firewall(prefix, setup):
    """Wine has no firewall: it takes the command and says that all went well."""
    rule = (r"HKCU\Software\Knothole", "FirewallRule")
    check("with /FIREWALL: exit status 0", 0, prefix.run(setup, "/S", "/FIREWALL").returncode)
    check("there is a rule for its folder", prefix.value(r"HKCU\Software\Knothole", "InstallDir"),
          prefix.value(*rule))


def check_running(prefix, setup):
    """A program that runs is not pulled away from under its user."""
    with subprocess.Popen(prefix.command(f"{HOME}/bin/knothole-server.exe", "--listen",
                                         "127.0.0.1:0", "--assist", "127.0.0.1:0"),
                          env=prefix.env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        check("the server runs", True, server.stdout.readline().startswith(b"knothole://"))
        check("installing while it runs: exit status 2", EXIT_RUNNING,
              prefix.run(setup, "/S").returncode)
        check("uninstalling too", EXIT_RUNNING,
              prefix.run(f"{HOME}/uninstall.exe", "/S",
                         f"_?={HOME}".replace("/", "\\")).returncode)
        check("it is still there", True,
              os.path.exists(prefix.path(HOME + "/bin/knothole-server.exe")))
        server.kill()


def uninstall(prefix, *words):
    """The uninstaller starts a copy of itself that goes on when it has ended."""
    prefix.run(f"{HOME}/uninstall.exe", "/S", *words)
    deadline = time.monotonic() + GONE_S
    while prefix.value(UNINSTALL, "DisplayName") and time.monotonic() < deadline:
        time.sleep(0.2)


def check_removed(prefix, setup):
    data = prefix.path(LOCAL + "/knothole")
    os.makedirs(data, exist_ok=True)
    with open(f"{data}/store.sqlite", "w", encoding="ascii") as file:
        file.write("kept")
    prefix.run("reg", "add", RUN, "/v", "Knothole-0123", "/d", "x", "/f")
    prefix.run("reg", "add", RUN, "/v", "Other", "/d", "y", "/f")
    uninstall(prefix)
    check_comes("after the uninstaller no file is left", [],
                lambda: sorted(files_below(prefix.path(HOME))))
    check("nor its folder", False, os.path.exists(prefix.path(HOME)))
    check("nor its entry in the Start menu", False, os.path.exists(prefix.path(MENU)))
    check("nor the scheme", None, prefix.value(SCHEME, None))
    check("nor its start at login", None, prefix.value(RUN, "Knothole-0123"))
    check("others start at login as before", "y", prefix.value(RUN, "Other"))
    check("data stays", True, os.path.exists(f"{data}/store.sqlite"))
    prefix.run(setup, "/S")
    uninstall(prefix, "/DELETEDATA")
    check_comes("unless it is told to delete that", False, lambda: os.path.exists(data))


def check_place(prefix, setup):
    place = "C:\\Prográmmes\\Knothole"
    done = prefix.run(setup, "/S", f"/D={place}")
    check("in a folder of one's choice: exit status 0", 0, done.returncode)
    program = f"{place}\\bin\\knothole-cli.exe"
    check("it is there", True, os.path.exists(prefix.path(program)))
    check("and runs", 0, prefix.run(program, "--version").returncode)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", metavar="BUILD")
    build = os.path.abspath(parser.parse_args().build)
    [setup] = glob.glob(f"{build}/knothole-*-setup.exe")
    with wine.Prefix() as prefix:
        check_installed(prefix, setup)
        check_upgrade(prefix, setup, build)
        check_firewall(prefix, setup)
        check_running(prefix, setup)
        check_removed(prefix, setup)
        check_place(prefix, setup)
    return summary()


if __name__ == "__main__":
    sys.exit(main())
