# SPDX-License-Identifier: BSD-3-Clause
"""Several byoboxes on one PostgreSQL, each with a bearerbox and smsboxes of its own, towards one carrier."""

from pathlib import Path

from .carrier import Carrier
from .installation import NUMBER, Installation
from .process import wait_for
from .store import PgsqlStore


class Nodes:
    """names: of the nodes, whose installations are in `sites` in that order. ways: keys of pgsql-connection for each.
    options: of every Installation."""

    def __init__(self, work, cluster, names=("n1", "n2"), carrier=None, keys=None, smsboxes=None, ways=None, **options):
        self.store = PgsqlStore(cluster)
        self.store.make()
        self.carrier = carrier or Carrier()
        if not self.carrier.port:
            self.carrier.start()
        self.sites = []
        for i, name in enumerate(names):
            folder = Path(work) / name
            boxes = smsboxes[i] if smsboxes else ({},)
            store = self.store.through(**ways[i]) if ways else self.store
            self.sites.append(Installation(folder, carrier=self.carrier, store=store, smsboxes=boxes,
                                           keys={"node-id": name, **(keys or {})},
                                           numbers=((NUMBER, "carrier-a"),) if i == 0 else (),
                                           **{"binds": 1, **options}))

    def start(self):
        for site in self.sites:
            site.start()
        self.wait_bound()
        return self

    def wait_bound(self):
        for site in self.sites:
            site.bearerbox.wait_online("carrier-a")
            wait_for(lambda site=site: self.state(site) == "active", 30, lambda site=site: f"active, is {self.state(site)}")
        for site in self.sites[1:]:  # what the first one was told
            wait_for(lambda site=site: site.byobox.get("/v1/status")[1]["store"]["numbers"] == 1, 30, "the number at another node")
        return self

    @staticmethod
    def state(site):
        status, answer = site.byobox.get("/v1/integrations/carrier-a")
        return answer.get("state") if status == 200 else None

    def slot_of(self, name):
        return self.store.value("SELECT slot FROM node WHERE node = ?", name)

    def forget(self):
        for site in self.sites:
            site.forget()

    def stop(self):
        for site in self.sites:
            site.stop()

    def sanitizer_reports(self):
        return "".join(site.byobox.sanitizer_report() for site in self.sites)
