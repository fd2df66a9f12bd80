# SPDX-License-Identifier: BSD-3-Clause
"""Taking byobox out, and taking a person out of it: nothing is lost, STOP stays in force (docs/user-guide.md)."""

import csv
import io

from byo import smpp
from byo.byobox import program
from byo.carrier import NO_RECEIPT
from byo.installation import NUMBER
from byo.life import SOON, LifeCase
from byo.process import run, wait_for

TO = "+12025550199"


class Drain(LifeCase):
    def test_drained_nothing_new_is_taken_and_nothing_is_lost(self):
        site = self.up(binds=1)
        self.wait_active(site)
        self.off(site)
        for i in range(3):
            self.assertEqual(site.send(TO, f"taken {i}", f"t{i}")[0], 202)
        code, out, err = site.byobox.byoctl("drain")
        self.assertEqual(code, 0, err)
        self.assertIn("3 segments queued", out)
        self.assertIn("carrier-a is inactive", out)
        status, _ = site.send(TO, "not taken", "no")
        self.assertEqual(status, 503)
        state = site.byobox.get("/v1/status")[1]
        self.assertEqual(state["draining"]["by"], "admin")
        self.assertTrue(any("byoctl drain --end" in p["text"] for p in state["problems"]), state["problems"])
        status, health = site.byobox.get("/health", user=None)
        self.assertEqual((status, health["reasons"][0]["code"]), (503, "draining"))
        # It holds over a restart, however the process ends.
        site.byobox.kill()
        site.byobox.start(ready=False)
        site.byobox.wait_up()
        self.assertIsNotNone(site.byobox.get("/v1/status")[1]["draining"])
        site.smsbox.stop(5)
        site.smsbox.start()
        self.assertEqual(site.send(TO, "not taken", "no")[0], 503)
        self.act(site, "activate")
        self.wait_active(site)
        code, out, err = site.byobox.byoctl("drain", "--wait")
        self.assertEqual(code, 0, err)
        self.assertTrue(out.endswith("Nothing is left.\n"), out)
        for i in range(3):
            self.assertIn(1, [r.type for r in site.application.reports(f"t{i}")], "its report was delivered before")
        self.assertEqual([s.sm.short_message for s in site.carrier.submits], [b"taken 0", b"taken 1", b"taken 2"])
        self.assertEqual(site.byobox.byoctl("drain", "--end")[0], 0)
        self.assertEqual(site.byobox.get("/health", user=None)[0], 200)
        self.assertEqual(site.send(TO, "taken again", "again")[0], 202)
        site.application.wait_types("again", [8, 1])
        self.assertEqual([a["action"] for a in site.byobox.get("/v1/audit")[1]["items"] if a["action"] != "number import"
                          and not a["action"].startswith("integration")], ["drain end", "drain"])

    def test_a_stop_is_answered_while_it_drains(self):
        site = self.up(binds=1)
        self.wait_active(site)
        self.assertEqual(site.byobox.api("POST", "/v1/drain")[0], 200)
        site.carrier.mo(smpp.Sm(source=TO[1:], destination=NUMBER[1:], source_ton=1, source_npi=1, dest_ton=1,
                                dest_npi=1, short_message=b"STOP"))
        wait_for(lambda: site.carrier.submits, SOON, "the confirmation")
        self.assertEqual(len(site.byobox.get("/v1/opt-outs")[1]["items"]), 1)


class Export(LifeCase):
    def rows(self, site, *more):
        code, out, err = site.byobox.byoctl("export", "--open", *more)
        self.assertEqual(code, 0, err)
        return list(csv.DictReader(io.StringIO(out)))

    def test_what_is_open_with_its_text(self):
        site = self.up(binds=1)
        self.wait_active(site)
        site.carrier.script = lambda submit: NO_RECEIPT
        self.assertEqual(site.send(TO, "Grüße, \"quoted\"", "sent")[0], 202)
        site.application.wait_types("sent", [8])
        self.off(site)
        self.assertEqual(site.send(TO, "waits; here", "waits")[0], 202)
        site.smsbox.stop(5)
        rows = self.rows(site)
        self.assertEqual([(r["kind"], r["number"], r["recipient"], r["state"], r["text"]) for r in rows],
                         [("message", NUMBER, TO, "sent", "Grüße, \"quoted\""),
                          ("message", NUMBER, TO, "queued", "waits; here")])
        self.assertEqual((rows[0]["accepted"], rows[1]["queued"], rows[1]["possible-duplicate"]), ("1", "1", "0"))
        self.assertIn("ref=waits", rows[1]["dlr-url"])
        self.assertEqual(run([program("byoctl"), "--config", site.byobox.conf, "export"])[0], 2)
        # Texts are for those who may view them.
        self.assertEqual(site.byobox.api("GET", "/v1/export?open=true", user=("status", "byo-status"))[0], 403)

    def test_what_waits_for_a_smsbox(self):
        site = self.up(binds=1)
        self.wait_active(site)
        site.smsbox.stop(5)
        site.carrier.mo(smpp.Sm(source=TO[1:], destination=NUMBER[1:], source_ton=1, source_npi=1, dest_ton=1,
                                dest_npi=1, short_message=b"is anybody there"))
        wait_for(lambda: site.byobox.get("/v1/status")[1]["inward"]["waiting"] == 1, SOON, "the message to wait")
        rows = self.rows(site)
        self.assertEqual([(r["kind"], r["number"], r["recipient"], r["integration"], r["text"]) for r in rows],
                         [("inbound", NUMBER, TO, "carrier-a", "is anybody there")])


class OptOuts(LifeCase):
    def test_out_as_csv_and_in_again(self):
        here = self.up(binds=1)
        for i in range(3):
            here.byobox.api("POST", "/v1/opt-outs", {"number": NUMBER, "recipient": f"+1202555018{i}",
                                                     "reason": f"by phone, \"{i}\""})
        code, out, err = here.byobox.byoctl("opt-out", "list", "--csv")
        self.assertEqual(code, 0, err)
        there = self.up(binds=1, numbers=())
        file = there.work / "opt-outs.csv"
        file.write_text(out + f"2026-01-01T00:00:00Z,{NUMBER},nobody,opt-out,STOP,,recipient,\r\n", newline="")
        code, out, err = there.byobox.byoctl("opt-out", "import-csv", file)
        self.assertEqual(code, 1, err)
        self.assertIn("3 opted out, 0 were so before, 1 refused", out)
        code, answer, err = there.byobox.byoctl("opt-out", "import-csv", file, json_=True)
        self.assertEqual((answer["added"], answer["unchanged"], answer["refused"]), (0, 3, 1))
        rows = {r["recipient"]: r for r in there.byobox.get("/v1/opt-outs")[1]["items"]}
        self.assertEqual(set(rows), {f"+1202555018{i}" for i in range(3)})
        self.assertIn("by phone, \"1\"", rows["+12025550181"]["reason"])
        there.byobox.number(NUMBER, "carrier-a")  # the number comes after its opt-outs
        self.assertEqual(there.send("+12025550181", "not to him", "no")[0], 403)
        self.assertEqual(there.send("+12025550189", "to him", "yes")[0], 202)


class Erasure(LifeCase):
    """What is kept of one person goes, in every spelling of the number; the opt-out and the audit stay."""

    MEXICAN, OTHER_FORM = "+525512345678", "+5215512345678"

    def mo(self, site, text, source):
        site.carrier.mo(smpp.Sm(source=source[1:], destination=NUMBER[1:], source_ton=1, source_npi=1, dest_ton=1,
                                dest_npi=1, short_message=text))

    def test_a_person_is_erased_and_stays_opted_out(self):
        site = self.up(binds=1)
        self.wait_active(site)
        site.send(self.MEXICAN, "Alpha-Text delivered", "alpha")
        site.application.wait_types("alpha", [8, 1])
        site.send(TO, "Omega-Text of another", "omega")
        site.application.wait_types("omega", [8, 1])
        self.mo(site, b"Stop", self.OTHER_FORM)
        wait_for(lambda: site.byobox.get("/v1/opt-outs")[1]["items"], SOON, "the opt-out")
        wait_for(lambda: site.byobox.get("/v1/status")[1]["inward"]["waiting"] == 0, SOON, "the smsbox to have it")
        site.smsbox.stop(5)
        self.mo(site, b"Beta-Text that waits for a smsbox", self.OTHER_FORM)
        self.mo(site, b"Psi-Text of another", TO)
        wait_for(lambda: site.byobox.get("/v1/status")[1]["inward"]["waiting"] == 2, SOON, "two to wait")
        site.byobox.api("POST", "/v1/opt-outs", {"number": NUMBER, "recipient": TO, "reason": "another"})
        self.assertIn(b"Alpha-Text", site.store.octets())
        code, out, err = site.byobox.byoctl("erase", self.MEXICAN, "--reason", "asked by letter")
        self.assertEqual(code, 0, err)
        # Alpha and the reply to him, his Stop and Beta.
        self.assertIn("4 messages, 1 reports and messages", out)
        self.assertEqual(len(site.byobox.get("/v1/messages?direction=inbound")[1]["items"]), 1)
        for recipient in (self.MEXICAN, self.OTHER_FORM):
            self.assertEqual(site.byobox.get(f"/v1/messages?recipient=%2B{recipient[1:]}")[1]["items"], [])
        self.assertEqual(len(site.byobox.get(f"/v1/messages?recipient=%2B{TO[1:]}")[1]["items"]), 1)
        self.assertEqual(site.byobox.get("/v1/status")[1]["inward"]["waiting"], 1)
        row = next(i for i in site.byobox.get("/v1/opt-outs")[1]["items"] if i["recipient"] != TO)
        self.assertEqual((row["recipient"], row["action"], row["text"]), (self.OTHER_FORM, "opt-out", None))
        audit = site.byobox.get("/v1/audit")[1]["items"][0]
        self.assertEqual((audit["action"], audit["entity"], audit["who"]), ("erase", self.MEXICAN, "admin"))
        self.assertIn("asked by letter", audit["detail"])
        for event in site.byobox.get("/v1/events?limit=1000")[1]["items"]:
            self.assertNotIn("5512345678", str(event))
        for text in (b"Alpha-Text", b"Beta-Text"):
            wait_for(lambda: text not in site.store.octets(), SOON, f"no octet of {text}")
        self.assertIn(b"Omega-Text", site.store.octets())
        site.smsbox.start()
        self.assertEqual(site.send(self.MEXICAN, "not to him", "no")[0], 403)

    def test_what_waits_to_be_sent_goes_too_and_the_counts_hold(self):
        site = self.up(binds=1)
        self.wait_active(site)
        self.off(site)
        for i in range(4):
            self.assertEqual(site.send(TO, "L" * 200 + str(i), f"w{i}")[0], 202)
        self.assertEqual(site.send("+12025550177", "to another", "other")[0], 202)
        self.assertEqual(self.show(site)["queue"]["queued"], 9)
        status, answer = site.byobox.api("POST", "/v1/erase", {"recipient": TO, "reason": "asked"})
        self.assertEqual((status, answer["messages"], answer["segments"]), (200, 4, 8))
        self.assertEqual(self.show(site)["queue"]["queued"], 1)
        self.act(site, "activate")
        self.wait_active(site)
        site.application.wait_types("other", [8, 1])
        self.assertEqual(len(site.carrier.submits), 1)
        for body, field in (({"recipient": "x", "reason": "y"}, "recipient"), ({"recipient": TO}, "reason")):
            status, answer = site.byobox.api("POST", "/v1/erase", body)
            self.assertEqual((status, answer["error"]["field"]), (422, field))
