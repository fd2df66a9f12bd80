# SPDX-License-Identifier: BSD-3-Clause
"""The life of integrations: L1-L5, A2, P14. Activated, refused, deactivated under load, changed, deleted,
through restarts of either process, and nobody else's links notice."""

import os
import signal
import stat
import threading

from byo import smpp
from byo.byobox import integration, program
from byo.carrier import Answer, Carrier
from byo.installation import NUMBER
from byo.life import SOON, LifeCase
from byo.process import free_port, run, wait_for
from byo.witness import STALL, Witness

TO = "+12025550199"
OTHER = "+12025550101"


class Activation(LifeCase):
    kannel = ("stock", "patched")

    def test_L1_L5_seen_first_it_becomes_active(self):
        site = self.up(binds=3)
        shown = self.wait_active(site, binds=3)
        self.assertEqual((shown["reason"], shown["wanted"], shown["open"]), (None, True, True))
        self.assertEqual(len(site.carrier.bound()), 3)
        event = self.events(site, "integration-state")[0]
        self.assertEqual((event["definition"], event["entity"], event["current"]),
                         ("BYO-0101", "carrier-a", "active"))
        self.assertTrue(event["time"].endswith("Z"), event)
        self.assertEqual(self.events(site, "BYO-0101"), self.events(site, "integration-state"))

    def test_L1_A2_a_carrier_that_refuses_is_an_error_with_its_reason(self):
        carrier = Carrier().start()
        carrier.bind_status = lambda link, bind: smpp.RINVPASWD
        # Stock gives up at the first refusal; with bind-retry it is tried until the time-out, and the code told.
        site = self.up(carrier=carrier, binds=2, activation_timeout="3s")
        self.wait_state(site, "error", reason="bind-refused")
        event = self.wait_event(site, "bind-refused")
        self.assertEqual(event["current"], "error")
        if self.patched:
            self.assertEqual(event["errorCode"], str(smpp.RINVPASWD))
        self.assertIn("allow list", event["text"])
        self.assertIn("127.0.0.1", event["text"])
        status, body = site.send(TO, "kept", "kept")
        self.assertEqual((status, body[:1]), (202, "3"), "accepted and queued in every state")
        del carrier.bind_status  # the carrier has put it right; activating again tries again
        self.act(site, "activate")
        self.wait_active(site, binds=2)
        site.application.wait_types("kept", [8, 1])
        self.assertEqual(len(carrier.submits), 1)

    def test_L1_A2_a_dead_carrier_is_an_error_after_the_time_out(self):
        carrier = Carrier()
        carrier.port = free_port()
        site = self.up(carrier=carrier, binds=1, activation_timeout="3s")
        self.wait_state(site, "error", reason="not-bound")
        self.assertIn("allow list", self.wait_event(site, "activation-failed")["text"])
        self.assertEqual(site.send(TO, "kept", "kept")[0], 202)
        carrier.start()
        self.wait_active(site)  # by itself: the links are tried on
        site.application.wait_types("kept", [8, 1])

    def test_fewer_binds_are_active_and_degraded(self):
        carrier = Carrier().start()
        carrier.bind_status = lambda link, bind: (
            smpp.ROK if len(carrier.bound()) < 1 else smpp.RBINDFAIL)
        site = self.up(carrier=carrier, binds=2)
        self.wait_state(site, "active", degraded=True)
        self.wait_event(site, "degraded")
        site.send(TO, "one bind is enough", "ref")
        site.application.wait_types("ref", [8, 1])

    def test_A2_the_local_address_is_shown_and_can_be_fixed(self):
        site = self.up(binds=1, our_host="127.0.0.2")
        self.assertEqual(self.wait_active(site)["binds"]["localAddress"], "127.0.0.2")
        self.assertEqual({link.peer[0] for link in site.carrier.bound()}, {"127.0.0.2"})

    def test_an_integration_nobody_knows(self):
        site = self.up(binds=1)
        for verb in ("activate", "deactivate"):
            self.assertEqual(site.byobox.api("POST", f"/v1/integrations/nobody/{verb}")[0], 404)
        self.assertEqual(site.byobox.api("DELETE", "/v1/integrations/nobody")[0], 404)


class Deactivation(LifeCase):
    def test_L2_closed_queued_and_on_again(self):
        site = self.up(binds=2).wait_bound()
        self.wait_active(site, binds=2)
        self.off(site)
        self.assertEqual(site.carrier.open_links(), [])
        self.assertNotIn("smsc-id = carrier-a", site.byobox.smsc_conf.read_text().replace('"', ""))
        for i in range(5):
            status, body = site.send(TO, f"queued {i}", f"q{i}")
            self.assertEqual((status, body[:1]), (202, "3"))
        self.assertEqual(self.show(site)["queue"]["queued"], 5)
        self.assertEqual(site.carrier.submits, [])
        self.act(site, "activate")
        self.wait_active(site, binds=2)
        for i in range(5):
            site.application.wait_types(f"q{i}", [8, 1])
        self.assertEqual(len(site.carrier.submits), 5)
        told = wait_for(lambda: self.states_told(site)[-1][1] == "active" and self.states_told(site), SOON,
                        lambda: f"the last change of state, told are {self.states_told(site)}")
        for change in (("active", "deactivating"), ("deactivating", "inactive"), ("inactive", "activating")):
            self.assertIn(change, told)

    def test_L2_under_load_nothing_is_lost_and_the_order_stays(self):
        """One bind and one recipient, so the carrier can tell the order. Some segments are always between
        submit and answer when the links are to close: those answers are waited for."""
        site = self.up(binds=1, messages_per_second=100).wait_bound()
        site.carrier.script = lambda s: Answer(delay=0.05)
        n, failed = 300, []

        def load():
            for i in range(n):
                status, body = site.send(TO, f"number {i}")
                if status != 202:
                    failed.append((i, status, body))
        activated = [0]  # the first number behind what came before

        def number(submit):
            return int(submit.sm.short_message.decode().split()[1])
        loader = threading.Thread(target=load)
        with Witness() as witness:
            loader.start()
            for part in (1, 2):
                site.carrier.wait_submits(40 * part)
                self.off(site)
                seen = len(site.carrier.submits)
                self.assertTrue(all(s.answered for s in site.carrier.submits), "no answer was cut off")
                activated.append(1 + max(map(number, site.carrier.submits)))
                self.act(site, "activate")
                site.carrier.wait_submits(min(seen + 10, n), SOON)
            loader.join()
            arrived = list(map(number, site.carrier.wait_submits(n, 60)))
        self.assertEqual(failed, [])
        self.assertEqual(sorted(arrived), list(range(n)), "each once")
        _, answer = site.byobox.get("/v1/messages?limit=1000")
        handed = sorted((m["segments"][0]["handed"], m["id"]) for m in
                        (site.byobox.message(item["id"]) for item in answer["items"]))
        self.assertEqual([id_ for _, id_ in handed], sorted(id_ for _, id_ in handed), "handed over in order")
        # While a link comes up bearerbox puts some of the first segments it gets behind what comes after them; and where
        # the machine stalled, what comes at once after that. No other one arrives behind a later one.
        late = [i for place, i in enumerate(arrived) if i < max(arrived[:place + 1])]
        if witness.longest < STALL:
            self.assertEqual([i for i in late if not any(first <= i < first + 20 for first in activated)], [])

    def test_L2_it_stays_what_it_was_through_kill_and_restart(self):
        site = self.up(binds=1).wait_bound()
        self.off(site)
        self.assertEqual(site.send(TO, "kept", "kept")[0], 202)
        for restart in (site.byobox.restart, lambda: site.byobox.restart(kill=True),
                        site.bearerbox.restart, lambda: site.bearerbox.restart(kill=True)):
            restart()
            self.wait_state(site, "inactive", wanted=False)
            self.assertEqual(site.carrier.open_links(), [])
        site.smsbox.restart(kill=True)  # stock smsbox waits ten seconds; a new one does not
        wait_for(lambda: site.byobox.get("/v1/status")[1]["bearerbox"]["ownLinkUp"], 30, "byobox's link")
        self.act(site, "activate")
        self.wait_active(site)
        site.application.wait_types("kept", [8, 1], 30)
        self.assertEqual(len(site.carrier.submits), 1)

    def test_killed_while_it_deactivates(self):
        site = self.up(binds=1).wait_bound()
        site.carrier.script = lambda s: Answer(drop=True)  # never answered: it drains for long
        self.assertEqual(site.send(TO, "unanswered")[0], 202)
        site.carrier.wait_submits(1)
        self.act(site, "deactivate")
        self.wait_state(site, "deactivating")
        site.byobox.kill()
        site.byobox.start()
        wait_for(lambda: self.show(site)["state"] in ("deactivating", "inactive"), 10, "what was asked for")
        self.assertFalse(self.show(site)["wanted"])

    def test_twice_is_once(self):
        site = self.up(binds=1).wait_bound()
        self.wait_active(site)
        first = site.carrier.bound()[0]
        self.act(site, "activate")  # active already, nothing changed: the links stay
        site.send(TO, "still", "ref")
        site.application.wait_types("ref", [8, 1])
        self.assertIs(site.carrier.bound()[0], first)
        self.act(site, "deactivate")
        self.act(site, "deactivate")
        self.wait_state(site, "inactive")


class Restarts(LifeCase):
    def test_active_and_error_come_back(self):
        """Of three integrations one is active, one is refused, one finds nobody: through every restart."""
        carrier, refusing, dead = Carrier().start(), Carrier().start(), Carrier()
        refusing.bind_status = lambda link, bind: smpp.RINVSYSID
        dead.port = free_port()
        self.addCleanup(refusing.stop)
        self.addCleanup(dead.stop)
        site = self.up(carrier=carrier, integrations=[
            integration(carrier, "carrier-a", binds=2),
            integration(refusing, "refusing", binds=1, activation_timeout="5s"),
            integration(dead, "dead", binds=1, activation_timeout="2s")])
        for restart in (lambda: None, site.byobox.restart, lambda: site.byobox.restart(kill=True),
                        site.bearerbox.restart, lambda: site.bearerbox.restart(kill=True)):
            restart()
            self.wait_active(site, binds=2)
            self.wait_state(site, "error", "refusing", reason="bind-refused")
            self.wait_state(site, "error", "dead", reason="not-bound")
        site.smsbox.restart(kill=True)
        wait_for(lambda: site.byobox.get("/v1/status")[1]["bearerbox"]["ownLinkUp"], 30, "byobox's link")
        site.send(TO, "hello", "ref")
        site.application.wait_types("ref", [8, 1], 30)


class Changes(LifeCase):
    """Two accounts at one carrier: what is done to carrier-a, carrier-b never notices."""

    def setUp(self):
        super().setUp()
        self.carrier = Carrier({"byo": "secret", "two": "second"}).start()
        self.groups = [integration(self.carrier, "carrier-a", binds=2),
                       integration(self.carrier, "carrier-b", binds=2, system_id="two", password="second")]
        self.site = None

    def start(self):
        site = self.up(carrier=self.carrier, integrations=self.groups,
                       numbers=((NUMBER, "carrier-a"), (OTHER, "carrier-b"))).wait_bound()
        self.wait_active(site, binds=2)
        self.wait_active(site, "carrier-b", 2)
        self.neighbours = self.carrier.bound("two")
        return site

    def load(self, site, groups):
        site.byobox.integrations = groups
        site.byobox.write()
        seen = len(self.events(site, "configuration-loaded", "configuration"))
        site.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: len(self.events(site, "configuration-loaded", "configuration")) > seen, SOON,
                 "the configuration to be loaded", [site.byobox.process])

    def undisturbed(self, site):
        self.assertEqual([x.number for x in self.carrier.bound("two")],
                         [x.number for x in self.neighbours], "the other integration's links")
        site.send(TO, "neighbour", "neighbour", from_=OTHER)
        site.application.wait_types("neighbour", [8, 1])

    def test_L3_changed_credentials_apply_when_activated_again(self):
        site = self.start()
        old = self.carrier.bound("byo")
        self.carrier.accounts["byo"] = "changed"
        self.load(site, [dict(self.groups[0], password="changed"), self.groups[1]])
        self.wait_state(site, "active", pendingChanges=True)
        self.assertEqual(self.carrier.bound("byo"), old)
        self.act(site, "activate")
        self.wait_state(site, "active", pendingChanges=False, degraded=False)
        self.carrier.wait(lambda: len(self.carrier.bound("byo")) == 2
                          and not set(self.carrier.bound("byo")) & set(old), what="two new binds")
        self.assertEqual({x.bind.password for x in self.carrier.bound("byo")}, {"changed"})
        site.send(TO, "hello", "ref")
        site.application.wait_types("ref", [8, 1])
        self.undisturbed(site)

    def test_L3_wrong_credentials_put_right(self):
        self.groups[0] = dict(self.groups[0], password="wrong", activation_timeout="5s")
        site = self.up(carrier=self.carrier, integrations=self.groups,
                       numbers=((NUMBER, "carrier-a"), (OTHER, "carrier-b")))
        self.wait_state(site, "error", reason="bind-refused")
        self.wait_active(site, "carrier-b", 2)
        self.neighbours = self.carrier.bound("two")
        self.load(site, [dict(self.groups[0], password="secret"), self.groups[1]])
        self.act(site, "activate")
        self.wait_active(site, binds=2)
        self.undisturbed(site)

    def test_deactivate_and_activate_leave_the_neighbour_alone(self):
        site = self.start()
        self.off(site)
        self.undisturbed(site)
        site.forget()
        self.act(site, "activate")
        self.wait_active(site, binds=2)
        self.undisturbed(site)

    def test_SIGHUP_with_a_new_and_a_removed_integration(self):
        self.carrier.accounts["three"] = "third"
        site = self.start()
        new = integration(self.carrier, "carrier-c", binds=1, system_id="three", password="third")
        self.load(site, [self.groups[1], new])
        self.wait_active(site, "carrier-c")
        self.carrier.wait(lambda: not self.carrier.bound("byo"), 30, "the removed integration's links closed")
        self.assertIsNone(site.byobox.get("/v1/integrations/carrier-a")[1]["config"], "its number keeps it in sight")
        site.byobox.api("DELETE", "/v1/numbers/" + NUMBER)
        wait_for(lambda: site.byobox.get("/v1/integrations/carrier-a")[0] == 404, SOON, "nothing left of it")
        self.undisturbed(site)
        site.byobox.number("+12025550102", "carrier-c")
        site.send(TO, "by the new one", "ref", from_="+12025550102")
        site.application.wait_types("ref", [8, 1])
        self.assertEqual(self.carrier.submits[-1].link.bind.system_id, "three")

    def test_SIGHUP_with_a_bad_file_changes_nothing(self):
        site = self.start()
        site.byobox.integrations = [dict(self.groups[0], binds=99), self.groups[1]]
        site.byobox.write()
        site.byobox.process.signal(signal.SIGHUP)
        self.wait_event(site, "configuration-refused", "configuration")
        self.assertEqual(self.show(site)["binds"]["wanted"], 2)
        self.undisturbed(site)

    def test_L4_deleted(self):
        site = self.start()
        self.off(site)
        self.assertEqual(site.send(TO, "never sent", "never")[0], 202)
        self.act(site, "delete")
        self.wait_state(site, "deleted")
        report = [r for r in site.application.wait_types("never", [16]) if r.type == 16][0]
        self.assertEqual(report.byo["code"], "3")
        numbers = site.byobox.get("/v1/numbers")[1]["items"]
        self.assertEqual([n["number"] for n in numbers], [OTHER])
        self.assertEqual(self.carrier.bound("byo"), [])
        self.wait_event(site, "integration-deleted")
        self.assertEqual(site.byobox.api("POST", "/v1/integrations/carrier-a/activate")[0], 409)
        # Its number is nobody's now: what it sends passes to bearerbox, which has no link for it.
        site.send(TO, "no more", from_=NUMBER)
        self.undisturbed(site)
        self.assertEqual({s.sm.source for s in self.carrier.submits}, {OTHER[1:]})
        # It stays deleted while its group stands in the file, through load and restart ...
        self.load(site, self.groups)
        self.wait_state(site, "deleted")
        site.byobox.restart()
        self.wait_state(site, "deleted")
        # ... and comes back after a load without the group.
        self.load(site, self.groups[1:])
        self.load(site, self.groups)
        self.wait_active(site, binds=2)
        self.assertEqual([x.number for x in self.carrier.bound("two")],
                         [x.number for x in self.neighbours])

    def test_L4_deleted_while_active(self):
        site = self.start()
        self.act(site, "delete")
        self.wait_state(site, "deleted")
        self.carrier.wait(lambda: not self.carrier.bound("byo"), 40, "the links closed")
        self.undisturbed(site)

    def gone_from_the_file(self):
        """An installation whose first group was taken out with a message in its queue, and nothing deleted."""
        site = self.start()
        self.off(site)
        self.assertEqual(site.send(TO, "kept", "kept")[0], 202)
        self.load(site, self.groups[1:])
        self.absence(site, True)
        return site

    def absence(self, site, there):
        wait_for(lambda: there == any("no group in the configuration" in p["text"]
                                      for p in site.byobox.get("/v1/status")[1]["problems"]),
                 20, f"the problem to be {there}", [site.byobox.process])

    def test_a_group_taken_out_of_the_file_deletes_nothing(self):
        site = self.gone_from_the_file()
        self.assertEqual(site.send(TO, "later", "later")[0], 503)
        code, out, err = site.byobox.byoctl("integration", "show", "carrier-a")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("inactive", out)
        self.undisturbed(site)
        site.byobox.restart()
        self.absence(site, True)
        self.load(site, self.groups)
        self.absence(site, False)
        self.act(site, "activate")
        self.wait_active(site, binds=2)
        site.application.wait_types("kept", [8, 1])
        site.send(TO, "again", "again")
        site.application.wait_types("again", [8, 1])

    def test_what_left_the_file_can_still_be_deleted(self):
        site = self.gone_from_the_file()
        self.assertEqual(site.byobox.api("POST", "/v1/integrations/carrier-a/activate")[0], 404)
        code, out, err = site.byobox.byoctl("integration", "delete", "carrier-a", "--yes")
        self.assertEqual(code, 0, (out, err))
        report = [r for r in site.application.wait_types("kept", [16]) if r.type == 16][0]
        self.assertEqual(report.byo["code"], "3")
        self.assertEqual([n["number"] for n in site.byobox.get("/v1/numbers")[1]["items"]], [OTHER])
        self.absence(site, False)
        self.load(site, self.groups)  # new again, and wants to be active
        self.wait_active(site, binds=2)

    def test_what_left_the_file_and_was_deleted_is_new_after_a_restart(self):
        site = self.gone_from_the_file()
        self.assertEqual(site.byobox.api("DELETE", "/v1/integrations/carrier-a")[0], 202)
        site.application.wait_types("kept", [16])
        site.byobox.integrations = self.groups
        site.byobox.write()
        site.byobox.restart()
        self.wait_active(site, binds=2)


class Files(LifeCase):
    def test_smsc_conf_is_readable_by_its_owner_alone(self):
        site = self.up(binds=1).wait_bound()
        for step in (lambda: None, lambda: self.off(site), lambda: self.act(site, "activate")):
            step()
            self.assertEqual(stat.S_IMODE(os.stat(site.byobox.smsc_conf).st_mode), 0o600)
        self.wait_active(site)
        self.assertIn("byobox-idle", site.byobox.smsc_conf.read_text())

    def test_smsc_conf_that_cannot_be_written_is_told(self):
        site = self.up(binds=1).wait_bound()
        self.wait_active(site)
        site.byobox.smsc_conf.unlink()
        site.byobox.smsc_conf.mkdir()
        (site.byobox.smsc_conf / "in-the-way").write_text("")
        self.act(site, "deactivate")
        wait_for(lambda: any("smsc-conf" in p["text"] for p in site.byobox.get("/v1/status")[1]["problems"]),
                 20, "the problem in the status", [site.byobox.process])
        (site.byobox.smsc_conf / "in-the-way").unlink()
        site.byobox.smsc_conf.rmdir()
        self.wait_state(site, "inactive")
        self.assertEqual(site.carrier.open_links(), [])

    def test_P14_a_sealed_password_binds_and_stands_nowhere_in_clear(self):
        work = self.work / self.ref
        work.mkdir()
        key = work / "key"
        code, out, err = run([program("byoctl"), "seal", "--new-key"])
        self.assertEqual(code, 0, err)
        key.write_text(out)
        key.chmod(0o600)
        carrier = Carrier({"byo": "S3cret,x"}).start()
        site = self.new_site(carrier=carrier, binds=1, keys={"credentials-key-file": key})
        site.byobox.integrations[0].pop("password")
        site.byobox.integrations[0]["password"] = "x"
        site.byobox.write()
        code, sealed, err = run([program("byoctl"), "--config", site.byobox.conf, "seal", "carrier-a"],
                                stdin=b"S3cret,x\n")
        self.assertEqual(code, 0, err)
        del site.byobox.integrations[0]["password"]
        site.byobox.integrations[0]["credentials"] = sealed.strip()
        site.start()
        self.wait_active(site)
        self.assertEqual(carrier.bound()[0].bind.password, "S3cret,x")
        site.send(TO, "hello", "ref")
        site.application.wait_types("ref", [8, 1])
        for path in site.work.iterdir():
            if path.is_file() and path != site.byobox.smsc_conf:
                self.assertNotIn(b"S3cret,x", path.read_bytes(), path)
        shown = str(site.byobox.get("/v1/integrations/carrier-a")) + str(site.byobox.get("/v1/status"))
        self.assertNotIn("S3cret,x", shown)
