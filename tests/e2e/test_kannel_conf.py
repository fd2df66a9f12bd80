# SPDX-License-Identifier: BSD-3-Clause
"""byoctl kannel check|diff|apply|revert on kannel.conf files as strangers have them: each is either changed, twice
to the same, and changed back to the octet, or refused with a sentence that says where and what, and then nothing is
changed; also when somebody else owns it, when edits came between, when it is killed at any step, and when the disk breaks at any."""

import os
import shutil
import stat
import struct
from pathlib import Path

from byo.byobox import program
from byo.case import Case
from byo.patched import preloaded
from byo.process import run

NOBODY = 0xffffffff

# Receipts are kept already, so that no test makes a folder of the system's.
CORE = ("group = core\nadmin-port = 13000\nadmin-password = bar\nsmsbox-port = 13001\ndlr-storage = spool\n"
        "dlr-spool = /tmp\n")
SMSBOX = "group = smsbox\nbearerbox-host = localhost\nbearerbox-port = 13001\nsendsms-port = 13013\n"
USER = "group = sendsms-user\nusername = u\npassword = p\n"
LINK = "group = smsc\nsmsc = http\nsmsc-id = old\nsystem-type = kannel\nport = 80\nsend-url = \"http://h/\"\n"
PLAIN = "\n".join([CORE, SMSBOX, USER, LINK])


def lines(end, text=PLAIN):
    return text.replace("\n", end)


def links(n):
    return "\n".join(LINK.replace("= old", f"= old{k}") for k in range(n))


# name: the files, kannel.conf first; {} stands for the folder they are in.
CHANGED = {
    "CRLF": {"kannel.conf": lines("\r\n")},
    "CRLF, no end": {"kannel.conf": lines("\r\n").rstrip()},
    "some lines CRLF": {"kannel.conf": PLAIN.replace("p\n", "p\r\n") + "denied-smsc-id = x\r\nthroughput = 1\n"},
    "the first line CRLF alone": {"kannel.conf": PLAIN.replace("\n", "\r\n", 1) + "denied-smsc-id = x\n"},
    "CRLF, a joined line": {"kannel.conf": PLAIN + "denied-smsc-id \\\n = \"x;\\\ny\"\r\n"},
    "a lone CR at the end": {"kannel.conf": PLAIN + "denied-smsc-id = x\r"},
    "no end": {"kannel.conf": PLAIN.rstrip()},
    "no end, its line changes": {"kannel.conf": PLAIN + "denied-smsc-id = x"},
    "no end, a backslash instead": {"kannel.conf": PLAIN + "throughput = 1\\"},
    "an empty line of blanks": {"kannel.conf": PLAIN.replace("\n\n", "\n \t \n")},
    "tabs": {"kannel.conf": PLAIN.replace(" = ", "\t=\t").replace("\nsms", "\n\tsms")},
    "no blanks": {"kannel.conf": PLAIN.replace(" = ", "=")},
    "blanks at the ends": {"kannel.conf": PLAIN.replace("\n", "   \t\n") + "denied-smsc-id =   \"x;y\"  \n"},
    "groups of comments": {"kannel.conf": "#group = core\n#smsbox-port = 1\n\n" + PLAIN +
                           "#denied-smsc-id = x\n\n#group = smsc\n#smsc-id = gone\n\n# group = smsbox\n"},
    "a comment that joins the next line": {"kannel.conf": PLAIN + "# of old \\\ndenied-smsc-id = x\n"},
    "include in a comment": {"kannel.conf": "# include = \"{}/gone.conf\"\n" + PLAIN},
    "quotes": {"kannel.conf": PLAIN.replace("= p\n", "= \"p # = \\\" ; \\\\\"\n").replace("= core", "= \"core\"") +
               "denied-smsc-id = \"x\"\npreferred-prefix = \"\\\"1\"\n"},
    "a quote within": {"kannel.conf": PLAIN.replace("= p\n", "= it\"s\n")},
    "bytes above ASCII": {"kannel.conf": "# é ü 中\n" + PLAIN.replace("= p\n", "= pässword\n")},
    "Latin-1": {"kannel.conf": b"# \xe9t\xe9\n" + PLAIN.encode()},
    "our own words in it": {"kannel.conf": "# byobox: what is this?\n# byobox: was |half\n" + PLAIN + "# byobox: end\n"},
    "words that begin as ours do": {
        "kannel.conf": CORE + "\n# byobox: beginning\ninclude = {}/b.conf\n\n# byobox: end of it\n\n" + SMSBOX,
        "b.conf": LINK},
    "names of groups last": {"kannel.conf": "smsc = fake\nport = 1\nhost = h\nsmsc-id = z\ngroup = smsc\n\n" + PLAIN},
    "several smsboxes": {"kannel.conf": PLAIN + "\n" + SMSBOX.replace("13013", "2") + "smsbox-id = two\n\n" +
                         "group = smsbox\nsmsbox-id = three\nsendsms-port = 3\n"},
    "a smsbox without its port": {"kannel.conf": PLAIN.replace("bearerbox-port = 13001\n", "")},
    "no smsbox": {"kannel.conf": CORE},
    "groups on end": {"kannel.conf": PLAIN + "\n\n\n\n\n" + USER.replace("= u", "= v") + "\n\n\n"},
    "core twice, the last one counts": {"kannel.conf": PLAIN + "\n" + CORE},
    "a key twice": {"kannel.conf": PLAIN + "denied-smsc-id = x\ndenied-smsc-id = y\n"},
    "a key without a value": {"kannel.conf": PLAIN + "denied-smsc-id =\n"},
    "an empty list": {"kannel.conf": PLAIN + "denied-smsc-id = \"\"\n"},
    "a list with blanks": {"kannel.conf": PLAIN + "denied-smsc-id = \" x ; y ;; \"\n"},
    "other links and groups": {"kannel.conf": PLAIN + "\ngroup = sms-service\nkeyword = default\ntext = \"no\"\n\n"
                               "group = smsbox-route\nsmsbox-id = a\nshortcode = \"1\"\n\ngroup = wapbox\n"
                               "bearerbox-host = localhost\n"},
    "2,000 groups, 10,000 lines": {"kannel.conf": PLAIN + "\n" + links(2000)},
    "10,000 lines of comments": {"kannel.conf": "# words\n" * 10000 + PLAIN},
    "a long line": {"kannel.conf": PLAIN + "denied-smsc-id = \"" + ";".join(f"id{n}" for n in range(5000)) + "\"\n"},
    "a file that is included": {"kannel.conf": CORE + "\ninclude = \"{}/b.conf\"\n", "b.conf": SMSBOX + "\n" + LINK},
    "include, tabs and no quotes": {"kannel.conf": CORE + "\n\tinclude\t=\t{}/b.conf\t\n\n" + USER,
                                    "b.conf": SMSBOX + "\n" + LINK},
    "include, joined lines": {"kannel.conf": CORE + "\ninclude \\\n= \\\n \"{}/b.conf\"\n\n" + USER,
                              "b.conf": SMSBOX + "\n" + LINK},
    "include, a blank in its name": {"kannel.conf": CORE + "\ninclude = {}/my links.conf\n\n" + USER,
                                     "my links.conf": SMSBOX + "\n" + LINK},
    "include, CRLF": {"kannel.conf": lines("\r\n", CORE + "\ninclude = \"{}/b.conf\"\n\n" + USER),
                      "b.conf": SMSBOX + "\n" + lines("\r\n", LINK)},
    "include without an end": {"kannel.conf": CORE + "\ninclude = {}/b.conf", "b.conf": (SMSBOX + "\n" + LINK).rstrip()},
    "a chain": {"kannel.conf": "include = \"{}/1.conf\"\n\n" + CORE, "1.conf": LINK + "\ninclude = {}/2.conf\n",
                "2.conf": "include = \"{}/3.conf\"\n\n" + USER, "3.conf": SMSBOX},
    "folders": {"kannel.conf": CORE + "\ninclude = \"{}/links.d\"\n\ninclude = {}/users.d/\n\n" + SMSBOX,
                "links.d/10-a": LINK, "links.d/20-b": LINK.replace("= old", "= two"), "links.d/README": "# nothing\n",
                "users.d/u": USER},
    "folders with files of one name": {
        "kannel.conf": CORE + "\ninclude = {}/x.d\n\ninclude = {}/y.d\n\n" + SMSBOX,
        "x.d/kannel.conf": LINK, "y.d/kannel.conf": LINK.replace("= old", "= two")},
    "a folder of links of a link": {"kannel.conf": CORE + "\ninclude = {}/on.d\n\n" + SMSBOX,
                                    "off/a.conf": LINK, "on.d/a.conf": Path("../off/a.conf")},
}

# name: the files, words of what is said.
REFUSED = {
    "a byte order mark": ({"kannel.conf": b"\xef\xbb\xbf" + PLAIN.encode()}, ["kannel.conf:1:", "byte order mark"]),
    "a byte order mark in an included one": (
        {"kannel.conf": PLAIN + "\ninclude = {}/b.conf\n", "b.conf": b"\xef\xbb\xbf" + USER.encode()},
        ["b.conf:1:", "byte order mark"]),
    "UTF-16": ({"kannel.conf": PLAIN.encode("utf-16")}, ["kannel.conf:", "NUL"]),
    "CR alone": ({"kannel.conf": lines("\r")}, ["kannel.conf:1:", "control character 0x0d"]),
    "a binary": ({"kannel.conf": b"\x7fELF\x02\x01" + PLAIN.encode()}, ["kannel.conf:1:", "control character"]),
    "no empty line between groups": ({"kannel.conf": PLAIN + USER}, ["a second `group` line", "empty line"]),
    "no group line": ({"kannel.conf": PLAIN + "\nusername = u\n"}, ["group = NAME"]),
    "a line without =": ({"kannel.conf": PLAIN + "\nreally\n"}, ["no '='"]),
    "include within a group": ({"kannel.conf": PLAIN + "include = {}/b.conf\n", "b.conf": USER}, ["inside a group"]),
    "an include that is not there": ({"kannel.conf": PLAIN + "\ninclude = {}/b.conf\n"}, ["b.conf", "No such file"]),
    "an include in a circle": ({"kannel.conf": PLAIN + "\ninclude = {}/b.conf\n", "b.conf": "include = {}/kannel.conf\n"},
                               ["b.conf:1:", "in a circle"]),
    "an include of its own folder": ({"kannel.conf": PLAIN + "\ninclude = {}\n"}, ["in a circle"]),
    "an include twice": ({"kannel.conf": PLAIN + "\ninclude = {}/b.conf\n\ninclude = {}/b.conf\n", "b.conf": USER},
                         ["a second time"]),
    "a key bearerbox does not know": ({"kannel.conf": PLAIN + "no-such-key = 1\n"}, ["no-such-key"]),
    "a line of 100,000": ({"kannel.conf": PLAIN + "# \nour-host = \"" + "x" * 100000 + "\"\n"}, ["longer than"]),
    "nothing": ({"kannel.conf": ""}, ["no group = core"]),
    "no core": ({"kannel.conf": SMSBOX}, ["no group = core"]),
}


# The user 4713 may read it, the group may not: u::rw-, u:4713:r--, g::---, m::r--, o::---.
ACL = struct.pack("<I" + "HHI" * 5, 2, 1, 6, NOBODY, 2, 4, 4713, 4, 0, NOBODY, 16, 4, NOBODY, 32, 0, NOBODY)


class KannelConf(Case):
    limit = 900

    def setUp(self):
        super().setUp()
        self.folder = Path(self.work) / f"{self._testMethodName}"
        self.env = {}
        self.fresh()

    def fresh(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def put(self, files):
        """The folder with just these; gives what tree() finds."""
        self.fresh()
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            if isinstance(text, Path):
                path.symlink_to(text)
            else:
                path.write_bytes(text if isinstance(text, bytes) else text.replace("{}", str(self.folder)).encode())
        self.byobox("carrier-a", "carrier-b")
        return self.tree()

    def byobox(self, *ids):
        text = f"include = kannel.conf\n\ngroup = byobox\nadmin-password = x\nsmsc-conf = {self.folder}/smsc.conf\n"
        for one in ids:
            text += (f"\ngroup = byo-smpp\nintegration-id = {one}\nsmsc-address = h\nsystem-id = s\npassword = p\n")
        (self.work / "byobox.conf").write_text(text.replace("= kannel.conf", f"= {self.folder}/kannel.conf"))

    def tree(self):
        """Each file: octets (or where a link leads), mode, owner, group."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            st = path.lstat()
            if stat.S_ISREG(st.st_mode) or path.is_symlink():
                found[str(path.relative_to(self.folder))] = (
                    os.readlink(path) if path.is_symlink() else path.read_bytes(), oct(st.st_mode), st.st_uid, st.st_gid,
                    {name: os.getxattr(path, name) for name in os.listxattr(path)} if path.exists() else {})
        return found

    def ask(self, verb, name="kannel.conf"):
        code, out, err = run([program("byoctl"), "--config", self.work / "byobox.conf", "kannel", verb,
                              self.folder / name], env=self.env, timeout=120)
        self.assertNotIn("Sanitizer", err)
        return code, out + err

    def does(self, verb, wanted=0):
        code, said = self.ask(verb)
        self.assertEqual(code, wanted, f"{verb}: {said}")
        return said

    def there_and_back(self, files):
        before = self.put(files)
        self.does("check", 1)
        self.does("diff")
        self.assertEqual(self.tree(), before, "check and diff write nothing")
        self.does("apply")
        once = self.tree()
        self.assertEqual(self.does("check").strip(), f"{self.folder}/kannel.conf: nothing is missing")
        self.assertEqual({path: once[path][1:] for path in before}, {p: v[1:] for p, v in before.items()})
        backups = {path: v for path, v in once.items() if path not in before}
        self.assertTrue(all(path.endswith(".before") for path in backups), list(backups))
        changed = sorted(v[0] for path, v in before.items() if once[path] != v)
        self.assertEqual(sorted(v[0] for v in backups.values()), changed, "each changed file is kept, whole")
        self.assertIn("nothing to change", self.does("apply"))
        self.assertEqual(self.tree(), once)
        self.does("revert")
        self.assertEqual(self.tree(), before)

    def test_changed_twice_and_back(self):
        for name, files in CHANGED.items():
            with self.subTest(name):
                self.there_and_back(files)

    def test_refused_with_a_sentence_and_nothing_changed(self):
        for name, (files, words) in REFUSED.items():
            with self.subTest(name):
                before = self.put(files)
                code, said = self.ask("apply")
                self.assertIn(code, (1, 2), said)
                for word in words:
                    self.assertIn(word, said)
                self.assertEqual(self.tree(), before)

    def test_what_is_no_file(self):
        for name, make, words in (
                ("none", lambda path: None, "No such file"), ("a folder", lambda path: path.mkdir(), "regular file"),
                ("a FIFO", os.mkfifo, "regular file"), ("a device", lambda path: path.symlink_to("/dev/zero"), "regular"),
                ("a link to nothing", lambda path: path.symlink_to("gone"), "No such file"),
                ("a link to itself", lambda path: path.symlink_to("kannel.conf"), "symbolic link")):
            with self.subTest(name):
                self.put({})
                make(self.folder / "kannel.conf")
                for verb in ("check", "diff", "apply", "revert"):
                    code, said = self.ask(verb)
                    self.assertEqual(code, 2, said)
                    self.assertIn(words, said)

    def test_a_link_and_a_chain_of_links(self):
        before = self.put({"etc/real.conf": PLAIN, "one": Path("etc/real.conf"), "kannel.conf": Path("one")})
        self.does("apply")
        self.assertEqual(self.tree()["kannel.conf"], before["kannel.conf"])
        self.assertEqual(self.tree()["etc/real.conf.before"], before["etc/real.conf"])
        self.does("revert")
        self.assertEqual(self.tree(), before)

    def test_modes_owners_and_access_lists_stay(self):
        root = os.geteuid() == 0
        for mode in (0o444, 0o400, 0o640, 0o666):
            self.put({"kannel.conf": PLAIN})
            (self.folder / "kannel.conf").chmod(mode)
            if root:
                os.chown(self.folder / "kannel.conf", 4711, 4712)
            try:
                os.setxattr(self.folder / "kannel.conf", "system.posix_acl_access", ACL)
                os.setxattr(self.folder / "kannel.conf", "user.note", b"by hand")
            except OSError:
                pass  # not on this file system
            before = self.tree()
            self.does("apply")
            once = self.tree()
            self.assertEqual(once["kannel.conf"][1:], before["kannel.conf"][1:])
            self.assertEqual(once["kannel.conf.before"], before["kannel.conf"])
            self.does("revert")
            self.assertEqual(self.tree(), before)

    def test_edits_between_stay(self):
        self.put({"kannel.conf": PLAIN + "denied-smsc-id = x\n", "smsc.conf": ""})
        self.does("apply")
        conf = self.folder / "kannel.conf"
        text = conf.read_text()
        for old, new in (("group = core\n", "group = core\n# a word\nstore-location = /tmp/s\n"),
                         ("x;carrier-a;carrier-b\"\n\n", "x;carrier-a;carrier-b;mine\"\n\n"),
                         ("\nmax-messages = 255\n", "\nmax-messages = 7\n"),
                         ("username = u\n", "username = somebody\n")):
            self.assertIn(old, text)
            text = text.replace(old, new)
        conf.write_text(text + "\n" + USER.replace("= u", "= new"))
        self.does("revert")
        wanted = (PLAIN + "denied-smsc-id = \"x;mine\"\n").replace("group = core\n", "group = core\n# a word\n"
                                                                   "store-location = /tmp/s\n")
        wanted = wanted.replace("username = u\npassword = p\n", "username = somebody\npassword = p\nmax-messages = 7\n")
        self.assertEqual(conf.read_text(), wanted + "\n" + USER.replace("= u", "= new"))

    def restore(self, tree):
        """The folder as tree() found it."""
        self.fresh()
        for name, (text, mode, uid, gid, _) in tree.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text)
            path.chmod(int(mode, 8) & 0o7777)

    def killed(self, verb, step):
        """Whether it was killed before its step-th call that changes a file; it is done with files otherwise."""
        self.env = {"LD_PRELOAD": str(self.shim), "BYO_KILL_PATH": "/", "BYO_KILL_AT": str(step),
                    "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"}
        code, said = self.ask(verb)
        self.env = {}
        self.assertIn(code, (0, -9), said)
        return code != 0

    def test_killed_at_each_step(self):
        """Each file is the old or the new one. The same command done again ends as if nothing had been, and revert
        takes everything back; nothing is left beside them."""
        files = {"kannel.conf": CORE + "\ninclude = {}/links.d\n\ninclude = {}/b.conf\n\n" + USER,
                 "links.d/a": LINK, "b.conf": SMSBOX}
        old = self.put(files)
        self.does("apply")
        new = self.tree()
        self.shim = preloaded("kill_fault", self.work)
        for verb, start, end in (("apply", old, new), ("revert", new, old)):
            self.restore(start)
            step, places = 1, set()
            while self.killed(verb, step):
                left = self.tree()
                for path in old:
                    self.assertIn(left[path], (start[path], end[path]), (verb, step))
                places.add(tuple(left[path] == end[path] for path in sorted(old)))
                self.does(verb)
                self.assertEqual(self.tree(), end, (verb, step))
                if verb == "apply":
                    self.restore(left)
                    self.does("revert")
                    self.assertEqual(self.tree(), old, (verb, step))
                self.restore(start)
                step += 1
            self.assertEqual(self.tree(), end)
            self.assertGreater(len(places), 2, "it was killed between two files")

    def broken(self, verb, step, calls):
        """Done while that call and the calls - 1 after it fail: how it ended, and what it said; None when it never
        came so far."""
        self.env = {"LD_PRELOAD": str(self.shim), "BYO_KILL_PATH": "/", "BYO_KILL_AT": str(step),
                    "BYO_KILL_NOT": str(calls), "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"}
        code, said = self.ask(verb)
        self.env = {}
        return code, said

    def test_a_disk_that_breaks_at_each_step(self):
        """One call that fails, or all that follow, too: what is said last is true of the files. "Nothing was changed",
        and then no new file lies beside them when the disk is well enough to take it away; else each file that stays
        changed is named with where the one before byobox is, and the same command done again ends it."""
        files = {"kannel.conf": CORE + "\ninclude = {}/links.d\n\ninclude = {}/b.conf\n\n" + USER,
                 "links.d/a": LINK, "b.conf": SMSBOX}
        old = self.put(files)
        self.does("apply")
        new = self.tree()
        self.shim = preloaded("kill_fault", self.work)
        for calls in (1, 1000):
            for verb, start, end in (("apply", old, new), ("revert", new, old)):
                stayed = set()
                for step in range(1, 100):
                    self.restore(start)
                    code, said = self.broken(verb, step, calls)
                    left, where = self.tree(), (verb, step, calls, said)
                    if code == 0:
                        self.assertEqual({p: left[p] for p in old}, {p: end[p] for p in old}, where)
                        if left == end:
                            break
                        continue  # a backup or new file that could not be taken away
                    changed = [path for path in old if left[path] != start[path]]
                    stayed.add(len(changed))
                    self.assertEqual("nothing was changed" in said, not changed, where)
                    for path in old:
                        self.assertIn(left[path], (start[path], end[path]), where)
                        named = f"{self.folder}/{path}: error: it stays changed" in said
                        self.assertEqual(named, path in changed, where)
                    for path in changed:
                        backup = said.split(f"{self.folder}/{path}: error: it stays changed", 1)[1].split("\n")[0].split()[-1]
                        self.assertEqual(Path(backup).read_bytes(), old[path][0], where)
                    if not changed and calls == 1:
                        self.assertEqual(left, start, where)
                    self.does(verb)
                    self.assertEqual(self.tree(), end, where)
                else:
                    self.fail("it never came to its end")
                self.assertEqual(len(stayed) > 1, calls > 1, (verb, stayed))
