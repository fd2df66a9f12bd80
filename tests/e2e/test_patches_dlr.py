# SPDX-License-Identifier: BSD-3-Clause
"""Bearerbox's own DLR storage in a PostgreSQL of these days."""

import tempfile
import unittest
from pathlib import Path

from byo import boxpeer, conf, postgres
from byo.carrier import NO_RECEIPT, Receipt
from byo.installation import stock_smsc
from byo.kannel import IDLE_LINK, Bearerbox, Log
from byo.patched import MOBILE, OURS, Patched
from byo.process import wait_for

TABLE = "CREATE TABLE dlr (smsc varchar(40), ts varchar(40), source varchar(40), destination varchar(40), " \
        "service varchar(40), url varchar(255), mask int, status int, boxc varchar(40))"
STORAGE = conf.group("pgsql-connection", {"id": "pg", "host": "127.0.0.1", "username": "postgres", "password": "x",
                                          "database": "postgres", "port": None, "max-connections": 2})
FIELDS = conf.group("dlr-db", {"id": "pg", "table": "dlr", "field-smsc": "smsc", "field-timestamp": "ts",
                               "field-source": "source", "field-destination": "destination",
                               "field-service": "service", "field-url": "url", "field-mask": "mask",
                               "field-status": "status", "field-boxc-id": "boxc"})


@unittest.skipUnless(postgres.folder(), "no PostgreSQL server here")
class DlrPgsql(Patched):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = postgres.Postgres(cls.work, durable=False).start()
        cls.server.run(TABLE)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        self.server.run("DELETE FROM dlr")

    def bearerbox(self, carrier, box_id):
        work = Path(tempfile.mkdtemp(dir=self.work))
        bearerbox = Bearerbox(work, core={"dlr-storage": "pgsql"}, groups=FIELDS + STORAGE.replace(
            "id = pg\n", f"id = pg\nport = {self.server.port}\n"))
        bearerbox.smsc_conf.write_text(IDLE_LINK + stock_smsc(carrier))
        self.addCleanup(bearerbox.process.stop, 2)  # it would wait for boxes that are not here
        bearerbox.start()
        bearerbox.wait_online("carrier-a")
        box = boxpeer.BoxPeer.connect(bearerbox.smsbox_port, box_id)
        self.addCleanup(box.close)
        return bearerbox, box

    def send(self, box, n, box_id):
        for i in range(n):
            box.send(boxpeer.sms(sender=OURS, receiver=f"{MOBILE}{i:03}", msgdata=str(i), smsc_id="carrier-a",
                                 sms_type=boxpeer.MT_PUSH, coding=0, dlr_mask=31, dlr_url=f"http://x/{i}",
                                 service="app", boxc_id=box_id))

    def rows(self):
        return int(self.server.run("SELECT count(*) FROM dlr"))

    def test_entries_are_updated_and_removed(self):
        carrier = self.carrier_with()
        carrier.script = lambda s: NO_RECEIPT
        bearerbox, box = self.bearerbox(carrier, "one")
        self.send(box, 20, "one")
        box.wait_sms(20, where=lambda f: f.dlr_mask == 8)
        self.assertEqual(self.rows(), 20)
        for submit in carrier.submits:
            carrier.receipt(submit, Receipt("ENROUTE"))
        box.wait_sms(20, where=lambda f: f.dlr_mask == 4)
        self.assertEqual(self.server.run("SELECT DISTINCT status FROM dlr"), "4")
        for submit in carrier.submits:
            carrier.receipt(submit)
        box.wait_sms(20, where=lambda f: f.dlr_mask == 1)
        self.assertEqual(self.rows(), 0)
        self.assertNotIn(b"DB update failed", Log(bearerbox.work / "bearerbox.log").new())

    def test_one_of_two_equal_entries_is_removed(self):
        """An id the carrier used again: a receipt takes one entry, as ever."""
        carrier = self.carrier_with()
        carrier.script = lambda s: NO_RECEIPT
        _, box = self.bearerbox(carrier, "one")
        self.send(box, 1, "one")
        box.wait_sms(1, where=lambda f: f.dlr_mask == 8)
        self.server.run("INSERT INTO dlr SELECT * FROM dlr")
        for left in (1, 0):
            carrier.receipt(carrier.submits[0])
            self.assertEqual(self.rows(), left)

    def test_two_bearerboxes_on_one_table(self):
        """Receipts come to the other bearerbox than their messages left by, final ones beside interim ones."""
        carriers = [self.carrier_with(id_format=f"{{:08x}}{i}") for i in range(2)]
        for carrier in carriers:
            carrier.script = lambda s: NO_RECEIPT
        boxes = [self.bearerbox(c, f"box{i}")[1] for i, c in enumerate(carriers)]
        n = 200
        for i, box in enumerate(boxes):
            self.send(box, n, f"box{i}")
            box.wait_sms(n, where=lambda f: f.dlr_mask == 8)
        self.assertEqual(self.rows(), 2 * n)
        for i in range(n):
            for mine, other in (carriers, carriers[::-1]):
                submit = mine.submits[i]
                mine.receipt(submit, Receipt("ENROUTE"), wait=False)
                other.receipt(submit, Receipt(), wait=False)
        wait_for(lambda: self.rows() == 0, 30, lambda: f"an empty table, {self.rows()} left")
