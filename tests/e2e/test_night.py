# SPDX-License-Identifier: BSD-3-Clause
"""What wakes people: full disks, false alarms, clocks (night F4-F7, N1-N9). Status tells the truth."""

import http.server
import os
import re
import socket
import stat
import subprocess
import threading
import time
import unittest
from pathlib import Path

from byo import smpp
from byo.byobox import integration, program
from byo.carrier import ACCEPT, NO_RECEIPT, Answer, Carrier, refuse
from byo.case import Case
from byo.life import SOON, LifeCase
from byo.process import free_port, run, wait_for

TO = "+1202555{:04}"


def problems(site, level=None):
    return [p for p in site.byobox.get("/v1/status")[1]["problems"] if level in (None, p["level"])]



class FullDisk(Case):
    limit = 120
    stores = ("sqlite",)

    def small_disk(self):
        disk = Path(self.work) / "small"
        disk.mkdir(exist_ok=True)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "byobox-test", str(disk)],
                                               stderr=subprocess.DEVNULL).returncode != 0:
            raise unittest.SkipTest("needs the right to mount")
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)])
        return disk

    def test_N1_a_few_free_kB_are_a_full_disk(self):
        """Every send is refused, so status, /health and the log say so, without a word to the contrary."""
        disk = self.small_disk()
        site = self.new_site(binds=1, keys={"store-path": disk / "byobox.db"}).start().wait_bound()
        filler = disk / "filler"
        with open(filler, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                f.truncate(f.tell() - 16384)  # what a log rotation leaves
        text = "long enough for some pages " * 30
        wait_for(lambda: site.send(TO.format(1), text)[0] == 503, 30, "a refusal", [site.byobox.process])
        for i in range(20):
            self.assertEqual(site.send(TO.format(i), text)[0], 503)
            status, health = site.byobox.get("/health", user=None)
            self.assertEqual(status, 503)
            self.assertIn("disk is full", health["reasons"][0]["message"])
            time.sleep(0.2)  # more than byobox waits between two of its own attempts
        told = problems(site, "error")
        self.assertTrue([p for p in told if p["entity"] == "store" and "disk is full" in p["text"]], told)
        refused = [p for p in told if "in the last minute" in p["text"]]
        self.assertTrue(refused and "disk is full" in refused[0]["text"], told)
        status, answer = site.byobox.api("POST", "/v1/numbers", {
            "number": "+12025550103", "integration": "carrier-a", "type": "local"})
        self.assertEqual(status, 503)
        self.assertIn("isk full", answer["error"]["message"])
        log = site.byobox.log.read_text(errors="replace")
        self.assertEqual(log.count("the store cannot be written: "), 1, "the log does not flap")
        self.assertNotIn("can be written again", log)
        filler.unlink()
        site.byobox.wait_healthy()
        self.assertEqual(site.send(TO.format(2), text)[0], 202)
        told = problems(site, "error")
        self.assertTrue([p for p in told if "in the last minute" in p["text"]], "refusals stand for a minute")
        names = [e["name"] for e in site.byobox.get("/v1/events")[1]["items"]]
        self.assertEqual((names.count("store-trouble"), names.count("store-recovered")), (1, 1))


class FakeAdmin:
    """bearerbox's admin port as the test wants it: a status page, a refusal, or a closed connection."""

    def __init__(self):
        fake = self
        self.status, self.links, self.code = "running, uptime 0d 0h 10m 0s", "", 200
        self.closes = False
        self.reread = self.pages = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if fake.closes:
                    self.connection.close()
                    return
                fake.pages += self.path.startswith("/status.xml")
                fake.reread += self.path.startswith("/graceful-restart")
                body = (f"<?xml version='1.0'?><gateway><version>Kannel bearerbox version `1.4.5'.</version>"
                        f"<status>{fake.status}</status><boxes></boxes><smscs>{fake.links}</smscs></gateway>").encode()
                self.send_response(fake.code)
                self.end_headers()
                self.wfile.write(body if fake.code == 200 else b"Denied")

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def links_are(self, status, n=1, more=""):
        self.links = (f"<smsc><name>SMPP</name><admin-id>carrier-a</admin-id><id>carrier-a</id><status>{status}</status>"
                      f"<failed>0</failed><queued>0</queued>{more}</smsc>") * n

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Told(LifeCase):
    def fake_site(self, **options):
        self.fake = FakeAdmin()
        self.addCleanup(self.fake.stop)
        keys = {"bearerbox-admin-port": self.fake.port, **options.pop("keys", {})}
        return self.new_site(binds=1, keys=keys, **options)

    def wait_problem(self, site, *parts, level=None):
        return wait_for(lambda: [p for p in problems(site, level) if all(x in p["text"] for x in parts)], SOON,
                        lambda: f"{parts} in {problems(site)}", [site.byobox.process])[0]

    def test_N2_an_admin_port_that_answers_nothing(self):
        site = self.fake_site()
        self.fake.closes = True
        site.start()
        told = self.wait_problem(site, "admin-allow-ip", level="error")
        self.assertIn("is 127.0.0.1 in admin-allow-ip", told["text"])

    def test_N2_debians_default_file(self):
        """-t says the line Debian's kannel.conf needs."""
        site = self.new_site(binds=1, smsboxes=(), core={"admin-deny-ip": "*.*.*.*", "admin-allow-ip": ""})
        site.bearerbox.write()
        code, said = site.byobox.check()
        self.assertEqual(code, 1)
        self.assertIn('the line it needs: admin-allow-ip = "127.0.0.1"', said)
        for core in ({"admin-deny-ip": "*.*.*.*", "admin-allow-ip": "10.0.0.1;127.0.0.1"}, {"admin-deny-ip": "10.*.*.*"}):
            site = self.new_site(binds=1, smsboxes=(), core=core)
            site.bearerbox.write()
            self.assertNotIn("admin-allow-ip", site.byobox.check()[1])

    def test_N3_a_bearerbox_that_goes_down_is_no_refusal(self):
        site = self.fake_site()
        self.fake.links_are("online 5s")
        site.start()
        self.wait_active(site)
        self.fake.status = "going down, uptime 0d 0h 10m 9s"
        self.fake.links_are("dead")
        seen = self.fake.pages
        wait_for(lambda: self.fake.pages > seen + 3, SOON, "some looks", [site.byobox.process])
        self.fake.status = "running, uptime 0d 0h 0m 1s"
        self.fake.links_are("re-connecting")
        self.wait_state(site, "activating")
        self.assertEqual(self.events(site, "bind-refused"), [])
        self.assertEqual([c for _, c in self.states_told(site)].count("error"), 0)

    def test_N3_given_up_without_the_carriers_word(self):
        """Stopped by hand, for instance."""
        site = self.fake_site()
        self.fake.links_are("dead")
        site.carrier.bind_status = lambda link, bind: smpp.ROK
        site.start()
        self.wait_state(site, "error", reason="not-bound")
        self.assertEqual(self.events(site, "bind-refused"), [])

    def test_N3_connection_refused_after_a_restart_of_bearerbox(self):
        site = self.up(binds=1).wait_bound()
        self.wait_active(site)
        site.carrier.stop()
        site.bearerbox.restart()
        self.wait_problem(site, "Connection refused" if not self.patched else "onnect", "smsc-carrier-a.log")
        self.assertEqual(self.events(site, "bind-refused"), [])

    def test_N3_a_rebind_refused_with_0x0D_is_told(self):
        """C74, on stock and patched: whatever the state, with its status."""
        site = self.up(binds=1).wait_bound()
        self.wait_active(site)
        site.carrier.bind_status = lambda link, bind: smpp.RBINDFAIL
        site.carrier.drop_links()
        event = self.wait_event(site, "bind-refused")
        self.assertEqual(event["errorCode"], "13")
        self.wait_problem(site, "smsc-carrier-a.log")
        del site.carrier.bind_status
        self.wait_active(site)

    def test_N4_why_no_bind_stands(self):
        """Within 15 s, from the log, with its path."""
        closer = socket.socket()
        closer.bind(("127.0.0.1", 0))
        closer.listen(16)
        self.addCleanup(closer.close)

        def close_all():
            while True:
                try:
                    closer.accept()[0].close()
                except OSError:
                    return
        threading.Thread(target=close_all, daemon=True).start()
        gone, closes, fine = Carrier(), Carrier(), Carrier().start()
        gone.port, closes.port = free_port(), closer.getsockname()[1]
        groups = [integration(fine, "fine", binds=1), integration(gone, "gone", binds=1),
                  integration(closes, "closes", binds=1), integration(closes, "tls", binds=1, use_tls=True),
                  integration(gone, "nobody", binds=1, smsc_address="no.such.host.invalid")]
        site = self.up(carrier=fine, integrations=groups, numbers=())
        says = {"gone": "refused", "closes": "clos|reset", "tls": "SSL|TLS|ssl", "nobody": "resolve|host"}
        for id_, pattern in says.items():
            def reason():
                return [p for p in problems(site) if p["entity"] == id_ and f"smsc-{id_}.log" in p["text"]
                        and re.search(pattern, p["text"])]
            wait_for(reason, 15, lambda: f"{id_}: {problems(site)}")
            shown = self.show(site, id_)["binds"]
            self.assertTrue(shown["log"].endswith(f"smsc-{id_}.log"))
            self.assertRegex(shown["logError"], pattern)

    def test_N4_the_log_is_there_before_the_group(self):
        site = self.up(binds=1).wait_bound()
        more = Carrier({"two": "second"}).start()
        self.addCleanup(more.stop)
        mask = os.umask(0o077)  # as Debian's wrapper of Kannel sets it
        self.addCleanup(os.umask, mask)
        site.byobox.integrations.append(integration(more, "added", binds=1))
        site.byobox.write()
        site.byobox.process.signal(1)
        wait_for(lambda: site.byobox.get("/v1/integrations/added")[0] == 200, SOON, "the load", [site.byobox.process])
        self.wait_active(site, "added")
        log = Path(self.show(site, "added")["binds"]["log"])
        self.assertEqual(stat.S_IMODE(log.stat().st_mode), 0o660)
        more.stop()
        wait_for(lambda: log.stat().st_size > 0, SOON, "bearerbox to write to it")

    def test_N5_a_wrong_admin_password_is_an_error_and_stays_one(self):
        site = self.new_site(binds=1, keys={"bearerbox-admin-password": "wrong"}).start()
        told = self.wait_problem(site, "bearerbox-admin-password", level="error")
        self.assertEqual(told["entity"], "bearerbox")
        self.assertRegex(site.byobox.log.read_text(errors="replace"), "ERROR: bearerbox.*bearerbox-admin-password")
        self.wait_active(site)  # the rendered file was there, and stock bearerbox shows its page to everybody
        code, out, err = run([program("byoctl"), "--config", site.byobox.conf, "status"], cwd=site.work)
        self.assertIn("bearerbox-admin-password", out + err)
        self.assertIn("1/1", out + err)
        for _ in range(3):
            time.sleep(1)
            self.assertTrue([p for p in problems(site, "error") if "bearerbox-admin-password" in p["text"]])

    def test_N5_where_the_page_is_closed_nobody_claims_to_know_the_binds(self):
        site = self.fake_site()
        self.fake.code = 403
        site.start()
        self.wait_problem(site, "bearerbox-admin-password", level="error")
        self.assertFalse(self.show(site)["binds"]["known"])
        for p in problems(site):
            self.assertNotIn("no bind stands", p["text"])
        code, out, err = run([program("byoctl"), "--config", site.byobox.conf, "status"], cwd=site.work)
        self.assertIn("?/1", out + err)

    def test_N9_a_bearerbox_that_does_not_take_the_file(self):
        site = self.fake_site()
        site.start()
        told = self.wait_problem(site, "sudo -u kannel cat", level="error")
        self.assertIn(str(site.byobox.smsc_conf), told["text"])
        self.wait_event(site, "bearerbox-differs", "bearerbox")
        self.assertGreater(self.fake.reread, 0)


class Deleted(LifeCase):
    def test_F7_unanswered_segments_of_a_deleted_integration(self):
        site = self.up(binds=1).wait_bound()
        self.wait_active(site)
        site.carrier.script = lambda s: Answer(drop=True)
        self.assertEqual(site.send(TO.format(1), "unanswered", "gone")[0], 202)
        site.carrier.wait_submits(1)
        self.act(site, "delete")

        def report():
            found = [r for r in site.application.reports("gone") if r.type in (2, 16)]
            return found and found[0]
        told = wait_for(report, 60, "the final report", [site.byobox.process])
        self.assertEqual(told.type, 2, "a time-out, no refusal")
        shown = site.byobox.message(told.byo["message"])
        self.assertEqual((shown["code"], shown["cause"]), (1, "NETWORK_TIMEOUT"), shown)
        self.assertTrue(shown["description"].startswith("outcome unknown: "), shown)
        self.assertTrue(shown["possibleDuplicate"], shown)


class Tested(Case):
    """byobox -t (night N7)."""

    def said(self, *groups, keys=None, core=None, groups_of_kannel=""):
        site = self.new_site(integrations=list(groups), smsboxes=(), keys=keys, core=core, groups=groups_of_kannel)
        site.bearerbox.write()
        return site.byobox.check()

    def test_N7_a_name_that_does_not_resolve(self):
        carrier = Carrier()
        carrier.port = 2775
        code, said = self.said(integration(carrier, smsc_address="no.such.host.invalid"))
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r'warning: .*"carrier-a", smsc-address = no\.such\.host\.invalid: .*resolved')
        self.assertNotIn("resolved", self.said(integration(carrier))[1])

    def test_N7_a_bad_id_is_one_fault(self):
        carrier = Carrier()
        carrier.port = 2775
        other = ("group = smsc\nsmsc = smpp\nsmsc-id = old\nhost = 127.0.0.1\nport = 1\nsystem-type = \"\"\n"
                 "smsc-username = u\nsmsc-password = p\n\n")
        code, said = self.said(integration(carrier, "bad id!", bind_type="transmitter"),
                               integration(carrier, "second", shares_numbers_of="carrier-a", share="load"),
                               integration(carrier, "third", shares_numbers_of="bad id!", share="load"),
                               groups_of_kannel=other)
        self.assertEqual(code, 1)
        errors = [line for line in said.splitlines() if ": error: " in line]
        self.assertEqual(len(errors), 2, said)
        for line in errors:
            self.assertIn("bad id!", line)
        self.assertNotIn("receives-for", said)
        self.assertNotIn("denied-smsc-id", said)

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_N7_root_judges_as_the_services_user(self):
        carrier = Carrier()
        carrier.port = 2775
        folder = Path(self.work) / "service"
        folder.mkdir(exist_ok=True)
        secret = folder / "password"
        secret.write_text("secret08\n")
        secret.chmod(0o600)
        group = integration(carrier, password=None, password_file=secret)
        os.chown(folder, 12345, 12345)  # byobox's user
        os.chown(secret, 12345, 12345)
        self.assertEqual(self.said(group, keys={"store-path": folder / "byobox.db"})[0], 0)
        os.chown(secret, 0, 0)
        code, said = self.said(group, keys={"store-path": folder / "byobox.db"})
        self.assertEqual(code, 1)
        self.assertIn("could not read it", said)
        os.chown(secret, 54321, 54321)
        code, said = self.said(group, keys={"store-path": folder / "byobox.db"})
        self.assertIn("belongs to another user", said)


class Clock(LifeCase):
    """The wall clock jumps by days; what passed counts (night N6)."""
    DAY = 86400

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shim = Path(cls.work) / "clock_fault.so"
        source = Path(__file__).parent / "byo" / "clock_fault.c"
        subprocess.run([os.environ.get("CC", "cc"), "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", str(cls.shim),
                        str(source)], check=True)

    def clocked(self, **options):
        site = self.new_site(**{"binds": 1, **options})
        self.control = Path(site.work) / "clock"
        self.control.write_text("0")
        site.byobox.process.env.update(
            LD_PRELOAD=str(self.shim), BYO_CLOCK=str(self.control),
            ASAN_OPTIONS=site.byobox.process.env["ASAN_OPTIONS"] + ":verify_asan_link_order=0")
        return site

    def jump(self, site, seconds):
        new = self.control.with_suffix(".new")
        new.write_text(str(seconds))
        new.rename(self.control)
        return wait_for(lambda: self.events(site, "clock-jumped", "clock"), SOON, "the event", [site.byobox.process])

    def goes_on(self, site):
        """What is new goes through as ever, and nobody takes bearerbox for a new one or a bind for lost."""
        site.send(TO.format(77), "after", "after")
        site.application.wait_types("after", [8, 1])
        self.assertEqual(self.events(site, "possible-duplicate"), [])
        self.assertEqual(self.events(site, "bind-lost"), [])

    def test_N6_set_ahead_by_days(self):
        dead = Carrier()
        dead.port = free_port()
        carrier = Carrier().start()
        site = self.clocked(carrier=carrier, integrations=[integration(carrier, binds=1),
                                                           integration(dead, "dead", binds=1)]).start()
        self.wait_active(site)
        carrier.script = lambda s: NO_RECEIPT
        self.assertEqual(site.send(TO.format(1), "receipt to come", "waits")[0], 202)
        submit = carrier.wait_submits(1)[0]
        site.application.wait_types("waits", [8])
        events = self.jump(site, 5 * self.DAY)  # receipt-timeout is three, activation-timeout 15 minutes
        self.assertEqual(len(events), 1)
        self.assertIn("ahead by 5 d", events[0]["text"])
        carrier.script = lambda s: ACCEPT
        self.goes_on(site)
        self.assertEqual(self.show(site, "dead")["state"], "activating")
        carrier.receipt(submit)
        site.application.wait_types("waits", [1])
        self.assertEqual(self.show(site)["counters"]["receiptsMissing"], 0)
        self.jump(site, 0)
        wait_for(lambda: len(self.events(site, "clock-jumped", "clock")) == 2, SOON, "the way back")
        self.goes_on_again(site)

    def goes_on_again(self, site):
        site.send(TO.format(78), "again", "again")
        site.application.wait_types("again", [8, 1])

    def test_N6_set_back_by_days(self):
        dead = Carrier()
        dead.port = free_port()
        carrier = Carrier().start()
        site = self.clocked(carrier=carrier, integrations=[
            integration(carrier, binds=1, retry_delay="3s"),
            integration(dead, "dead", binds=1, activation_timeout="8s")]).start()
        self.wait_active(site)
        refused = []
        carrier.script = lambda s: refused.append(s) or (refuse(smpp.RMSGQFUL) if len(refused) == 1 else ACCEPT)
        self.assertEqual(site.send(TO.format(1), "tried again", "again")[0], 202)
        carrier.wait_submits(1)
        wait_for(lambda: self.show(site)["queue"]["queued"] == 1, SOON, "it to wait for its next try")
        events = self.jump(site, -2 * self.DAY)
        self.assertIn("back by 2 d", events[0]["text"])
        site.application.wait_types("again", [8, 1])
        self.wait_state(site, "error", "dead", reason="not-bound")
        self.goes_on(site)

    def test_N6_set_back_while_byobox_was_away(self):
        site = self.clocked(retry_delay="3s").start().wait_bound()
        site.carrier.script = lambda s: refuse(smpp.RMSGQFUL)
        self.assertEqual(site.send(TO.format(1), "tried again", "again")[0], 202)
        site.carrier.wait_submits(1)
        wait_for(lambda: self.show(site)["queue"]["queued"] == 1, SOON, "it to wait for its next try")
        site.byobox.stop()
        self.control.write_text(str(-2 * self.DAY))
        site.carrier.script = lambda s: ACCEPT
        site.byobox.start()
        self.assertEqual(len(self.events(site, "clock-jumped", "clock")), 1)
        site.smsbox.restart(kill=True)
        site.application.wait_types("again", [8, 1], 40)


KANNEL = "--reuid=kannel --regid=nogroup --clear-groups"
GUIDE = Path(__file__).parents[2] / "docs" / "user-guide.md"


def commands(begin, end):
    """The indented lines of a part of the guide that are commands, without sudo."""
    part = GUIDE.read_text().split(begin, 1)[1].split(end, 1)[0]
    found = re.findall(r"^    sudo (.*)$|`sudo (.*?)`", part, re.M)
    return [(a or b).replace("sudo ", "") for a, b in found]


@unittest.skipIf(os.geteuid() != 0, "needs a mount namespace, and root to make the user kannel's folders")
class Examples(Case):
    """kannel-conf/ copied as the guide says works, to the letter: paths, ports, users. In a mount namespace, so that
    nothing of this machine is touched; ports are the namespace's or free."""

    limit = 120

    def script(self, *lines):
        folders = "/etc/kannel /etc/byobox /var/lib/byobox /var/log/byobox /var/log/kannel /var/spool/kannel"
        begin = ["set -eu", "ip link set lo up", f"for d in {folders}; do mkdir -p $d; mount -t tmpfs -o mode=755 none $d; done",
                 "chown kannel:adm /var/log/kannel; chown kannel /var/spool/kannel",
                 f"cd {GUIDE.parents[1]}", f"as_kannel() {{ setpriv {KANNEL} \"$@\"; }}"]
        done = subprocess.run(["unshare", "-m", "-n", "--pid", "--fork", "--kill-child", "sh", "-c",
                               "\n".join(begin + list(lines))], capture_output=True, text=True, timeout=100)
        if "unshare" in done.stderr and done.returncode:
            raise unittest.SkipTest(done.stderr)
        return done.returncode, done.stdout + done.stderr

    def installed(self):
        return [c for c in commands("## Installing by hand", "### 5. Check it")
                if c.startswith(("install", "sed", "chown")) and "password" not in c] + [
            "install -m 644 kannel-conf/kannel.conf /etc/kannel/kannel.conf"]

    def test_copied_as_the_guide_says_they_work(self):
        box, ctl = program("byobox"), program("byoctl")
        code, said = self.script(*self.installed(), f"cp {box} {ctl} /var/lib/byobox/", "chmod 755 /var/lib/byobox/byo*",
                                 "as_kannel /var/lib/byobox/byobox -t /etc/byobox/byobox.conf", "umask 077",
                                 f"setpriv {KANNEL} bearerbox -v 4 /etc/kannel/kannel.conf & B=$!",
                                 f"setpriv {KANNEL} /var/lib/byobox/byobox /etc/byobox/byobox.conf & X=$!",
                                 "trap 'kill $X $B 2>/dev/null; wait' EXIT",
                                 "for i in $(seq 100); do as_kannel /var/lib/byobox/byoctl --config /etc/byobox/byobox.conf"
                                 " status >/var/lib/byobox/status 2>&1 && grep -q 'both links up' /var/lib/byobox/status"
                                 " && break; sleep 0.2; done",
                                 "cat /var/lib/byobox/status", "stat -c 'LOG %a %U' /var/log/kannel/smsc-carrier-a.log",
                                 "echo REACHED")
        self.assertEqual(code, 0, said)
        self.assertIn("both links up", said)
        self.assertIn("LOG 660 kannel", said)
        self.assertNotIn("PANIC", said)
        self.assertIn("REACHED", said)

    def test_the_logrotate_snippet(self):
        if subprocess.run(["sh", "-c", "command -v logrotate"], stdout=subprocess.DEVNULL).returncode:
            raise unittest.SkipTest("logrotate is not installed")
        part = GUIDE.read_text().split("### 8. Log rotation", 1)[1].split("Each integration's link", 1)[0]
        snippet = "\n".join(line[4:] for line in part.splitlines() if line.startswith("    "))
        code, said = self.script(*self.installed(), f"cat > /etc/byobox/rotate <<'E'\n{snippet}\nE",
                                 "chown root /etc/byobox/rotate; chmod 644 /etc/byobox/rotate",
                                 "as_kannel sh -c 'umask 077; echo line > /var/log/byobox/byobox.log'",
                                 "logrotate -f -s /var/lib/byobox/state /etc/byobox/rotate",
                                 "stat -c 'NOW %a %U %G %s' /var/log/byobox/byobox.log", "ls /var/log/byobox")
        self.assertEqual(code, 0, said)
        self.assertIn("NOW 640 kannel adm 0", said)
        self.assertIn("byobox.log.1", said)
        self.assertNotIn("error", said)

    def test_receipts_inside_the_store_are_refused(self):
        """A bearerbox with one of each there ends when it starts again."""
        core = {"store-type": "spool", "store-location": "/var/spool/kannel", "dlr-storage": "spool",
                "dlr-spool": "/var/spool/kannel/dlr"}
        site = self.new_site(binds=1, smsboxes=(), core=core)
        site.bearerbox.write()
        code, said = site.byobox.check()
        self.assertEqual(code, 1)
        self.assertIn('the line it needs, with a folder of the user kannel: dlr-spool = "/var/spool/kannel-dlr"', said)
        site = self.new_site(binds=1, smsboxes=(), core={**core, "store-location": "/var/spool/kannel/d"})
        site.bearerbox.write()
        self.assertNotIn("store-location", site.byobox.check()[1])
