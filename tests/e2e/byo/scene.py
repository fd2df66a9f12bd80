# SPDX-License-Identifier: BSD-3-Clause
"""An installation in which every screen of the console has something to show: what `demo --keep` leaves running, and
what the console is tried with."""

import itertools
import random

from . import conf, smpp
from .byobox import ADMIN_PASSWORD, integration, program
from .carrier import Answer, Receipt, refuse
from .installation import NUMBER, Installation
from .process import run

TO = "+12025550199"
REFUSED = "+12025550111"
SHORT_CODE, TOLL_FREE, BRITISH = "54321", "+18005550100", "+447700900200"
# user -> (password, permissions); admin and status are there anyway.
USERS = {"support": ("support-demo", "view numbers opt-outs events send-test"), "reader": ("reader-demo", "view events"),
         "numbers": ("numbers-demo", "numbers")}
TEXTS = ("Your code is 482913.", "Your parcel is on its way and comes today between 2 and 6 pm.",
         "Ваш заказ передан курьеру.", "You paid 49,90 € for {item}. Reply STOP and we stay silent.",
         "Your table for two is booked 🍽. See you at 7 pm!")


def script(submit):
    """The simulated carrier: one number it refuses, everything else is delivered a moment later."""
    if submit.sm.destination == REFUSED[1:]:
        return refuse(smpp.RINVDSTADR)
    return Answer(receipts=(Receipt(after=0.1, on="other" if submit.number % 3 == 0 else "same"),))


def users():
    """The groups byo-user."""
    out = ""
    for name, (password, permissions) in USERS.items():
        code, hashed, err = run([program("byoctl"), "hash-password"], stdin=password.encode() + b"\n")
        if code:
            raise AssertionError(err)
        out += conf.group("byo-user", {"username": name, "password-hash": hashed.strip(), "permissions": permissions})
    return out


def installation(work, carrier, **first):
    """With a second integration, in integrations-dir, whose password the carrier does not take."""
    folder = work / "integrations"
    folder.mkdir(mode=0o750, parents=True)
    folder.chmod(0o750)  # whatever the umask took
    site = Installation(work, carrier=carrier, keys={"integrations-dir": folder, "credentials-key-file": work / "key"},
                        name="Carrier A", **first)
    file = folder / "carrier-b.conf"
    file.write_text(conf.group("byo-smpp", integration(carrier, "carrier-b", name="Carrier B", password="outdated",
                                                       binds=1)))
    file.chmod(0o600)
    plain, groups = site.byobox.text, users()
    site.byobox.text = lambda: plain() + groups
    return site


def receive(site, text, number=NUMBER, sender=TO):
    """An inbound message."""
    site.carrier.mo(smpp.Sm(source=sender.lstrip("+"), destination=number.lstrip("+"), source_ton=1, source_npi=1,
                            dest_ton=0 if len(number) < 7 else 1, dest_npi=1, short_message=text.encode("ascii"),
                            data_coding=0))


def fill(site):
    """Numbers of every type, people who have had enough, changes by hand."""
    box = site.byobox
    for number, type_, country in ((TOLL_FREE, "toll-free", "US"), (BRITISH, "mobile", "GB")):
        box.number(number, type_=type_, country=country)
    box.number(SHORT_CODE, type_="short-code", country="US", compliance={
        "help": [{"keywords": ["HELP", "INFO"], "reply": "Orders of the demo shop. Reply STOP to end."}],
        "optOut": [{"keywords": ["STOP", "END"], "reply": "You get no more messages. Reply START to begin again."}],
        "optIn": [{"keywords": ["START"], "reply": "Welcome back."}]})
    for n, text in enumerate(("Hello, is anybody there?", "HELP", "STOP", "Thanks!")):
        receive(site, text, sender=f"+120255502{n:02}")
    receive(site, "STOP", number=SHORT_CODE, sender="+12025550210")
    receive(site, "START", number=SHORT_CODE, sender="+12025550210")
    for method, reason in (("POST", "asked by phone"), ("DELETE", "changed her mind"), ("POST", "and again")):
        status, answer = box.api(method, "/v1/opt-outs", {"number": NUMBER, "recipient": "+12025550220",
                                                          "reason": reason})
        if status not in (200, 201):
            raise AssertionError(f"{method} /v1/opt-outs: {status} {answer}")


def traffic(site, seed=1):
    """Sends a message each time it is asked for the next: to many, a tenth of them refused."""
    choice = random.Random(seed)
    for _ in itertools.count():
        to = REFUSED if choice.random() < 0.1 else f"+1202555{choice.randrange(300, 1000):04}"
        yield site.send(to, choice.choice(TEXTS), from_=choice.choice((NUMBER, NUMBER, TOLL_FREE)))


def invitation(site):
    """What to type where."""
    lines = [f"  http://127.0.0.1:{site.byobox.admin_port}/", "", f"  {'admin':10}{ADMIN_PASSWORD:16}everything"]
    lines += [f"  {name:10}{password:16}{permissions}" for name, (password, permissions) in USERS.items()]
    return "\n".join(lines)
