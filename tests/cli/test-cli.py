#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""knothole-cli from outside: real processes, a real server, over loopback."""

import fcntl
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
import unittest
from pathlib import Path

from harness import CLI, DEADLINE_S, EVENTS, SERVER, Case, Program, wait_until


class Offline(Case):
    def test_the_identity_is_stable(self):
        one = self.id_of("anna")
        self.assertRegex(one, "^[a-z2-7]{56}$")
        self.assertEqual(one, self.id_of("anna"))
        self.assertNotEqual(one, self.id_of("bob"))
        value = json.loads(self.run_cli("anna", "id", "--json").out[0])
        self.assertEqual(one, value["id"])

    def test_the_default_folder_is_of_this_program(self):
        program = Program([CLI, "id"], env=self.env)
        self.addCleanup(program.clean_up)
        self.assertEqual(0, program.finish())
        self.assertTrue((self.here / "data/knothole-cli").is_dir())

    def test_the_safety_number_is_the_same_on_both_sides(self):
        anna, bob = self.id_of("anna"), self.id_of("bob")
        one = self.run_cli("anna", "verify", bob).out
        self.assertEqual(one, self.run_cli("bob", "verify", anna).out)
        self.assertRegex(one[0], r"^(\d{5} ?){12}$")
        self.assertNotEqual(one, self.run_cli("anna", "verify", self.id_of("carl")).out)

    def test_verify_tells_a_typo_from_a_stranger(self):
        bob = self.id_of("bob")
        typo = bob[:20] + ("a" if bob[20] != "a" else "b") + bob[21:]
        self.run_cli("anna", "verify", typo, status=2)
        self.run_cli("anna", "verify", "bob", status=4)

    def test_typos_in_an_identity_are_named_before_anybody_is_asked(self):
        bob = self.id_of("bob")
        server_id = self.address.rsplit("/", 1)[1]
        away = f"knothole://127.0.0.1:{self.closed_port()}/{server_id}"
        for typo, sentence in ((bob[:-1], r"56 characters long.*\(this one has 55\)"),
                               (bob + "a", r"56 characters long.*\(this one has 57\)"),
                               (bob[:20] + "1" + bob[21:], r"letters a to z.*\(character 21 "),
                               (bob[:55] + " ", r"letters a to z.*\(character 56 "),
                               (server_id, "a server's id where the peer's should be")):
            for words in (["verify", typo], ["ping", typo], ["chat", typo, "--message", "x"]):
                program = self.run_cli("anna", *words, server=away, status=2)
                self.assertRegex(program.said(), sentence)

    def test_nobody_in_particular_is_a_usage_error(self):
        for peer in ("", " "):
            for words in (["verify", peer], ["ping", peer], ["chat", peer],
                          ["send", peer, "/dev/null"]):
                self.assertIn("PEER is empty", self.run_cli("anna", *words, status=2).said())

    def test_a_room_is_text_of_some_length(self):
        for room, sentence in (("x" * 129, "too long"), ("\udcff", "not text"),
                               ("a\033[2J", "not text")):
            for command in ("invite", "peers"):
                program = self.run_cli("anna", command, "--room", room, status=2)
                self.assertIn(sentence, program.said())
        link = self.run_cli("anna", "invite", "--room", "x" * 128).out[0]
        self.assertIn(f"room={'x' * 128}&", link)
        # As the server hears it: one word however it is typed.
        self.assertIn("room=word&", self.run_cli("anna", "invite", "--room", "\uff37ORD").out[0])

    def test_a_mistake_in_an_invite_does_not_print_its_room(self):
        for command in ("invite", "peers"):
            program = self.run_cli("anna", command, status=2,
                                   server="knothole://127.0.0.1:0#room=among-ourselves")
            self.assertIn("knothole://127.0.0.1:0: ", program.said())
            self.assertNotIn("ourselves", program.said())

    def test_an_invite_leads_here(self):
        link = self.run_cli("anna", "invite").out[0]
        self.assertTrue(link.startswith("knothole://127.0.0.1:"), link)
        self.assertIn(self.id_of("anna"), link)
        self.assertIn(f"room={self.here.name}", link)

    def test_an_invite_can_make_a_room(self):
        links = [self.run_cli("anna", "invite", "--new-room").out[0] for _ in range(2)]
        rooms = [re.search("room=([^&]+)", link)[1] for link in links]
        self.assertNotEqual(*rooms)
        self.assertRegex(rooms[0], "^([a-z]{5}-){4}[a-z]{5}$")
        program = self.run_cli("anna", "invite", "--new-room", "--json")
        self.assertEqual("invite", json.loads(program.out[0])["event"])

    def test_an_invite_needs_a_server(self):
        program = Program([CLI, "--data-dir", self.here / "new", "invite"], env=self.env)
        self.addCleanup(program.clean_up)
        self.assertEqual(2, program.finish())
        self.assertIn("--server", program.said())

    def test_mistakes_name_the_part(self):
        host, key = re.fullmatch("knothole://(.*)/(.*)", self.address).groups()
        typo = key[:5] + ("a" if key[5] != "a" else "b") + key[6:]
        for server, part in ((f"knothole://{host}/{typo}", "identity|key|checksum|id"),
                             ("knothole://127.0.0.1:99999", "port"),
                             (f"knothole://{host}/{key}#peer=abc", "peer|id")):
            program = self.run_cli("anna", "peers", server=server, status=2)
            self.assertRegex(program.said().lower(), part)
        bob = self.id_of("bob")
        typo = bob[:20] + ("a" if bob[20] != "a" else "b") + bob[21:]
        self.assertIn("checksum", self.run_cli("anna", "ping", typo, status=2).said())

    def test_usage_errors_are_two(self):
        for words in ([], ["fly"], ["send", "bob"], ["peers", "--frob"], ["nat", "here"]):
            self.run_cli("anna", *words, status=2)
        program = self.run_cli("anna", "fly", "--json", status=2)
        self.assertEqual({"event": "error", "code": 2},
                         {key: json.loads(program.out[0])[key] for key in ("event", "code")})

    def test_what_cannot_be_sent_is_refused_at_once(self):
        os.mkfifo(self.here / "fifo")
        good = self.write("good", b"x")
        for path, sentence in (("missing", "No such file"), ("fifo", "neither")):
            program = self.run_cli("anna", "send", "bob", good, path, status=2)
            self.assertIn(sentence, program.said())
        self.run_cli("anna", "listen", "--save-to", "missing", status=2)
        self.run_cli("anna", "chat", "bob", "--message", "", status=2)
        self.run_cli("anna", "chat", "bob", "--message", "x" * 32769, status=2)

    def test_an_unreadable_file_is_refused_at_once(self):
        secret = self.write("secret", b"x")
        secret.chmod(0)
        folder = self.here / "locked"
        folder.mkdir(0)
        for path in (secret, folder):
            program = self.run_cli("anna", "send", "bob", path, status=2, powerless=True)
            self.assertIn("can't be read", program.said())
        folder.chmod(0o755)

    def test_a_limit_has_its_mistakes_named(self):
        for rate in ("fast", "-1", "1e6", "5", "", "99999999999T"):
            program = self.run_cli("anna", "peers", f"--limit-up={rate}", status=2)
            self.assertIn("--limit-up", program.said())

    def test_there_are_no_transfers_at_first(self):
        self.assertEqual([], self.run_cli("anna", "transfers").out)
        self.assertEqual([], self.run_cli("anna", "transfers", "list", "--json").out)

    def test_transfers_takes_its_own_words(self):
        for words in (["fly"], ["list", "00"], ["pause"], ["pause", "--discard", "00"],
                      ["cancel", "--all", "00"], ["pause", "00"], ["cancel", "xyz"]):
            self.run_cli("anna", "transfers", *words, status=2)


class Servers(Case):
    def assert_refused(self, server, *words):
        """Status 3; returns the sentence."""
        program = self.run_cli("anna", *(words or ("peers",)), server=server, status=3)
        return program.err[-1]

    def serve_once(self, answer):
        """A server that is none; returns its address."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        key = self.address.rsplit("/", 1)[1]
        return f"knothole://127.0.0.1:{listener.getsockname()[1]}/{key}"

    @staticmethod
    def echo(connection):
        while True:
            try:
                data = connection.recv(4096)
            except OSError:
                return
            if not data:
                return
            connection.sendall(data)

    def test_each_reason_has_its_sentence(self):
        key = self.address.rsplit("/", 1)[1]
        absent = self.assert_refused(f"knothole://127.0.0.1:{self.closed_port()}/{key}")
        echo = self.assert_refused(self.serve_once(self.echo))
        closed = self.assert_refused(self.serve_once(lambda connection: None))
        other, address = self.start_server("other")
        self.addCleanup(other.clean_up)
        wrong = address.rsplit("/", 1)[0] + "/" + key
        other_key = self.assert_refused(wrong, "listen")
        self.assertIn("reach", absent)
        self.assertIn("no Knothole server", echo)
        self.assertIn("no Knothole server", closed)
        self.assertIn("another key", other_key)

    def test_a_silent_server_is_given_up(self):
        silent = self.serve_once(lambda connection: connection.recv(1) and time.sleep(DEADLINE_S))
        program = self.run_cli("anna", "peers", "--timeout", "1", server=silent, status=3)
        self.assertIn("within 1 s", program.said())

    def test_json_says_the_same(self):
        program = self.run_cli("anna", "peers", "--json", status=3,
                               server=f"knothole://127.0.0.1:{self.closed_port()}")
        value = json.loads(program.out[-1])
        self.assertEqual(("error", 3), (value["event"], value["code"]))
        self.assertIn("reach", value["message"])

    def test_a_listener_comes_back(self):
        words = [SERVER, "--config", self.folder / "server.ini", "--data-dir",
                 self.here / "server", "--assist", "127.0.0.1:0", "--listen"]
        server = Program([*words, "127.0.0.1:0"])
        self.addCleanup(server.clean_up)
        address = wait_until("no address", lambda: server.out and server.out[0])
        place = re.fullmatch("knothole://(.*)/.*", address)[1]
        bob = self.start("bob", "listen", server=address)
        bob.wait_for("here as Bob")
        server.stop(signal.SIGKILL)
        bob.wait_for("offline: ")
        again = Program([*words, place])
        self.addCleanup(again.clean_up)
        bob.wait_for("online again")
        self.assertEqual(0, bob.stop())

    def test_the_newer_of_two_with_one_identity_stays(self):
        self.id_of("bob")
        shutil.copytree(self.here / "bob", self.here / "twin")
        older = self.listen("bob")
        newer = self.listen("twin")
        self.assertEqual(3, older.finish())
        self.assertIn("elsewhere", older.said())
        self.assertEqual(0, newer.stop())

    def test_a_folder_has_one_user_at_a_time(self):
        bob = self.listen("bob")
        bob_id, anna_id = self.id_of("bob"), self.id_of("anna")
        self.assertEqual(bob.wait_event("online")["id"], bob_id)
        program = self.run_cli("bob", "peers", status=2)
        self.assertIn("knothole-cli listen", program.said())
        self.assertIn(str(bob.process.pid), program.said())
        self.assertIn("--data-dir", program.said())
        self.assertEqual(self.run_cli("bob", "verify", anna_id).out,
                         self.run_cli("anna", "verify", bob_id).out)
        self.assertIn(bob_id, self.run_cli("bob", "invite").out[0])
        self.assertEqual(0, bob.stop())

    def test_a_short_room_word_is_warned_about(self):
        self.assertIn("short", self.run_cli("anna", "peers", "--room", "pub").said())
        self.assertNotIn("short", self.run_cli("anna", "peers", "--room", "").said())


class Networks(Case):
    """The lab says whether the kinds are right; here there is one computer and no router."""

    def test_what_was_found_is_told(self):
        value = json.loads(self.run_cli("anna", "nat", "--json").out[-1])
        self.assertEqual(("nat", "none", "preserving", None),
                         tuple(value[key] for key in ("event", "mapping", "port_allocation",
                                                      "hairpin")))
        self.assertRegex(value["public"], r"^127\.0\.0\.1:\d+$")
        lines = self.run_cli("anna", "nat").out
        self.assertIn("mapping       none", lines)
        self.assertRegex("\n".join(lines), r"(?m)^public +127\.0\.0\.1:")

    def serve(self, config):
        """A server of one's own, and its address."""
        path = self.here / "server.ini"
        path.write_text(config)
        server = Program([SERVER, "--config", path, "--data-dir", self.here / "server",
                          "--listen", "127.0.0.1:0", "--assist", "127.0.0.1:0"])
        self.addCleanup(server.clean_up)
        return server, wait_until("no address", lambda: server.out and server.out[0])

    def test_no_room_is_needed(self):
        _, address = self.serve("[server]\nlobby=off\n")
        self.run_cli("anna", "peers", "--room", "", server=address, status=3)
        self.run_cli("anna", "nat", "--room", "", server=address)

    # A server that dials back once a minute makes the test of the network a long one.

    def test_a_server_that_goes_is_said(self):
        server, address = self.serve("[limits]\ndials-per-minute=1\n")
        anna = self.start("anna", "nat", server=address)
        anna.wait_for("testing this network")
        server.stop(signal.SIGKILL)
        self.assertEqual(3, anna.finish())
        errors = [line for line in anna.err if line.startswith("knothole-cli: ")
                  and "room's word" not in line]
        self.assertEqual(1, len(errors), anna.said())
        self.assertIn("was lost while this network was tested", errors[0])

    def test_ctrl_c_ends_it(self):
        _, address = self.serve("[limits]\ndials-per-minute=1\n")
        anna = self.start("anna", "nat", server=address)
        anna.wait_for("testing this network")
        self.assertEqual(3, anna.stop())
        self.assertIn("ended before this network was tested", anna.said())


class Peers(Case):
    def test_who_is_online_is_listed(self):
        bob = self.listen("bob")
        bob_id = bob.wait_event("online")["id"]
        self.assertIn(f"{bob_id}  Bob", self.run_cli("anna", "peers").out)
        values = [json.loads(line) for line in self.run_cli("anna", "peers", "--json").out]
        self.assertIn({"event": "peer", "state": "online", "id": bob_id, "name": "Bob",
                       "network": "unknown", "direct": "unknown"}, values)

    def test_watching_shows_who_comes_and_goes(self):
        anna = self.start("anna", "peers", "--watch", "--json")
        anna.wait_event("online")
        bob = self.listen("bob")
        bob_id = bob.wait_event("online")["id"]
        anna.wait_event("peer", state="online", id=bob_id)
        self.assertEqual(0, bob.stop())
        anna.wait_event("peer", state="offline", id=bob_id)
        self.assertEqual(0, anna.stop(signal.SIGTERM))

    def test_nobody_of_that_name_is_four(self):
        program = self.run_cli("anna", "ping", "nobody", "--json", status=4)
        self.assertEqual(4, json.loads(program.out[-1])["code"])
        self.run_cli("anna", "ping", self.id_of("bob"), status=4)

    def test_a_stranger_is_not_taken_by_name(self):
        bob = self.listen("bob", "--accept", "all")
        bob_id = bob.wait_event("online")["id"]
        self.assertIn(bob_id, self.run_cli("anna", "ping", "Bob", status=4).said())
        self.run_cli("anna", "ping", bob_id[:15], status=4)
        self.run_cli("anna", "ping", bob_id[:16], "--count", "1")

    def test_a_terminal_is_asked_about_a_stranger(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.start_on_terminal("anna", "ping", "Bob", "--count", "1")
        anna.wait_for(r"anybody can take that name(.|\s)*\[y/N\]")
        anna.type("n\n")
        self.assertEqual(4, anna.finish())
        anna = self.start_on_terminal("anna", "ping", "Bob", "--count", "1")
        anna.wait_for(r"\[y/N\]")
        anna.type("y\n")
        self.assertEqual(0, anna.finish(), anna.text)
        # Kept as a contact: no question any more.
        self.run_cli("anna", "ping", "bob", "--count", "1")
        self.assertEqual(0, bob.stop())

    def test_a_contact_away_is_four_and_a_double_is_eight(self):
        bob = self.listen("bob", "--accept", "all")
        bob_id = bob.wait_event("online")["id"]
        self.run_cli("anna", "ping", bob_id, "--count", "1")
        self.assertEqual(0, bob.stop())
        self.run_cli("anna", "ping", "Bob", status=4)
        self.here.joinpath("false").mkdir()
        double = self.start("false", "listen", "--json", "--name", "Bob", "--accept", "all")
        self.wait_visible(double.wait_event("online")["id"])
        program = self.run_cli("anna", "ping", "Bob", status=8)
        self.assertIn("STOP: your contact", program.said())

    def test_an_invite_names_its_peer(self):
        bob = self.listen("bob", "--accept", "all")
        carl = self.listen("carl", "--accept", "all")
        invite = self.run_cli("bob", "invite").out[0]
        program = self.run_cli("anna", "ping", carl.wait_event("online")["id"], server=invite,
                               status=8)
        self.assertIn("not whom the invite names", program.said())
        self.run_cli("anna", "ping", bob.wait_event("online")["id"], "--count", "1",
                     server=invite)


class Talking(Case):
    def test_messages_go_both_ways(self):
        bob = self.listen("bob", "--accept", "all", stdin=subprocess.PIPE)
        bob.type("too early\n")
        bob.wait_for("went nowhere")
        anna = self.start("anna", "chat", bob.wait_event("online")["id"],
                          stdin=subprocess.PIPE)
        anna.type("hello Bob\n")
        message = bob.wait_event("message", text="hello Bob")
        self.assertEqual(self.id_of("anna"), message["from"])
        bob.type("hello Anna \u00e4\n")
        anna.wait_for(r"^\d\d:\d\d Bob: hello Anna \u00e4$")
        anna.process.stdin.close()
        self.assertEqual(0, anna.finish(), anna.said())
        self.assertEqual(0, bob.stop())

    def test_given_messages_are_delivered_in_order(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.run_cli("anna", "chat", bob.wait_event("online")["id"], "--json",
                            "--message", "one", "--message", "two\nlines", "three")
        self.assertEqual(["one", "two\nlines", "three"], self.texts(bob, "three"))
        delivered = [line for line in anna.out if json.loads(line)["event"] == "delivered"]
        self.assertEqual(3, len(delivered))

    def test_much_input_is_delivered_whole(self):
        bob = self.listen("bob", "--accept", "all")
        lines = self.write("lines", b"".join(b"line %d\n" % n for n in range(500)))
        with lines.open("rb") as stdin:
            self.run_cli("anna", "chat", bob.wait_event("online")["id"], stdin=stdin)
        self.assertEqual([f"line {n}" for n in range(500)], self.texts(bob, "line 499"))

    def test_strange_bytes_do_not_reach_the_terminal(self):
        bob = self.start("bob", "listen", "--accept", "all")
        bob.wait_for("here as Bob")
        bob_id = self.id_of("bob")
        self.wait_visible(bob_id)
        self.run_cli("anna", "chat", bob_id, "--message", "a\033[2Jb\n12:00 Eve: c")
        bob.wait_for("^\\d\\d:\\d\\d Anna: a\ufffd\\[2Jb$")
        bob.wait_for("^    12:00 Eve: c$")
        self.assertNotIn("\033", bob.said())

    def test_declined_is_six(self):
        bob = self.listen("bob", "--accept", "none")
        path = self.write("file", b"x")
        bob_id = bob.wait_event("online")["id"]
        for words in (["chat", bob_id, "--message", "x"], ["send", bob_id, path],
                      ["ping", bob_id]):
            self.run_cli("anna", *words, status=6)

    def test_without_a_terminal_asking_declines(self):
        bob = self.listen("bob")
        bob.wait_for("declined")
        self.run_cli("anna", "ping", bob.wait_event("online")["id"], status=6)

    def test_contacts_only(self):
        bob = self.listen("bob", "--accept", "contacts")
        bob_id = bob.wait_event("online")["id"]
        self.run_cli("anna", "ping", bob_id, status=6)
        self.assertEqual(0, bob.stop())
        anna = self.listen("anna", "--accept", "all")
        self.run_cli("bob", "ping", anna.wait_event("online")["id"], "--count", "1")
        self.assertEqual(0, anna.stop())
        bob = self.listen("bob", "--accept", "contacts")
        self.run_cli("anna", "ping", bob_id, "--count", "1")

    def test_a_terminal_is_asked_about_calls_and_files(self):
        bob = self.start_on_terminal("bob", "listen")
        bob.wait_for("here as Bob")
        bob_id = self.id_of("bob")
        self.wait_visible(bob_id)
        path = self.write("photo", b"x" * 1000)
        anna = self.start("anna", "send", bob_id, path)
        anna.wait_for("is being asked")
        bob.wait_for(r"wants to connect(.|\s)*\[y/N\]")
        bob.type("y\n")
        bob.wait_for(r"Take photo \(1\.0 kB\) from Anna\? \[y/N\]")
        bob.type("y\n")
        bob.wait_for(r"received from Anna: .*photo \(2\) \(1\.0 kB\)")
        self.assertEqual(0, anna.finish(), anna.said())
        bob.process.send_signal(signal.SIGINT)
        self.assertEqual(0, bob.finish())

    def test_a_terminal_sees_what_is_in_a_folder(self):
        bob = self.start_on_terminal("bob", "listen")
        bob.wait_for("here as Bob")
        bob_id = self.id_of("bob")
        self.wait_visible(bob_id)
        for name, n_files in (("few", 3), ("many", 20)):
            folder = self.here / name
            folder.mkdir()
            for number in range(n_files):
                (folder / f"{number}.jpg").write_bytes(b"x" * 1500)
        (self.here / "few/link").symlink_to("0.jpg")
        few = self.start("anna", "send", bob_id, self.here / "few")
        bob.wait_for(r"wants to connect(.|\s)*\[y/N\]")
        bob.type("y\n")
        bob.wait_for(r"few/0\.jpg  1\.5 kB\r\n")
        bob.wait_for(r"few/link  \(link, not sent\)\r\n")
        bob.wait_for(r"Take few \(3 files, 1 folder, 4\.5 kB\) from Anna\? \[y/N\]")
        bob.type("\n")
        self.assertEqual(6, few.finish(), few.said())
        many = self.start("anna", "send", bob_id, self.here / "many")
        bob.wait_for(r"Anna wants to connect\. Accept\? \[y/N\]")
        bob.type("y\n")
        bob.wait_for(r"  and 11 more\r\n"
                     r"Take many \(20 files, 1 folder, 30\.0 kB\) from Anna\? \[y/N\]")
        bob.type("y\n")
        self.assertEqual(0, many.finish(), many.said())
        bob.process.send_signal(signal.SIGINT)
        self.assertEqual(0, bob.finish())

    def test_nobody_answering_is_six(self):
        bob = self.start_on_terminal("bob", "listen")
        bob.wait_for("here as Bob")
        bob_id = self.id_of("bob")
        self.wait_visible(bob_id)
        # So long that he is surely asked before that.
        program = self.run_cli("anna", "ping", bob_id, "--timeout", "5", status=6)
        self.assertIn("nobody there answered within 5 s", program.said())
        bob.wait_for("not needed any more")

    def test_a_terminal_sees_deliveries(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.start_on_terminal("anna", "chat", bob.wait_event("online")["id"])
        anna.wait_for("connected directly to")
        anna.type("hello\n")
        anna.wait_for("\u2713 delivered")
        bob.wait_event("message", text="hello")
        anna.process.send_signal(signal.SIGINT)
        self.assertEqual(0, anna.finish())

    def test_what_is_not_delivered_is_five(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.start("anna", "chat", bob.wait_event("online")["id"],
                          stdin=subprocess.PIPE)
        anna.wait_for("connected directly to")
        bob.process.send_signal(signal.SIGSTOP)
        anna.type("hello?\n")
        anna.type("anybody?\n")
        # Once the input has been read, the end of it is the only thing to wait for.
        wait_until("the lines are not read", lambda: self.unread(anna) == 0)
        self.assertEqual(5, anna.stop())
        self.assertIn("not delivered", anna.said())

    @staticmethod
    def unread(program):
        size = bytearray(4)
        fcntl.ioctl(program.process.stdin, termios.FIONREAD, size)
        return int.from_bytes(size, sys.byteorder)

    def test_pings_are_counted(self):
        bob = self.listen("bob", "--accept", "all")
        bob_id = bob.wait_event("online")["id"]
        plain = self.run_cli("anna", "ping", bob_id, "--count", "2")
        self.assertRegex(plain.out[-1], "^2 pings, 2 answers; least/mean/most [0-9./]+ ms$")
        values = [json.loads(line) for line in
                  self.run_cli("anna", "ping", "bob", "--count", "1", "--json").out]
        pongs = [value for value in values if value["event"] == "pong"]
        self.assertEqual(1, len(pongs))
        self.assertGreater(pongs[0]["ms"], 0)

    def test_both_sides_tell_the_steps(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.run_cli("anna", "ping", bob.wait_event("online")["id"], "--count", "1",
                            "--json")
        for program in (anna, bob):
            steps = {value["step"] for value in map(json.loads, program.out)
                     if value["event"] == "punch"}
            self.assertLessEqual({1, 2, 3, 4, 5, 6, 7}, steps)
            path = program.wait_event("connected")
            self.assertEqual("lan", path["path"])
            self.assertRegex(path["remote"], r"^127\.0\.0\.1:\d+$")
            for line in program.out:
                self.assertIn(json.loads(line)["event"], EVENTS)

    def test_nothing_spins_at_the_end_of_input(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.listen("anna", "--accept", "all")
        self.run_cli("carl", "ping", bob.wait_event("online")["id"], "--count", "3")
        for program in (bob, anna):
            fields = Path(f"/proc/{program.process.pid}/stat").read_text().rsplit(") ", 1)[1]
            ticks = sum(map(int, fields.split()[11:13]))
            self.assertLess(ticks / os.sysconf("SC_CLK_TCK"), 0.5)

    def test_a_closed_output_ends_quietly(self):
        reader, writer = os.pipe()
        bob = subprocess.Popen(self.command("bob", "listen", "--json"), env=self.env,
                               stdin=subprocess.DEVNULL, stdout=writer,
                               stderr=subprocess.PIPE)
        self.addCleanup(bob.stderr.close)
        self.addCleanup(bob.kill)
        os.close(writer)
        wait_until("it is not online", lambda: b"online" in os.read(reader, 4096))
        os.close(reader)
        self.assertEqual(0, bob.wait(DEADLINE_S))
        self.assertNotIn(b"ipe", bob.stderr.read())

    def test_who_is_lost_and_comes_back_is_called_again(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.start("anna", "chat", bob.wait_event("online")["id"],
                          stdin=subprocess.PIPE)
        anna.wait_for("connected directly to")
        bob.process.kill()
        bob.finish()
        anna.wait_for("is not online, .*: waiting")
        anna.type("are you back?\n")
        bob = self.listen("bob", "--accept", "all")
        bob.wait_event("message", text="are you back?")
        anna.process.stdin.close()
        self.assertEqual(0, anna.finish(), anna.said())

    def test_who_does_not_come_back_is_five(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.start("anna", "chat", bob.wait_event("online")["id"], "--timeout", "5",
                          stdin=subprocess.PIPE)
        anna.wait_for("connected directly to")
        bob.process.kill()
        self.assertEqual(5, anna.finish(), anna.said())
        self.assertNotIn("0 messages", anna.said())

    def test_a_full_disk_ends_a_chat_with_that_reason(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.start("anna", "chat", bob.wait_event("online")["id"],
                          stdin=subprocess.PIPE,
                          preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
        anna.wait_for("connected directly to")
        resource.prlimit(anna.process.pid, resource.RLIMIT_FSIZE, (0, 0))
        anna.type("hello\n")
        anna.process.stdin.close()
        self.assertEqual(7, anna.finish(), anna.said())
        self.assertNotIn("no word", anna.said())

    def test_who_leaves_is_missed(self):
        bob = self.listen("bob", "--accept", "all")
        anna = self.start("anna", "chat", bob.wait_event("online")["id"],
                          stdin=subprocess.PIPE)
        anna.wait_for("connected directly to")
        self.assertEqual(0, bob.stop())
        self.assertEqual(0, anna.finish(), anna.said())
        self.assertIn("closed the connection", anna.said())


class Surroundings(Case):
    """What a shell, a service or a full disk does to a program."""

    def test_a_closed_input_is_an_empty_one(self):
        bob = self.listen("bob", "--accept", "all")
        self.run_cli("anna", "chat", bob.wait_event("online")["id"], stdin=None,
                     preexec_fn=lambda: os.close(0))
        self.assertEqual(0, bob.stop())
        self.assertNotIn("message", [json.loads(line)["event"] for line in bob.out])

    def test_two_signals_at_once_are_no_success(self):
        bob = self.listen("bob", "--accept", "all")
        large = self.here / "large"
        with large.open("wb") as file:
            file.truncate(8 << 30)
        anna = self.start("anna", "send", bob.wait_event("online")["id"], large, "--json")
        anna.wait_event("progress")
        anna.process.send_signal(signal.SIGSTOP)
        anna.process.send_signal(signal.SIGINT)
        anna.process.send_signal(signal.SIGTERM)
        anna.process.send_signal(signal.SIGCONT)
        self.assertIn(anna.finish(), (128 + signal.SIGINT, 128 + signal.SIGTERM))

    def test_ignored_signals_stay_ignored(self):
        def ignore():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)

        bob = self.listen("bob", "--accept", "all", preexec_fn=ignore)
        bob.process.send_signal(signal.SIGHUP)
        bob.process.send_signal(signal.SIGINT)
        self.run_cli("anna", "ping", bob.wait_event("online")["id"], "--count", "1")
        self.assertEqual(0, bob.stop(signal.SIGTERM))

    def assert_lost(self, words, **more):
        """@words fail, and say once that their results went nowhere."""
        process = subprocess.run(self.command("anna", *words), env=self.env, cwd=self.here,
                                 stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                 timeout=DEADLINE_S, check=False, **more)
        said = process.stderr.decode()
        self.assertEqual(2, process.returncode, f"{words}:\n{said}")
        self.assertEqual(1, said.count("standard output can't be written"), f"{words}:\n{said}")

    def test_results_that_are_lost_are_no_success(self):
        bob_id = self.id_of("bob")
        for words in (["id"], ["id", "--json"], ["invite"], ["verify", bob_id], ["--help"],
                      ["transfers", "--help"],
                      ["send", "--help"], ["--version"]):
            with open("/dev/full", "wb") as full:
                self.assert_lost(words, stdout=full)
            self.assert_lost(words, preexec_fn=lambda: os.close(1))

    def test_events_that_are_lost_are_no_success(self):
        bob = self.listen("bob", "--accept", "all")
        for words in (["peers", "--json"], ["listen", "--json"],
                      ["ping", bob.wait_event("online")["id"], "--json"]):
            with open("/dev/full", "wb") as full:
                self.assert_lost(words, stdout=full)


if __name__ == "__main__":
    unittest.main(verbosity=2)
