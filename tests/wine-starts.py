#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts knothole-cli.exe again and again under Wine: each has to reach its server.

    tests/wine-starts.py BUILD SERVER [N]

BUILD is a build folder for Windows; SERVER is a knothole-server, or a knothole-server.exe,
which runs in the same Wine; N is how often, 100 if it isn't said. Environment: as of
tests/wine.py. Ends with 1 where one of them did not reach it. Not a test of meson, as it
needs two builds.
"""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import wine  # pylint: disable=wrong-import-position

# How long a start may take on a crowded machine, and how long the server.
START_S = 120


def free_ports():
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def start_server(command, environ, folder):
    """The process, and its address, the first line that it prints."""
    main, assist = free_ports()
    arguments = [*command, "--data-dir", folder, "--public", "127.0.0.1",
                 "--listen", f"127.0.0.1:{main}", "--assist", f"127.0.0.1:{assist}"]
    server = subprocess.Popen(arguments, env=environ, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE)
    address = server.stdout.readline().strip()
    if not address.startswith("knothole://"):
        server.kill()
        sys.exit(f"wine-starts.py: the server says “{address}”")
    return server, address


def start_all(cli, environ, folder, address, n):
    """Returns how many did not end as they have to."""
    n_failed = 0
    for i in range(n):
        with tempfile.TemporaryFile() as output:
            try:
                status = subprocess.run(
                    [*cli, "peers", "--data-dir", folder, "--server", address], env=environ,
                    stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                    timeout=START_S, check=False).returncode
            except subprocess.TimeoutExpired:
                status = "none: it does not end"
            if status != 0:
                output.seek(0)
                n_failed += 1
                print(f"start {i + 1}: status {status}: {output.read().decode(errors='replace')}",
                      flush=True)
    return n_failed


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    n = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    program, environ = wine.wine_program(), wine.environment(build)
    pathlib.Path(environ["WINEPREFIX"]).mkdir(parents=True, exist_ok=True)
    command = [program] if sys.argv[2].endswith(".exe") else []
    try:
        subprocess.run([program, "wineboot", "-i"], env=environ, timeout=wine.PREFIX_S,
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with tempfile.TemporaryDirectory() as top:
            server, address = start_server([*command, os.path.abspath(sys.argv[2])], environ,
                                           os.path.join(top, "server"))
            n_failed = start_all([program, str(build / "src/cli/knothole-cli.exe")], environ,
                                 os.path.join(top, "client"), address, n)
            server.terminate()
            server.wait(START_S)
    finally:
        # Of this prefix alone.
        subprocess.run(["wineserver", "-k"], env=environ, check=False, timeout=60)
    print(f"{n - n_failed} of {n} reached the server")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
