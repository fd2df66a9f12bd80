#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The console in a browser: run.py [--images FOLDER] [NAME...]

Starts the real daemon with bearerbox, smsbox and a carrier (tests/e2e/byo), fills every screen with data, and runs
tests/browser/*.test.mjs, which drive Debian's chromium by playwright-core (install.sh puts it into .cache/browser).
What a test wants of the carrier it asks for at a port of this process. NAME is a part of a test's name. --images also
writes the pictures of the README.

Environment: BYO_BUILD_DIR as for tests/e2e/run.py; BYO_BROWSER_MODULES: where node_modules stands; CHROMIUM;
BYO_BROWSER_LIMIT: the seconds after which it hangs (900).
"""

import argparse
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
sys.path.insert(0, str(TOP / "tests/e2e"))

from byo import byobox as byo  # noqa: E402
from byo import conf, smpp  # noqa: E402
from byo.carrier import Answer, Carrier, Receipt, refuse  # noqa: E402
from byo.installation import Installation  # noqa: E402
from byo.process import end_all, free_port, run, wait_for  # noqa: E402

NUMBER, OTHER, SHORT = "+12025550100", "+12025550101", "73325"
UNKNOWN = "+12025550111"     # the carrier refuses it
BUSY = "+12025550112"        # throttled once
PASSWORD = "browser-test"
USERS = {"ops": "all", "reader": "view events", "numbers": "numbers", "support": "view opt-outs numbers send-test",
         "tester": "send-test", "adder": "add", "editor": "edit", "nobody": "deactivate"}
LIMIT = int(os.environ.get("BYO_BROWSER_LIMIT", "900"))  # seconds, after which it hangs


class Script:
    """What the carrier does with a submit."""

    def __init__(self):
        self.throttled = set()

    def __call__(self, submit):
        to = submit.sm.destination
        if to == UNKNOWN[1:]:
            return refuse(smpp.RINVDSTADR)
        if to == BUSY[1:] and to not in self.throttled:
            self.throttled.add(to)
            return refuse(smpp.RTHROTTLED)
        return Answer(receipts=(Receipt(after=0.1),))


class Site:
    """The installation, and what a test may ask it to do."""

    def __init__(self, work):
        self.work = work
        self.carrier = Carrier(accounts={"byo": "secret", "second": "secret2"})
        self.folder = work / "integrations"
        self.folder.mkdir(mode=0o750)
        key = work / "key"
        key.write_text(os.urandom(32).hex() + "\n")
        key.chmod(0o600)
        keys = {"integrations-dir": self.folder, "credentials-key-file": key, "retention": "30d",
                "keep-inbound-text": True}
        self.site = Installation(work / "site", carrier=self.carrier, keys=keys, numbers=(
            (NUMBER, "carrier-a"), (SHORT, "carrier-a")))
        self.script = Script()
        self.carrier.script = self.script
        self._add_users()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), self._handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _add_users(self):
        code, out, err = run([byo.program("byoctl"), "hash-password"], stdin=PASSWORD.encode() + b"\n")
        assert code == 0, err
        groups = "".join(conf.group("byo-user", {"username": name, "password-hash": out.strip(), "permissions": can})
                         for name, can in USERS.items())
        plain = self.site.byobox.text
        self.site.byobox.text = lambda: plain() + groups

    def _handler(self):
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                try:
                    status, answer = 200, getattr(site, "do_" + asked.pop("do"))(**asked)
                except Exception as e:  # the test that asked is told
                    status, answer = 500, f"{type(e).__name__}: {e}"
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        return Handler

    # -- what a test may ask for ----------------------------------------------------------------
    def do_mo(self, source, text, to=NUMBER, coding=0):
        data = text.encode("utf-16-be") if coding == 8 else text.encode("latin-1")
        self.carrier.mo(smpp.Sm(source=source.lstrip("+"), destination=to.lstrip("+"), source_ton=1, dest_ton=1,
                                short_message=data, data_coding=coding))

    def do_send(self, to, text, number=NUMBER):
        return self.site.send(to, text, from_=number)[0]

    def do_accounts(self, **accounts):
        self.carrier.accounts = accounts

    def do_restart(self):
        self.site.byobox.restart()

    def do_api(self, method, path, body=None):
        return self.site.byobox.api(method, path, body)

    # -- life -----------------------------------------------------------------------------------
    def start(self):
        self.site.start().wait_bound()
        self.site.wait_idle()
        self.fill()
        return self

    def fill(self):
        """Something for every screen."""
        status, answer = self.site.byobox.api("PUT", "/v1/integrations/from-folder", {
            "name": "Of the folder", "smscAddress": "127.0.0.1", "smscPort": self.carrier.port, "allowCustomPort": True,
            "useTls": False, "binds": 1, "credentials": {"systemId": "second", "password": "secret2"}})
        assert status == 201, answer
        for to, text in ((OTHER[:-1] + "9", "Hello from byobox. Your code is 482913."), (UNKNOWN, "Nobody has this number."),
                         (BUSY, "The carrier throttles this once."),
                         ("+12025550198", "Your parcel \U0001F4E6 is on its way. " * 5)):
            self.do_send(to, text)
        wait_for(lambda: self.site.byobox.api("GET", "/v1/integrations/from-folder")[1].get("state") == "active", 20,
                 "the integration of the folder")
        # A recipient writes what he likes.
        self.do_mo("+12025550150", "<img src=x onerror=alert(1)>")
        self.do_mo("+12025550151", "STOP")
        self.do_mo("+12025550152", "\u202eevil \u05d0\u05d1\u05d2 <b>bold</b>", coding=8)
        box = self.site.byobox
        wait_for(lambda: len(box.api("GET", "/v1/opt-outs")[1]["items"]) == 1, 20, "the opt-out")
        wait_for(lambda: sum(m["state"] != "active" for m in box.api("GET", "/v1/messages")[1]["items"]) >= 4, 40,
                 "the results of the messages")

    def stop(self):
        self.server.shutdown()
        self.site.stop()


def tests(site, arguments, work):
    modules = os.environ.get("BYO_BROWSER_MODULES") or str(TOP / ".cache/browser")
    told = {"url": f"http://127.0.0.1:{site.site.byobox.admin_port}", "control": site.server.server_address[1],
            "carrierPort": site.carrier.port, "password": PASSWORD, "adminPassword": byo.ADMIN_PASSWORD,
            "statusPassword": byo.STATUS_PASSWORD, "number": NUMBER, "short": SHORT, "unknown": UNKNOWN, "busy": BUSY,
            "images": str(Path(arguments.images).resolve()) if arguments.images else None, "names": arguments.names,
            "modules": modules, "work": str(work),
            "chromium": os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"}
    process = subprocess.Popen(["node", str(HERE / "run.mjs")], env={**os.environ, "BYO_SITE": json.dumps(told)},
                               start_new_session=True)
    try:
        return process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        print(f"not over after {LIMIT} s")
        return 1
    finally:
        try:
            os.killpg(process.pid, 9)
        except ProcessLookupError:
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="byo-browser-"))
    site, code = None, 1
    try:
        site = Site(work)
        site.start()
        code = tests(site, arguments, work)
    finally:
        if site:
            site.stop()
            report = site.site.byobox.sanitizer_report()
            if report:
                print(report)
                code = 1
        end_all()
        if code == 0 and not arguments.keep:
            shutil.rmtree(work, ignore_errors=True)
        else:
            print(f"logs: {work}")
    return code


if __name__ == "__main__":
    sys.exit(main())
