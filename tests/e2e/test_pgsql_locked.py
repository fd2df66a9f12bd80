# SPDX-License-Identifier: BSD-3-Clause
"""Somebody holds a lock of a whole table for long (CREATE INDEX, VACUUM FULL): nothing is taken for what it is not, and
who sends is answered."""

import contextlib
import subprocess

import test_pgsql
from byo import boxpeer, postgres
from byo.boxpeer import ACK_FAILED_TMP, BoxPeer
from byo.installation import NUMBER
from byo.process import wait_for
from test_pgsql import TO


class Locked(test_pgsql.PgsqlCase):
    limit = 150

    @contextlib.contextmanager
    def locked(self, site, table, mode):
        with subprocess.Popen(postgres.Database(self.server.port, site.store.name).argv(), text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as psql:
            psql.stdin.write(f"BEGIN; LOCK TABLE byobox.{table} IN {mode} MODE; SELECT true;\n")
            psql.stdin.flush()
            self.assertEqual(psql.stdout.readline(), "t\n")
            yield
            psql.stdin.close()

    def wait_state(self, site, state):
        wait_for(lambda: site.byobox.get("/v1/integrations")[1]["items"][0]["state"] == state, 60, state)

    def waits(self, site):
        """How many sessions wait for a lock."""
        return self.server.rows("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                f" AND datname = '{site.store.name}'")[0][0]

    def test_what_is_off_stays_off_while_its_state_cannot_be_read(self):
        site = self.site_up()
        site.byobox.wait_healthy()
        self.assertEqual(site.byobox.api("POST", "/v1/integrations/carrier-a/deactivate")[0], 202)
        self.wait_state(site, "inactive")
        site.byobox.stop()
        with self.locked(site, "integration_state", "ACCESS EXCLUSIVE"):
            site.byobox.start(ready=False)
            # The first try has failed when the second waits.
            wait_for(lambda: int(self.waits(site)) > 0, 30, "byobox to ask")
            wait_for(lambda: int(self.waits(site)) == 0, 30, "its first try to fail")
        site.byobox.wait_healthy(60)
        wanted = "SELECT wanted FROM integration_state WHERE integration = 'carrier-a'"
        wait_for(lambda: site.byobox.get("/v1/integrations")[0] == 200, 30, "the API")
        self.wait_state(site, "inactive")
        self.assertFalse(site.store.value(wanted))
        self.assertEqual(site.bearerbox.online("carrier-a"), 0)

    def test_who_sends_is_answered(self):
        site = self.site_up(smsboxes=())
        site.byobox.wait_healthy()
        peer = BoxPeer.connect(site.byobox.smsbox_port, "one")
        self.addCleanup(peer.close)

        def mt(n):
            return peer.send(boxpeer.sms(sender=NUMBER, receiver=TO.format(n), msgdata=b"text", sms_type=boxpeer.MT_PUSH,
                                         coding=0, dlr_mask=31, dlr_url="x"))
        with self.locked(site, "message", "SHARE"):
            for n in range(2):
                self.assertEqual(peer.wait_ack(mt(n).id, timeout=40)[0].nack, ACK_FAILED_TMP)
        site.byobox.wait_healthy(60)
        peer.wait_ack(mt(3).id)
        wait_for(lambda: site.carrier.submits, 30, "what came afterwards to be sent")
        self.assertEqual([s.sm.destination for s in site.carrier.submits], [TO.format(3)[1:]])
