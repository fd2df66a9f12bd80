# SPDX-License-Identifier: BSD-3-Clause
"""Words for what waits, is tried again and is told: one message and its end."""

import time
from pathlib import Path

from . import boxpeer
from .boxpeer import BoxPeer, sms
from .byobox import Byobox, integration
from .carrier import Carrier
from .case import Case
from .installation import NUMBER
from .process import wait_for

TO = "+1202555{:04}"


class ReliabilityCase(Case):
    limit = 120

    def up(self, **options):
        return self.new_site(**{"binds": 1, **options}).start().wait_bound()

    def peer(self, site, box_id=None, **more):
        peer = BoxPeer.connect(site.byobox.smsbox_port, box_id, **more)
        self.addCleanup(peer.close)
        return peer

    def mt(self, site, to, text, ref=None, **more):
        return sms(**{"sender": NUMBER, "receiver": to, "msgdata": text, "coding": 0, "time": int(time.time()),
                      "sms_type": boxpeer.MT_PUSH, "charset": "UTF-8", "dlr_mask": 31,
                      "dlr_url": site.application.dlr_url(ref or to[1:]), **more})

    def events(self, site, name):
        return [e for e in site.byobox.get("/v1/events")[1]["items"] if e["name"] == name]

    def shown(self, site, id_="carrier-a"):
        return site.byobox.get(f"/v1/integrations/{id_}")[1]

    def wait_marked(self, site, recipient):
        """byobox sees a loss at its next look at bearerbox, which may be after the second answer."""
        wait_for(lambda: self.message(site, recipient=recipient)["segments"][0]["possibleDuplicate"], 10, "the mark")

    def message(self, site, **query):
        found = site.byobox.get("/v1/messages?" + "&".join(f"{k}={v}" for k, v in query.items()))[1]["items"]
        self.assertEqual(len(found), 1, found)
        return site.byobox.message(found[0]["id"])

    def final(self, site, ref, timeout=30):
        """The one final report of the whole message. One whose ack went with a link is given again: the same id."""
        site.application.wait(
            lambda: any(r.type in (1, 2, 16) for r in site.application.reports(ref)), timeout, f"the end of {ref}")
        finals = {r["id"]: r for r in site.application.reports(ref) if r.type in (1, 2, 16)}
        self.assertEqual(len(finals), 1, finals)
        return next(iter(finals.values()))


class BearerboxCase(ReliabilityCase):
    """Towards a bearerbox of raw frames."""

    def byobox(self, bearerbox, **keys):
        carrier = Carrier()
        carrier.port = 2775
        byobox = Byobox(self.folder(), None, [integration(carrier, **keys)], {
            "bearerbox-host": "127.0.0.1", "bearerbox-port": bearerbox.port,
            "bearerbox-admin-port": 1, "bearerbox-admin-password": None})
        self.addCleanup(byobox.stop)
        byobox.start(ready=False)
        byobox.wait_up()
        return byobox

    def folder(self):
        folder = Path(self.work) / self.ref[:40]
        folder.mkdir(exist_ok=True)
        return folder

    def link(self, bearerbox, box_id):
        def find():
            for peer in list(bearerbox.peers):
                ids = [f.boxc_id for f in peer.of(boxpeer.ADMIN) if f.command == boxpeer.IDENTIFY]
                if ids and not peer.closed and ids[-1] == (box_id.encode() if box_id else None):
                    return peer
            return None
        return wait_for(find, 20, f"byobox's link {box_id}")
