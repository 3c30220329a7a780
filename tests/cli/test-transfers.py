#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders through knothole-cli: sending, going on after whatever ends a
connection, and `transfers`, with real processes over loopback.
"""

import json
import os
import re
import signal
import subprocess
import unittest
from pathlib import Path

from harness import Case


class Sending(Case):
    def test_files_arrive_as_they_are(self):
        bob = self.listen("bob", "--accept", "all")
        paths = [self.write(f"file-{size}", os.urandom(size))
                 for size in (0, 1, 100_000, 20_000_000)]
        anna = self.run_cli("anna", "send", bob.wait_event("online")["id"], *paths)
        self.assertRegex(anna.out[-1],
                         r"^arrived at Bob: file-0 and 3 more \(4 files, 20\.1 MB in ")
        for path in paths:
            self.assertEqual(path.read_bytes(), (self.received("bob") / path.name).read_bytes())

    def test_nothing_is_overwritten(self):
        bob = self.listen("bob", "--accept", "all")
        path = self.write("note.txt", b"new")
        (self.received("bob") / "note.txt").write_bytes(b"old")
        anna = self.run_cli("anna", "send", bob.wait_event("online")["id"], path, "--json")
        place = Path(bob.wait_event("file")["path"])
        self.assertEqual(b"old", (self.received("bob") / "note.txt").read_bytes())
        self.assertNotEqual("note.txt", place.name)
        self.assertEqual(b"new", place.read_bytes())
        self.assertEqual(3, anna.wait_event("done", files=1)["bytes"])
        self.assertEqual(bob.wait_event("offer")["transfer"], bob.wait_event("done")["transfer"])

    def test_a_name_from_outside_stays_in_the_folder(self):
        bob = self.listen("bob", "--accept", "all")
        path = self.write("-- \033[2J.txt", b"x")
        self.run_cli("anna", "send", bob.wait_event("online")["id"], "--", path)
        place = Path(bob.wait_event("file")["path"])
        self.assertEqual(self.received("bob"), place.parent)

    def test_a_folder_that_cannot_be_written_fails_the_file(self):
        self.received("bob").mkdir()
        self.received("bob").chmod(0o555)
        bob = self.listen("bob", "--accept", "all", powerless=True)
        path = self.write("file", b"x" * 1000)
        anna = self.run_cli("anna", "send", bob.wait_event("online")["id"], path, status=7)
        self.assertIn("folder can't be written", anna.said())

    def large(self):
        """So large that there is time to do something meanwhile; it takes no room."""
        path = self.here / "large"
        with path.open("wb") as file:
            file.truncate(8 << 30)
        return path

    def begin(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.start("anna", "send", bob.wait_event("online")["id"], self.large(), "--json",
                          "--timeout", "5")
        anna.wait_event("progress")
        bob.wait_event("progress")
        return anna, bob

    def test_a_dead_receiver_is_noticed(self):
        anna, bob = self.begin()
        bob.process.kill()
        self.assertEqual(7, anna.finish(), anna.said())
        anna.wait_event("interrupted")
        self.assertIn("no new connection within 5 s; the transfer ", anna.said())
        self.assertIn(" is kept", anna.said())

    def test_a_dead_sender_is_noticed(self):
        anna, bob = self.begin()
        anna.process.kill()
        bob.wait_event("interrupted", total=8 << 30)
        bob.wait_event("disconnected")
        self.assertEqual([], [path for path in self.received("bob").iterdir()
                              if not path.name.startswith(".")])
        self.assertEqual(0, bob.stop())

    def test_an_interrupted_sender_says_what_was_sent(self):
        anna, bob = self.begin()
        self.assertEqual(7, anna.stop())
        self.assertRegex(anna.said(), r"not sent: .*large \(.* of 8\.6 GB were under way\); it is "
                                      r"kept .*`knothole-cli transfers cancel [0-9a-f]{8}`")
        bob.wait_event("interrupted")

    def test_an_interrupted_receiver_says_what_was_received(self):
        anna, bob = self.begin()
        self.assertEqual(0, bob.stop())
        self.assertRegex(bob.said(), r"not received: large \(.* of 8\.6 GB had come\); it is kept")
        self.assertEqual(7, anna.finish())

    def test_a_terminal_sees_a_bar(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.start_on_terminal("anna", "send", bob.wait_event("online")["id"],
                                      self.large())
        anna.wait_for(r"\r\033\[Klarge  (\[[#.]+\])? +\d+%  .* of 8\.6 GB  .*/s")
        anna.process.send_signal(signal.SIGINT)
        self.assertEqual(7, anna.finish())

    def test_of_several_the_bar_shows_how_far_this_one_is(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.start_on_terminal("anna", "send", bob.wait_event("online")["id"],
                                      self.write("small", b"x"), self.large())
        anna.wait_for(r"\r\033\[Klarge \([ \d]\d%\)  ")
        anna.process.send_signal(signal.SIGINT)
        self.assertEqual(7, anna.finish())


class FilesCase(Case):
    """With files that take a while."""

    SIZE = 30_000_000
    SLOW = ("--limit-up", "4M")  # 7 s

    def random_file(self, name="video", size=SIZE):
        return self.write(name, os.urandom(size))

    def wait_done(self, program, path):
        """All of @path is with Bob."""
        program.wait_event("done")
        self.assertEqual(path.read_bytes(), (self.received("bob") / path.name).read_bytes())

    def list(self, who):
        """What `transfers --json` says."""
        return [json.loads(line) for line in self.run_cli(who, "transfers", "--json").out]

    def begin(self, *words):
        """Anna sends Bob a file slowly; it is on its way when this returns."""
        path = self.random_file()
        bob = self.listen("bob", "--accept", "all")
        anna = self.start("anna", "send", "--json", *self.SLOW, *words,
                          bob.wait_event("online")["id"], path)
        anna.wait_event("transfer", state="running")
        bob.wait_event("progress")
        return anna, bob, path


class Twice(FilesCase):
    def test_a_second_send_is_told_what_to_do_instead(self):
        _, bob, path = self.begin()
        second = self.run_cli("anna", "send", bob.wait_event("online")["id"], path, status=2)
        self.assertRegex(second.said(), "in use by knothole-cli send, process .*"
                                        "one `send` takes several paths, and "
                                        "`knothole-cli transfers` puts what runs in order")
        other = self.run_cli("bob", "send", self.id_of("anna"), path, status=2)
        self.assertIn("in use by knothole-cli listen", other.said())
        self.assertNotIn("several paths", other.said())

    def test_the_help_says_that_it_holds_the_folder(self):
        self.assertIn("Give one `send` all\npaths",
                      "\n".join(map(str.strip, self.run_cli("anna", "send", "--help").out)))


class Trees(FilesCase):
    def make_tree(self, name="photos"):
        tree = self.here / name
        for folder in ("2023/empty", "2024/a b", "2024/\u00e4"):
            (tree / folder).mkdir(parents=True)
        for number, place in enumerate(("x.txt", "2023/one.jpg", "2024/two.jpg",
                                        "2024/a b/three.JPG", "2024/\u00e4/run")):
            (tree / place).write_bytes(os.urandom(10_000 * number))
        return tree

    @staticmethod
    def contents(tree):
        """What is where, below @tree."""
        return {str(path.relative_to(tree)): None if path.is_dir() else path.read_bytes()
                for path in tree.rglob("*")}

    def test_a_folder_arrives_as_it_is(self):
        tree = self.make_tree()
        file = self.write("note", b"x")
        bob = self.listen("bob", "--accept", "all")
        anna = self.run_cli("anna", "send", "--json", bob.wait_event("online")["id"], tree, file)
        offer = bob.wait_event("offer")
        self.assertEqual((6, 6, 100_001), (offer["files"], offer["folders"], offer["bytes"]))
        done = anna.wait_event("done", transfer=offer["transfer"])
        self.assertEqual((6, 0, 0), (done["files"], done["there"], done["left_out"]))
        self.assertEqual(self.contents(tree), self.contents(self.received("bob") / "photos"))
        self.assertEqual(b"x", (self.received("bob") / "note").read_bytes())
        bob.wait_event("done", transfer=offer["transfer"])
        placed = [value["path"] for value in map(json.loads, list(bob.out))
                  if value["event"] == "file"]
        self.assertEqual(6, len(set(placed)))

    def test_a_tree_is_one_line(self):
        bob = self.start("bob", "listen", "--accept", "all", "--save-to", self.here)
        bob.wait_for("here as Bob")
        bob_id = self.id_of("bob")
        self.wait_visible(bob_id)
        (self.here / "from").mkdir()
        tree = self.make_tree("from/photos")
        anna = self.run_cli("anna", "send", bob_id, tree)
        self.assertRegex(anna.out[-1], r"^arrived at Bob: photos \(5 files, 100\.0 kB in .*/s\)$")
        bob.wait_for(rf"^received from Anna: photos \(5 files, 100\.0 kB in .*/s\) in {self.here}$")
        self.assertEqual(1, len([line for line in bob.out if "received" in line]))

    def test_only_what_matches_is_taken(self):
        tree = self.make_tree()
        bob = self.listen("bob", "--accept", "all", "--only", "*.jpg", "--only", "a b")
        bob_id = bob.wait_event("online")["id"]
        anna = self.run_cli("anna", "send", bob_id, tree)
        self.assertIn("2 files left out", anna.out[-1])
        places = {path.name for path in self.received("bob").rglob("*") if path.is_file()}
        self.assertEqual({"one.jpg", "two.jpg", "three.JPG"}, places)
        program = self.run_cli("anna", "send", "--json", bob_id, self.write("note", b"x"), status=6)
        self.assertEqual(1, program.wait_event("done")["left_out"])

    def test_a_file_that_fails_is_named_and_the_rest_arrives(self):
        tree = self.make_tree()
        (tree / "2024/two.jpg").chmod(0)
        bob = self.listen("bob", "--accept", "all")
        anna = self.run_cli("anna", "send", bob.wait_event("online")["id"], tree, status=7,
                            powerless=True)
        self.assertRegex(anna.said(), "failed: .*two.jpg: the file could not be read")
        self.assertIn("photos: 1 of 5 files failed", anna.said())
        self.assertEqual(1, bob.wait_event("error", code=7)["failed"])
        bob.wait_event("file-failed")
        self.assertTrue((self.received("bob") / "photos/2023/one.jpg").exists())

    def test_the_folder_one_is_in_can_be_sent(self):
        tree = self.make_tree()
        bob = self.listen("bob", "--accept", "all")
        self.run_cli("anna", "send", bob.wait_event("online")["id"], ".", cwd=tree)
        self.assertEqual(self.contents(tree), self.contents(self.received("bob") / "photos"))


class Offers(FilesCase):
    def test_more_than_the_quota_is_declined_with_a_reason(self):
        bob = self.listen("bob", "--accept", "all", "--quota", "1k")
        path = self.write("photo", b"x" * 2000)
        self.run_cli("anna", "send", bob.wait_event("online")["id"], path, status=6)
        offer = bob.wait_event("offer", reason="quota")
        bob.wait_event("declined", transfer=offer["transfer"], reason="quota")
        bob.wait_for(r"declined photo \(2\.0 kB\) from Anna: it is more than what is taken ")
        self.assertEqual([], list(self.received("bob").iterdir()))

    def test_a_terminal_is_told_why_it_is_asked(self):
        bob = self.start_on_terminal("bob", "listen", "--accept", "all", "--quota", "1k",
                                     "--save-to", self.here)
        bob.wait_for("here as Bob")
        bob_id = self.id_of("bob")
        self.wait_visible(bob_id)
        anna = self.start("anna", "send", bob_id, self.write("photo", b"x" * 2000))
        bob.wait_for(r"This is more than what is taken unasked from somebody not verified "
                     r"today\.\r\nTake photo \(2\.0 kB\) from Anna\? \[y/N\]")
        bob.type("y\n")
        self.assertEqual(0, anna.finish(), anna.said())

    def test_with_nobody_to_ask_an_offer_is_declined_with_a_reason(self):
        anna = self.listen("anna", "--accept", "all")
        anna_id = anna.wait_event("online")["id"]
        self.assertEqual(0, anna.stop())
        bob = self.start_on_terminal("bob", "listen", "--save-to", self.here)
        bob.wait_for("here as Bob")
        bob_id = self.id_of("bob")
        self.wait_visible(bob_id)
        sender = self.start("anna", "send", bob_id, self.write("photo", b"x"))
        bob.wait_for(r"wants to connect(.|\s)*\[y/N\]")
        bob.type("y\n")
        bob.wait_for(r"Take photo ")
        self.assertEqual(7, sender.stop(), sender.said())
        bob.process.kill()
        bob.process.wait()
        anna = self.listen("anna", "--accept", "all")
        # A call of its own, over which Anna offers again.
        bob = self.start("bob", "chat", "--json", anna_id, stdin=subprocess.PIPE)
        item = bob.wait_event("offer")["transfer"]
        bob.wait_event("declined", transfer=item, reason="nobody to ask")
        bob.wait_for(r"declined photo \(1 B\) from Anna: there is nobody to ask")


class Resuming(FilesCase):
    def test_a_receiver_that_comes_back_gets_the_rest(self):
        anna, bob, path = self.begin()
        bob.stop(signal.SIGKILL)
        anna.wait_event("interrupted")
        self.assertIsNone(anna.process.poll())
        again = self.listen("bob", "--accept", "all")
        self.wait_done(again, path)
        self.assertEqual(0, anna.finish(), anna.said())
        self.assertGreater(again.wait_event("progress")["bytes"], 0)

    def test_a_sender_that_was_killed_goes_on_when_it_listens(self):
        anna, bob, path = self.begin()
        anna.stop(signal.SIGKILL)
        bob.wait_event("interrupted")
        anna = self.listen("anna", "--accept", "none", "--limit-up", "none")
        self.wait_done(bob, path)
        anna.wait_event("done")

    def test_what_was_kept_goes_along_with_the_next(self):
        anna, bob, path = self.begin()
        self.assertEqual(7, anna.stop())
        other = self.write("other", b"x")
        self.run_cli("anna", "send", "--limit-up", "none", bob.wait_event("online")["id"], other)
        self.wait_done(bob, path)


class Transfers(FilesCase):
    def id_of_transfer(self, program):
        return program.wait_event("transfer")["transfer"]

    def interrupt(self):
        """A transfer that Anna has broken off; Bob waits for more."""
        anna, bob, path = self.begin()
        self.assertEqual(7, anna.stop())
        return bob, path, self.id_of_transfer(anna)

    def test_the_list_says_how_they_stand(self):
        bob, _, item = self.interrupt()
        sent, = self.list("anna")
        self.assertEqual({"event": "transfer", "transfer": item, "direction": "out",
                          "peer": bob.wait_event("online")["id"], "name": "video",
                          "state": "running", "paused": "none", "files": 1, "done": 0,
                          "there": 0, "failed": 0, "total": self.SIZE, "left_out": 0},
                         {key: value for key, value in sent.items() if key != "bytes"})
        got, = self.list("bob")  # while it listens
        self.assertEqual(("in", item, "running"),
                         (got["direction"], got["transfer"], got["state"]))
        self.assertEqual(str(self.received("bob")), got["folder"])
        self.assertRegex(self.run_cli("anna", "transfers").out[0],
                         rf"^{item[:8]}  to Bob +video +\d+% of 30\.0 MB +unfinished, goes on")
        # Nobody whom Bob has kept: the identity stands for the name.
        self.assertIn(f"from {self.id_of('anna')[:10]}",
                      self.run_cli("bob", "transfers", "list").out[0])

    def test_the_newest_is_last(self):
        bob = self.listen("bob", "--accept", "all")
        for name in ("one", "two"):
            self.run_cli("anna", "send", bob.wait_event("online")["id"], self.write(name, b"x"))
        lines = self.run_cli("anna", "transfers").out
        self.assertRegex("\n".join(lines), r"one +100% of 1 B +done\n.*two +100% of 1 B +done$")

    def test_changes_without_a_holder(self):
        _, _, item = self.interrupt()
        self.run_cli("anna", "transfers", "pause", item[:8])
        self.assertEqual("here", self.list("anna")[0]["paused"])
        self.assertIn("paused here", self.run_cli("anna", "transfers").out[0])
        self.run_cli("anna", "transfers", "first", item[:8])
        program = self.run_cli("anna", "transfers", "resume", "--json", item)
        self.assertEqual("none", json.loads(program.out[0])["paused"])
        self.run_cli("anna", "transfers", "retry", item[:8], status=7)
        self.run_cli("anna", "transfers", "cancel", item[:8])
        cancelled, = self.list("anna")
        self.assertEqual(("cancelled", "it was cancelled"),
                         (cancelled["state"], cancelled["reason"]))
        program = self.run_cli("anna", "transfers", "cancel", "--json", item[:8], status=7)
        self.assertEqual(item, json.loads(program.out[0])["transfer"])

    def test_changes_while_another_holds_the_folder(self):
        anna, bob, path = self.begin()
        item = self.id_of_transfer(anna)
        self.run_cli("anna", "transfers", "pause", item[:8])
        anna.wait_event("transfer", paused="here")
        bob.wait_event("transfer", paused="there")
        self.assertRegex(self.run_cli("bob", "transfers").out[0], " paused by the other side$")
        self.run_cli("bob", "transfers", "pause", item[:8])
        anna.wait_event("transfer", paused="both")
        self.assertEqual("both", self.list("bob")[0]["paused"])
        for who in ("anna", "bob"):
            self.run_cli(who, "transfers", "resume", item[:8])
        self.wait_done(bob, path)
        self.assertEqual(0, anna.finish(), anna.said())

    def test_who_cancelled_is_told(self):
        anna, bob, _ = self.begin()
        self.run_cli("bob", "transfers", "cancel", self.id_of_transfer(anna))
        self.assertEqual(7, anna.finish())
        self.assertIn("cancelled by Bob", anna.said())
        bob.wait_event("error", code=7)
        self.assertIn("cancelled here", bob.said())
        self.wait_files("bob", 0)

    def test_cancelling_keeps_what_is_whole_unless_told_otherwise(self):
        for words, n_left in ((), 1), (("--discard",), 0):
            small, large = self.write("a-small", b"x"), self.random_file("b-large")
            bob = self.listen("bob", "--accept", "all")
            anna = self.start("anna", "send", "--json", *self.SLOW,
                              bob.wait_event("online")["id"], small, large)
            bob.wait_event("file")
            self.run_cli("bob", "transfers", "cancel", *words, self.id_of_transfer(anna))
            self.assertEqual(7, anna.finish())
            for place in self.wait_files("bob", n_left):
                place.unlink()
            self.assertEqual(0, bob.stop())

    def test_a_terminal_is_asked_what_to_do_with_what_is_whole(self):
        small, large = self.write("a-small", b"x"), self.random_file("b-large")
        bob = self.listen("bob", "--accept", "all")
        anna = self.start("anna", "send", "--json", *self.SLOW, bob.wait_event("online")["id"],
                          small, large)
        bob.wait_event("file")
        program = self.start_on_terminal("bob", "transfers", "cancel",
                                         self.id_of_transfer(anna)[:8])
        program.wait_for(r"1 file of .* arrived whole\. Delete what has arrived\? \[y/N\]")
        program.type("y\n")
        self.assertEqual(0, program.finish(), program.text)
        self.assertEqual(7, anna.finish())
        self.wait_files("bob", 0)

    def test_what_failed_is_tried_again(self):
        self.received("bob").mkdir()
        self.received("bob").chmod(0o555)
        bob = self.listen("bob", "--accept", "all", powerless=True)
        path = self.random_file("video", 1000)
        anna = self.run_cli("anna", "send", bob.wait_event("online")["id"], path, status=7)
        item, = re.findall("transfers retry ([0-9a-f]{8})", anna.said())
        self.assertIn("failed: 1 of 1 file", self.run_cli("anna", "transfers").out[0])
        self.assertEqual("1 of 1 file failed", self.list("anna")[0]["reason"])
        self.received("bob").chmod(0o755)
        self.run_cli("anna", "transfers", "retry", item)
        anna = self.listen("anna", "--accept", "none")
        anna.wait_event("done")
        self.assertEqual(path.read_bytes(), (self.received("bob") / "video").read_bytes())

    def test_a_limit_is_kept_and_remembered(self):
        bob = self.listen("bob", "--accept", "all")
        bob_id = bob.wait_event("online")["id"]
        path = self.random_file("video", 3_000_000)

        def send(*words):
            """The milliseconds that it took."""
            anna = self.run_cli("anna", "send", "--json", *words, bob_id, path)
            (self.received("bob") / "video").unlink()
            return anna.wait_event("done")["ms"]

        for words in (("--limit-up", "1M"), ()):
            self.assertGreaterEqual(send(*words), 2000, words)
        # Without one it need not be quick each time: the machine may be busy.
        self.assertLess(min(send("--limit-up", "none") for _ in range(3)), 2000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
