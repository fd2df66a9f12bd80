#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Shows messages travelling: demo.py [--keep | --nodes N]

Starts Kannel's bearerbox and smsbox, byobox and a simulated carrier on the loopback and free ports, sends
six messages through smsbox's HTTP interface, prints what went over the wire and what came back for each
segment, and stops everything. --keep leaves it running until Ctrl-C, with a little traffic, and says how to send one's
own and where the console is. --nodes N: byoboxes that share a PostgreSQL instead, one of them killed (demo_nodes.py).
"""

import argparse
import shutil
import signal
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import demo_nodes  # noqa: E402
from byo import gsm, scene  # noqa: E402
from byo.carrier import Carrier  # noqa: E402
from byo.installation import NUMBER, Installation  # noqa: E402

TO, REFUSED = scene.TO, scene.REFUSED
# Seconds between two messages of --keep.
EVERY = 3

TYPES = {1: "delivered", 2: "not delivered", 4: "on its way", 8: "accepted", 16: "refused"}

MESSAGES = (
    ("A short text", TO, "Hello from byobox. Your code is 482913."),
    ("A long text with the euro sign and {}", TO,
     "Dear {name}, your order #4711 left our warehouse today. You paid 49,90 € for {item} [size M]. "
     "Track it at example.com/t?id={4711} or answer STOP and we stay silent. Thank you for shopping "
     "with us and see you soon!"),
    ("Cyrillic", TO, "Ваш заказ 4711 передан курьеру и будет у вас сегодня с 14 до 18 часов. "
                     "Код для получения: 482913. Никому его не сообщайте. Спасибо за покупку!"),
    ("Kana that fits JIS X 0201", TO, "ｵﾆﾓﾂ ｶﾞ ﾄﾄﾞｷﾏｼﾀ｡ ﾊﾞﾝｺﾞｳ: 4711"),
    ("Emoji over three segments", TO,
     "Your parcel 📦 is on its way 🚚. The driver rings twice 🔔🔔. Nobody home? It waits at the shop "
     "on the corner 🏪 until Saturday. Bring this message 📱 and an ID. Have a nice day 🌞 and thank you!"),
    ("One the carrier refuses", REFUSED, "This number does not exist."),
)


def say(text=""):
    print(text, flush=True)


def wrapped(label, text):
    say(textwrap.fill(text, 100, initial_indent=f"  {label:9}", subsequent_indent=" " * 11,
                      break_long_words=False))


def hex_of(octets, n=16):
    shown = octets[:n].hex(" ")
    return shown + (" ..." if len(octets) > n else "")


def verdict(byo):
    text = f"{byo.get('code', '')} {byo.get('cause', '')}"
    return text + (f", carrier's code {byo['carrier-code']}" if byo.get("carrier-code") else "")


def show_wire(site, submits):
    number_of = {link.number: n for n, link in enumerate(site.carrier.bound(), 1)}
    for submit in sorted(submits, key=lambda s: (s.sm.concat or (0, 1, 1))[2]):
        sm = submit.sm
        _, total, number = sm.concat or (0, 1, 1)
        answer = "ok, id " + submit.message_id if submit.answer.status == 0 else \
            f"error 0x{submit.answer.status:08x}"
        say(f"  wire     {number}/{total}  bind {number_of.get(submit.link.number, '?')}  "
            f"dcs {sm.data_coding}  {len(sm.payload):3} octets: {hex_of(sm.payload)}  -> {answer}")


def show_reports(reports):
    for report in sorted(reports, key=lambda r: (r.segment == 0, r.segment, r.number)):
        who = "message  " if report.segment == 0 else f"{report.segment}/{report.byo.get('segments', '?')}      "
        say(f"  back     {who}{TYPES[report.type]:14}{verdict(report.byo)}")


def send(site, number, title, to, text):
    ref = f"demo-{number}"
    say(f"{number}. {title}")
    wrapped("text", text)
    status, body = site.send(to, text, ref)
    say(f"  smsbox   HTTP {status} {body}")

    def done():
        return [r for r in site.application.reports(ref) if r.segment == 0 and r.type in (1, 2, 16)]
    site.application.wait(done, 30, "the final report of the message")
    submits = [s for s in site.carrier.submits if s.sm.destination == to[1:]]
    total = (submits[0].sm.concat or (0, 1, 1))[1]
    segments = set(range(1, total + 1))
    site.application.wait(
        lambda: segments <= {r.segment for r in site.application.reports(ref) if r.type in (1, 2, 16)},
        30, "the final report of each segment")
    show_wire(site, submits)
    show_reports(site.application.reports(ref))
    first = submits[0].sm
    if any(s.answer.status for s in submits):
        say("  handset  gets nothing")
    elif first.data_coding in (0, 1, 2, 3, 5, 6, 7, 8):
        same = gsm.whole_text(submits) == text
        say(f"  handset  {'shows exactly this text' if same else 'SHOWS ANOTHER TEXT'}")
        if not same:
            raise SystemExit("the text was changed on its way")
    say()
    site.forget()
    site.carrier.script = scene.script


def keep(site):
    report = f"http://127.0.0.1:{site.application.port}/dlr?type=%d&meta=%D"
    url = (f"http://127.0.0.1:{site.smsbox.port}/cgi-bin/sendsms?username=app&password=app"
           f"&from={quote(NUMBER)}&to={quote(TO)}&charset=UTF-8&coding=2&dlr-mask=31"
           f"&dlr-url={quote(report)}&text=")
    say("Everything keeps running. Send your own, with any text after text= (URL-encoded):\n")
    say(f"  curl '{url}{quote('Привет {€}')}'\n")
    say(f"The carrier refuses messages to {REFUSED}. Look in with\n")
    say(f"  ./byoctl --config {site.byobox.conf} status\n")
    say("or, in a browser, with the console:\n")
    say(scene.invitation(site) + "\n")
    say(f"There is a message every {EVERY} seconds. What comes back is printed here. Ctrl-C stops everything.\n")
    seen = seen_submits = 0
    traffic, last = scene.traffic(site), time.monotonic()
    while True:
        time.sleep(0.3)
        if time.monotonic() - last >= EVERY:
            next(traffic)
            last = time.monotonic()
        requests, submits = list(site.application.requests), list(site.carrier.submits)
        show_wire(site, submits[seen_submits:])
        show_reports(r for r in requests[seen:] if r.path == "/dlr")
        seen, seen_submits = len(requests), len(submits)


def interrupted(number, frame):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")
    parser.add_argument("--nodes", type=int, metavar="N", help="N byoboxes on one PostgreSQL, one killed in the middle")
    arguments = parser.parse_args()
    if arguments.nodes:
        return demo_nodes.main(arguments.nodes)
    signal.signal(signal.SIGTERM, interrupted)
    work = Path(tempfile.mkdtemp(prefix="byobox-demo-"))
    carrier = Carrier(script=scene.script)
    make = scene.installation if arguments.keep else Installation
    site = make(work, carrier=carrier, reports="both", messages_per_second=20)
    good = False
    try:
        say("Starting bearerbox, byobox, smsbox and a simulated carrier ...")
        site.start().wait_bound()
        say(f"\n  application -HTTP-> smsbox :{site.smsbox.port} -> byobox :{site.byobox.smsbox_port} -> "
            f"bearerbox :{site.bearerbox.smsbox_port} -SMPP-> carrier :{carrier.port} "
            f"({len(carrier.bound())} binds)\n")
        for number, (title, to, text) in enumerate(MESSAGES, 1):
            send(site, number, title, to, text)
        if arguments.keep:
            scene.fill(site)
            keep(site)
        good = True
    except KeyboardInterrupt:
        good = True
    finally:
        site.stop()
        if good:
            shutil.rmtree(work, ignore_errors=True)
            say("Stopped.")
        else:
            say(f"Something went wrong; the logs are in {work}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
