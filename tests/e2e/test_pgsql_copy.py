# SPDX-License-Identifier: BSD-3-Clause
"""byoctl store copy: a store moves from a file into PostgreSQL and back, whole or not at all."""

import test_pgsql
from byo import smpp
from byo.carrier import NO_RECEIPT
from byo.installation import NUMBER
from byo.process import wait_for
from byo.store import PgsqlStore, SqliteStore
from test_pgsql import MOBILE, TO


class Copy(test_pgsql.PgsqlCase):
    """byoctl store copy: everything goes along, in either direction; nothing is left half done."""
    durable = False
    lists = ("/v1/messages?limit=1000&direction=outbound", "/v1/messages?limit=1000&direction=inbound", "/v1/opt-outs",
             "/v1/numbers", "/v1/events?limit=1000", "/v1/audit?limit=1000")

    def pgsql(self):
        store = PgsqlStore(self.server.port)
        store.make()
        return store

    def kept(self, site):
        """What the API says of everything, but for which node told an event: a file has no names of nodes."""
        answers = {path: [{k: v for k, v in item.items() if k != "node"} for item in site.byobox.get(path)[1]["items"]]
                   for path in self.lists}
        answers["message"] = [site.byobox.message(m["id"]) for m in answers[self.lists[0]]]
        return answers

    def filled(self):
        """On SQLite: messages in all states, a MO and a report that wait, opt-outs, a number that left."""
        site = self.new_site(binds=1, store=SqliteStore(self.work / f"{self.ref}.db"),
                             keys={"node-id": "n1"}).start().wait_bound()
        script, site.carrier.script = site.carrier.script, lambda s: NO_RECEIPT
        site.send(TO.format(1), "no receipt yet " * 20, "open")
        site.carrier.wait_submits(2)
        site.carrier.script = script
        site.send(TO.format(2), "delivered", "done")
        site.application.wait_types("done", [1])
        site.carrier.mo(smpp.Sm(source=MOBILE, destination=NUMBER[1:], source_ton=1, dest_ton=1, short_message=b"STOP"))
        wait_for(lambda: site.byobox.get("/v1/opt-outs")[1]["items"], 30, "the opt-out")
        site.byobox.number("+12025550101")
        self.assertIn(site.byobox.api("DELETE", "/v1/numbers/12025550101")[0], (200, 204))
        site.smsbox.stop(5)
        site.carrier.mo(smpp.Sm(source=MOBILE, destination=NUMBER[1:], source_ton=1, dest_ton=1,
                                short_message=b"waits for a smsbox"))
        wait_for(lambda: site.byobox.get("/v1/status")[1]["inward"]["waiting"] > 0, 30, "a row to wait")
        return site

    def move(self, site, to):
        """By byoctl, then byobox starts on the other store."""
        kept = self.kept(site)
        waiting = site.byobox.get("/v1/status")[1]["inward"]["waiting"]
        site.byobox.stop()
        code, out, err = self.copy(site, site.byobox.store, to)
        self.assertEqual(code, 0, err)
        self.assertIn("message", out)
        site.byobox.use(to)
        site.byobox.start()
        now = self.kept(site)
        for path, items in kept.items():
            self.assertEqual([i for i in items if i not in now[path]], [], path)
        self.assertEqual(site.byobox.get("/v1/status")[1]["inward"]["waiting"], waiting)

    def copy(self, site, from_, to):
        """The configuration knows both: it names one, and has a group for the other."""
        pgsql = from_ if from_.kind == "pgsql" else to
        site.byobox.conf.write_text(site.byobox.text() + (pgsql.groups() if site.byobox.store is not pgsql else ""))

        def name(store):
            return "pgsql:db" if store.kind == "pgsql" else f"sqlite:{store.path}"
        return site.byobox.byoctl("store", "copy", name(from_), name(to))

    def test_there_and_back(self):
        site = self.filled()
        self.move(site, self.pgsql())
        self.move(site, SqliteStore(self.work / "back.db"))
        site.wait_bound(1)
        submit = next(s for s in site.carrier.submits if s.sm.destination == TO.format(1)[1:])
        site.carrier.receipt(submit)
        site.smsbox.start()
        site.application.wait_messages(1)
        self.assertEqual(site.send("+" + MOBILE, "not to him")[0], 403)
        for table, column in (("segment", "due"), ("event", "text")):  # the counters are kept right, too
            self.assertGreater(len(site.store.rows(f"SELECT {column} FROM {table}")), 0)

    def test_not_while_either_is_in_use(self):
        site, to = self.filled(), self.pgsql()
        code, out, err = self.copy(site, site.byobox.store, to)
        self.assertNotEqual(code, 0)
        self.assertIn("in use", err)
        site.byobox.stop()
        code, out, err = self.copy(site, site.byobox.store, to)
        self.assertEqual(code, 0, err)
        site.byobox.use(to)
        site.byobox.start()
        code, out, err = self.copy(site, to, SqliteStore(self.work / "other.db"))
        self.assertNotEqual(code, 0)
        self.assertIn("in use", err)
        self.assertFalse((self.work / "other.db").exists())

    def test_not_into_one_that_has_rows(self):
        site, to = self.filled(), self.pgsql()
        site.byobox.stop()
        self.assertEqual(self.copy(site, site.byobox.store, to)[0], 0)
        before = to.value("SELECT count(*) FROM message")
        code, out, err = self.copy(site, site.byobox.store, to)
        self.assertNotEqual(code, 0)
        self.assertIn("empty", err)
        self.assertEqual(to.value("SELECT count(*) FROM message"), before)

    def test_what_fails_leaves_nothing(self):
        site, to = self.filled(), self.pgsql()
        site.byobox.stop()
        self.assertEqual(self.copy(site, to, SqliteStore(self.work / "fresh.db"))[0], 0)  # makes the tables there
        self.assertEqual([p.name for p in self.work.glob("fresh.db*")], ["fresh.db"])
        to.change("ALTER TABLE audit ADD CONSTRAINT no CHECK (id < 0)")  # one of the last
        code, out, err = self.copy(site, site.byobox.store, to)
        self.assertNotEqual(code, 0)
        self.assertIn("audit", err)
        self.assertEqual(to.value("SELECT count(*) FROM message"), 0)
        self.assertEqual(to.value("SELECT count(*) FROM segment"), 0)
