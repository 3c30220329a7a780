#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when --help, man pages, completions and the example of a config file disagree.

What each program's --help lists has to be in its man page and in what the shells complete,
and the other way round. Bash and fish are asked what they complete; of zsh the file is read,
and the shell loads it. KNOTHOLE_BUILD names the build folder.
"""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

BUILD = Path(os.environ.get("KNOTHOLE_BUILD", "build")).resolve()
TOP = Path(__file__).resolve().parent.parent.parent
MAN = TOP / "data/man"
COMPLETIONS = TOP / "data/completions"
PROGRAMS = {"knothole": BUILD / "src/app/knothole",
            "knothole-cli": BUILD / "src/cli/knothole-cli",
            "knothole-server": BUILD / "src/server/knothole-server"}
PATIENCE_S = 60
OPTION = re.compile(r"^ +(?:-\w, )?(--[a-z-]+)", re.M)


def run(words, home, **more):
    """What a command prints, in the C locale and with a home of its own."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": home, "TERM": "dumb",
                               "LC_ALL": "C.UTF-8", "XDG_DATA_HOME": home} | more)
    if done.returncode not in (0, 1) or done.stderr:
        raise AssertionError(f"{words} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def help_of(program, home, *words):
    # All of the window's options; those of GTK come with a display only.
    what = "--help-all" if program == "knothole" else "--help"
    return run([str(PROGRAMS[program]), *words, what], home)


def man_items(page, macro):
    text = (MAN / page).read_text(encoding="utf-8")
    return re.findall(rf"^\.It {macro}", text, re.M)


class Documented(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="knothole-documented-")
        self.addCleanup(folder.cleanup)
        self.home = folder.name

    def commands(self):
        """Command to its options, from --help; of "" those of all commands."""
        text = help_of("knothole-cli", self.home)
        names = re.findall(r"^  ([a-z]+)(?= )", text.split("Commands")[1].split("Options:")[0],
                           re.M)
        self.assertGreater(len(names), 8)
        options = {name: set(OPTION.findall(help_of("knothole-cli", self.home, name)))
                   for name in names}
        return options | {"": set(OPTION.findall(text))}

    def options(self, program):
        if program == "knothole-cli":
            found = set().union(*self.commands().values())
        else:
            found = set(OPTION.findall(help_of(program, self.home)))
        self.assertGreater(len(found), 5)
        return found

    def test_man_pages_have_the_options(self):
        for program in PROGRAMS:
            with self.subTest(program):
                items = man_items(f"{program}.1", r"(?:Fl h , -|Fl -)([a-z-]+)")
                self.assertEqual(len(items), len(set(items)), "one is there twice")
                self.assertEqual({f"--{item}" for item in items}, self.options(program))

    def test_man_page_has_the_commands(self):
        items = man_items("knothole-cli.1", r"Cm ([a-z]+)")
        for name in set(self.commands()) - {""}:
            self.assertIn(name, items)

    def test_man_page_has_the_events(self):
        text = "".join(path.read_text(encoding="utf-8")
                       for path in (TOP / "src/cli").glob("*.c"))
        events = set(re.findall(r'\b(?:begin|kh_json_texts) \("([a-z-]+)"', text)) | {"pong"}
        self.assertGreater(len(events), 15)
        page = (MAN / "knothole-cli.1").read_text(encoding="utf-8")
        section = page.split(".Sh JSON EVENTS")[1].split(".Sh ")[0]
        self.assertEqual(set(re.findall(r"^\.It Cm ([a-z-]+)$", section, re.M)), events)
        members = set(re.findall(r'add_\w+ \(builder, "([a-z_0-9]+)"', text))
        members |= set(re.findall(r'set_member_name \(builder, "([a-z_0-9]+)"', text))
        words = set(re.findall(r"[a-z_0-9]+", section))
        self.assertEqual(members - {"event"} - words, set())

    def test_man_page_has_the_exit_statuses(self):
        text = (TOP / "src/cli/status.h").read_text(encoding="utf-8")
        page = (MAN / "knothole-cli.1").read_text(encoding="utf-8")
        section = page.split(".Sh EXIT STATUS")[1].split(".Sh ")[0]
        self.assertEqual(re.findall(r"^\.It (\d)$", section, re.M),
                         re.findall(r"KH_STATUS_\w+ = (\d)", text))

    def test_man_page_has_the_settings_and_their_defaults(self):
        example = (TOP / "data/knothole-server.conf").read_text(encoding="utf-8")
        settings = dict(re.findall(r"^#([a-z-]+)=(.*)$", example, re.M))
        self.assertGreater(len(settings), 30)
        items = man_items("knothole-server.conf.5", r"Ic ([a-z-]+)")
        self.assertEqual(items, list(dict.fromkeys(items)))
        self.assertEqual(set(items), set(settings))
        page = (MAN / "knothole-server.conf.5").read_text(encoding="utf-8")
        for key, value in settings.items():
            entry = page.split(f"\n.It Ic {key}\n")[1].split("\n.It ")[0]
            if re.fullmatch(r"\d+", value) and key not in ("public-assist-port",
                                                           "relay-rate-total"):
                self.assertIn(f"By default {value}.", entry)

    def test_man_pages_are_well_formed(self):
        for page in sorted(MAN.glob("*.[1-9]")):
            with self.subTest(page.name):
                # What it says of pages that are not installed is not of this one.
                done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(page)],
                                      capture_output=True, text=True, check=False)
                wrong = [line for line in done.stdout.splitlines() if page.name in line]
                self.assertEqual(wrong, [])
                self.assertGreater(len(run(["mandoc", "-T", "utf8", str(page)], self.home)), 1000)

    # -- completions

    def bash(self, program, line):
        """What bash offers behind the words of @line, the last of which is begun."""
        script = f"""
            . {COMPLETIONS}/bash/{program}
            compopt () {{ :; }}
            COMP_WORDS=({line} "${{1-}}")
            COMP_WORDS[0]={PROGRAMS[program]}
            COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            $(complete -p {program} | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
            printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        return lambda begun: set(run(["bash", "--norc", "-euc", script, "bash", begun],
                                     self.home).split())

    def fish(self, program, line):
        """The same of fish."""
        path = f"{BUILD}/src/app:{BUILD}/src/cli:{BUILD}/src/server:{os.environ['PATH']}"
        script = f"source {COMPLETIONS}/fish/{program}.fish; complete -C \"$argv[1]\""
        return lambda begun: {offer.split("\t")[0] for offer in run(
            ["fish", "--no-config", "-c", script, "--", f"{line} {begun}"], self.home,
            PATH=path).splitlines()}

    def test_shells_complete_the_options(self):
        for shell in (self.bash, self.fish):
            for program in ("knothole", "knothole-server"):
                with self.subTest(f"{shell.__name__} {program}"):
                    self.assertEqual(shell(program, program)("--"), self.options(program))

    def test_shells_complete_the_options_of_each_command(self):
        commands = self.commands()
        for shell in (self.bash, self.fish):
            for name, options in commands.items():
                with self.subTest(f"{shell.__name__} {name}"):
                    line = f"knothole-cli --name Ada {name}".rstrip()
                    self.assertEqual(shell("knothole-cli", line)("--"), options)

    def test_shells_complete_commands_and_values(self):
        names = set(self.commands()) - {""}
        (Path(self.home) / "a folder").mkdir()
        for shell in (self.bash, self.fish):
            with self.subTest(shell.__name__):
                def offers(line, begun="", program="knothole-cli"):
                    return shell(program, line)(begun)  # pylint: disable=cell-var-from-loop
                self.assertEqual(offers("knothole-cli --json"), names)
                self.assertEqual(offers("knothole-cli", "p"), {"peers", "ping"})
                self.assertEqual(offers("knothole-cli listen --accept"),
                                 {"all", "contacts", "ask", "none"})
                self.assertEqual(offers("knothole-cli transfers"),
                                 {"list", "pause", "resume", "cancel", "retry", "first"})
                self.assertEqual(offers("knothole-cli transfers pause"), set())
                self.assertEqual(offers("knothole-server --relay", "o", "knothole-server"),
                                 {"on", "off"})
                self.assertEqual(offers("knothole-cli peers --name"), set())
                here = offers("knothole-cli send Bob", f"{COMPLETIONS}/zsh/_knothole-c")
                self.assertEqual(here, {f"{COMPLETIONS}/zsh/_knothole-cli"})

    def test_zsh_has_the_options(self):
        for program in PROGRAMS:
            with self.subTest(program):
                path = COMPLETIONS / f"zsh/_{program}"
                text = path.read_text(encoding="utf-8")
                found = set(re.findall(r"(?<=['{*,])--[a-z-]+(?=[=\[,}])", text))
                self.assertEqual(found, self.options(program))
                self.assertEqual(text.split("\n", maxsplit=1)[0], f"#compdef {program}")

    def test_zsh_loads_them(self):
        script = (f"fpath=({COMPLETIONS}/zsh $fpath); autoload -Uz compinit; compinit -u -D;"
                  " for program in $@; do print -- $_comps[$program];"
                  " autoload -Uz +X $_comps[$program] || exit 3; done")
        self.assertEqual(run(["zsh", "-fc", script, "zsh", *PROGRAMS], self.home).split(),
                         [f"_{program}" for program in PROGRAMS])


if __name__ == "__main__":
    unittest.main(verbosity=2)
