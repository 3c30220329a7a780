#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the unit tests of a Windows build under Wine.

    tests/wine.py BUILD [NAME ...]

BUILD is a build folder for Windows; NAME are names of tests as meson lists them, all that need
no host of a network and no screen where there are none. Environment: WINEPREFIX, a folder
inside BUILD where it is not set; CACHE, that of win32/cross.sh, whose DLLs are used; JOBS, how
many run at a time.

Prints what failed, what was skipped and why, and "N passed, N failed, N skipped, N programs
not built" at the end, of which the first three count test cases. Ends with 1 where something
failed.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SUITES = {"unit", "fuzz", "core", "server", "cli", "app"}
# Cases that Wine 8 can't run, as paths of GLib or the beginnings of such: why.
ONE_PORT = "Wine lets nobody have a port on which somebody listens"
RESET = "Wine tells of a reset as of an end"
TCP_INFO = "Wine does not say what the peer's system has acknowledged (SIO_TCP_INFO)"
CANNOT = {
    "/socket/one-port-listens-and-dials": ONE_PORT,
    "/socket/the-system-tells-of-the-path": TCP_INFO,
    "/socket/a-reset-is-a-loss": RESET,
    "/waker/a-broken-socket-is-always-told": RESET,
    "/channel-worker/a-peer-that-takes-pieces-is-not-silent": TCP_INFO,
    "/puncher/nobody-comes-in-before-the-call-is-accepted": ONE_PORT,
    "/puncher/strangers-are-counted-for-the-whole-round": ONE_PORT,
    "/puncher/strangers-at-a-mapped-port-are-counted": ONE_PORT,
    "/puncher/it-leaves-no-visitor": ONE_PORT,
    "/puncher/two-meet-and-leave-nothing": ONE_PORT,
    "/prober/an-open-computer": ONE_PORT,
    "/prober/an-open-computer-and-one-address": ONE_PORT,
    "/prober/an-unused-port-is-tried-only-where-the-main-connection-is": ONE_PORT,
    "/prober/a-full-cone-with-hairpin": ONE_PORT,
    "/prober/a-port-restricted-cone-without-hairpin": ONE_PORT,
    "/prober/a-sequence-is-seen-in-its-order": ONE_PORT,
    "/prober/who-writes-something-else-is-not-heard": ONE_PORT,
    "/prober/who-is-put-off-asks-again": ONE_PORT,
    "/prober/a-server-that-answers-no-dial": ONE_PORT,
}

# Programs that meson builds for other systems alone.
NOT_BUILT = {
    "plain-open": "what it tests is POSIX",
    "transfer-disk": "it makes links, and files larger than the disk",
    "puncher-alone": "it takes the place of setsockopt(); Wine shares no port by itself",
}

# Wine and a crowded machine are slower than what the limits are made for.
TIMES = 3
PREFIX_S = 180


def wine_program():
    """The 64-bit program itself: the wrapper asks for a 32-bit one at every start."""
    for path in ("/usr/lib/wine/wine64", shutil.which("wine64"), shutil.which("wine")):
        if path and os.path.exists(path):
            return path
    sys.exit("wine.py: wine is not installed (Debian: wine64)")


def dll_folders():
    """Those of the cross-built libraries, and the compiler's own."""
    cache = pathlib.Path(os.environ.get("CACHE", "/var/tmp/knothole-win32"))
    threads = subprocess.run(["x86_64-w64-mingw32-gcc-posix", "-print-file-name=libwinpthread-1.dll"],
                             stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return [cache / "sysroot" / "bin", pathlib.Path(threads).resolve().parent]


def environment(build):
    result = dict(os.environ)
    result.setdefault("WINEPREFIX", str(build / "wine"))
    result["WINEDEBUG"] = "-all"
    # Asks for no downloads, waits in no debugger, and makes no menus.
    result["WINEDLLOVERRIDES"] = "mscoree,mshtml,winedbg.exe,winemenubuilder.exe="
    result["WINEPATH"] = ";".join("Z:" + str(path).replace("/", "\\") for path in dll_folders())
    result.pop("DISPLAY", None)
    return result


def list_tests(build, names):
    tests = json.loads(subprocess.check_output(["meson", "introspect", "--tests", build], text=True))
    for test in tests:
        suites = {suite.split(":")[-1] for suite in test["suite"]}
        if not test["cmd"][0].endswith(".exe") or not suites & SUITES:
            continue
        if not names or test["name"] in names:
            yield test


def is_of_glib(test):
    return "fuzz" not in str(test["suite"]) and test["name"] != "noise-vectors"


def command_of(wine, test):
    command = [wine, *test["cmd"]]
    if is_of_glib(test):
        command.append("--tap")
        for path in CANNOT:
            command += ["-s", path]
    return command


def run(wine, environ, test):
    """Returns passed, failed and skipped cases; of the last two, what they said."""
    # A file, since what Wine starts beside a program holds its output open for longer.
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(command_of(wine, test), env={**environ, **test["env"]},
                                  cwd=environ["WINEPREFIX"], timeout=test["timeout"] * TIMES,
                                  stdout=output, stderr=subprocess.STDOUT, check=False)
        except subprocess.TimeoutExpired:
            done = None
        output.seek(0)
        text = output.read().decode(errors="replace").replace("\r", "")
    if done is None:
        return test, 0, ["is not over in time\n" + text[-3000:]], []
    if not is_of_glib(test):
        return test, int(done.returncode == 0), [text[-3000:]] if done.returncode else [], []
    # A test may have said something in the same line before.
    results = re.findall(r"(?<!not )\bok \d+ (/\S+)(?: # SKIP ?(.*))?$", text, re.M)
    skipped = [(path, why) for path, why in results if why or f"{path} # SKIP" in text]
    passed = len(results) - len(skipped)
    failed = re.findall(r"\bnot ok \d+ .*", text)
    plan = re.search(r"^1\.\.(\d+)$", text, re.M)
    if done.returncode != 0 or failed or not plan or int(plan[1]) != len(results):
        failed = ["\n".join(failed) + "\n" + text[-3000:]]
    return test, passed, failed, skipped


def reason_of(path, told):
    for beginning, reason in CANNOT.items():
        if path.startswith(beginning):
            return reason
    return told


def run_all(wine, environ, tests, not_built):
    """@not_built: programs that are told of beside what is run."""
    n_passed, n_failed, n_skipped = 0, 0, 0
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", 2))) as pool:
        for test, passed, failed, skipped in pool.map(lambda test: run(wine, environ, test), tests):
            n_passed += passed
            n_failed += len(failed)
            n_skipped += len(skipped)
            print(f"{test['name']}: {passed} passed"
                  + (", FAILED" if failed else "") + (f", {len(skipped)} skipped" if skipped else ""),
                  flush=True)
            for text in failed:
                print(text)
            for path, told in skipped:
                print(f"  skipped: {path}: {reason_of(path, told)}")
    for name, why in not_built.items():
        print(f"{name}: not built: {why}")
    print(f"{n_passed} passed, {n_failed} failed, {n_skipped} skipped, "
          f"{len(not_built)} programs not built")
    return 1 if n_failed or not n_passed else 0


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    tests = list(list_tests(build, sys.argv[2:]))
    wine = wine_program()
    environ = environment(build)
    pathlib.Path(environ["WINEPREFIX"]).mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run([wine, "wineboot", "-i"], env=environ, timeout=PREFIX_S, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return run_all(wine, environ, tests, NOT_BUILT if not sys.argv[2:] else {})
    finally:
        # Of this prefix alone.
        subprocess.run(["wineserver", "-k"], env=environ, check=False, timeout=60)


if __name__ == "__main__":
    sys.exit(main())
