# SPDX-License-Identifier: BSD-3-Clause
"""A whole installation: application, smsbox, byobox, bearerbox, carrier; on the loopback, below one folder.

    application <-HTTP-> smsbox <-> byobox <-> bearerbox <-SMPP-> carrier

stock=True leaves byobox out: smsbox speaks to bearerbox, whose smsc groups are written here.
"""

import json
from pathlib import Path

from . import byobox as byo
from . import conf
from .application import Application
from .carrier import Carrier
from .kannel import IDLE_LINK, Bearerbox, Smsbox
from .process import wait_for

NUMBER = "+12025550100"


def stock_smsc(carrier, id_="carrier-a", binds=1, **keys):
    """A group smsc for bearerbox without byobox."""
    values = {"smsc": "smpp", "smsc-id": id_, "allowed-smsc-id": id_, "host": "127.0.0.1",
              "port": carrier.port, "transceiver-mode": True, "instances": binds,
              "smsc-username": next(iter(carrier.accounts)),
              "smsc-password": next(iter(carrier.accounts.values())), "system-type": "",
              "reconnect-delay": 1, "log-level": 0}
    values.update({k.replace("_", "-"): v for k, v in keys.items()})
    return conf.group("smsc", values)


class Installation:
    """integrations: byobox.integration() values; default one towards `carrier`, with the rows `codes` as its
    protocolSpecificCodeMapping. smsboxes: keyword
    arguments for each Smsbox, the first being the one in kannel.conf. groups: more of kannel.conf."""

    def __init__(self, work, stock=False, carrier=None, integrations=None, smsboxes=({},), core=None,
                 groups="", keys=None, numbers=((NUMBER, "carrier-a"),), stock_groups=None, codes=None,
                 store=None, **first):
        self.work = Path(work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.stock, self.numbers = stock, numbers
        self.carrier = carrier or Carrier()
        if isinstance(self.carrier, Carrier) and not self.carrier.port:
            self.carrier.start()
        self.application = Application()
        self.bearerbox = Bearerbox(self.work, core=core)
        self.byobox = None
        if stock:
            self.bearerbox.smsc_conf.write_text(
                IDLE_LINK + (stock_smsc(self.carrier, **first) if stock_groups is None else stock_groups))
        else:
            if codes is not None:
                first["advanced_config"] = self.work / "advanced.json"
                first["advanced_config"].write_text(json.dumps({"protocolSpecificCodeMapping": codes}))
            if integrations is None:
                integrations = [byo.integration(self.carrier, **first)]
            self.byobox = byo.Byobox(self.work, self.bearerbox, integrations, keys, store=store)
        port = self.bearerbox.smsbox_port if stock else self.byobox.smsbox_port
        self.smsboxes = [self._smsbox(port, dict(s)) for s in smsboxes]
        if self.smsboxes:
            first_box = self.smsboxes[0]
            self.bearerbox.smsbox = dict(first_box.group)
            self.bearerbox.groups = first_box.groups() + groups
        else:
            self.bearerbox.groups = groups

    def _smsbox(self, port, values):
        services = values.pop("services", None)
        if services is None:
            services = conf.group("sms-service", {
                "keyword": "default", "catch-all": True, "concatenation": True, "max-messages": 255,
                "omit-empty": True, "get-url": self.application.url(f"/{values.pop('path', 'mo')}")})
        return Smsbox(self.work, self.bearerbox, port, services=services, **values)

    @property
    def smsbox(self):
        return self.smsboxes[0]

    def start(self):
        self.bearerbox.write()
        if self.byobox:
            self.byobox.render()
        self.bearerbox.start()
        if self.byobox:
            self.byobox.start()
            for number, integration_id in self.numbers:
                digits = number.lstrip("+")
                if len(digits) <= 6:
                    self.byobox.number(number, integration_id, "short-code", country="US", compliance={
                        "help": {"keywords": ["HELP"], "reply": "Help."},
                        "optOut": {"keywords": ["STOP"], "reply": "Stopped."},
                        "optIn": {"keywords": ["START"], "reply": "Started."}})
                else:
                    self.byobox.number(number, integration_id)
        for smsbox in self.smsboxes:
            smsbox.start()
        return self

    def wait_bound(self, binds=None):
        """All binds of all integrations are up, at the carrier and by bearerbox's own word."""
        if self.stock:
            self.carrier.wait_bound(binds or 1)
            return self
        groups = self.byobox.integrations
        self.carrier.wait_bound(binds or sum(int(i.get("binds", 3)) for i in groups))
        for i in groups:
            self.bearerbox.wait_online(i.get("receives-for") or i["integration-id"])
        return self

    def wait_idle(self):
        """byobox's links to bearerbox are up: nothing sent now waits for one of them."""
        wait_for(lambda: len(self.bearerbox.boxes()) >= 1, 30, "a box at bearerbox")

    def send(self, to, text, ref=None, from_=NUMBER, **more):
        """Through the first smsbox; a ref asks for reports, found again by application.reports(ref)."""
        url = self.application.dlr_url(ref) if ref else None
        return self.smsbox.send(to, text, from_, dlr_url=url, **more)

    @property
    def store(self):
        """What byobox wrote down (byo/store.py)."""
        return self.byobox.store

    def forget(self):
        """Empties what carrier and application recorded, for the next test."""
        self.carrier.forget()
        self.application.forget()

    def stop(self):
        for smsbox in self.smsboxes:
            smsbox.stop(5)
        if self.byobox:
            self.byobox.stop()
        self.bearerbox.process.stop(5)
        self.carrier.stop()
        self.application.stop()
