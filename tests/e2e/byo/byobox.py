# SPDX-License-Identifier: BSD-3-Clause
"""byobox and byoctl with a configuration made here."""

import base64
import http.client
import json
import os
import ssl
from pathlib import Path

from . import conf
from . import store as stores
from .process import Process, free_port, run, wait_for

TOP = Path(__file__).resolve().parents[3]
ADMIN_PASSWORD = "byo-admin"
STATUS_PASSWORD = "byo-status"


def basic(user, password):
    """The header that says who asks."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def program(name):
    """./byobox or ./byoctl of the build under test: BYO_BUILD_DIR, else the top folder."""
    path = Path(os.environ.get("BYO_BUILD_DIR") or TOP) / name
    if not path.exists():
        raise RuntimeError(f"{path} is not there; ./bootstrap.sh builds it")
    return path


def integration(carrier, id_="carrier-a", **keys):
    """The keys of a group byo-smpp towards a carrier of the harness; None leaves one out."""
    values = {"integration-id": id_, "smsc-address": "127.0.0.1", "smsc-port": carrier.port,
              "allow-custom-port": True, "use-tls": False, "messages-per-second": 100, "binds": 3,
              "system-id": next(iter(carrier.accounts)), "password": next(iter(carrier.accounts.values()))}
    values.update({k.rstrip("_").replace("_", "-"): v for k, v in keys.items()})
    return values


class Byobox:
    """bearerbox: a kannel.Bearerbox whose kannel.conf is included; None: port and password come from keys.
    store: where its rows are (byo/store.py); a store-path among the keys says so, too."""

    def __init__(self, work, bearerbox=None, integrations=(), keys=None, name="byobox", store=None):
        self.work = Path(work)
        keys = dict(keys or {})
        if store:
            self.store = store
        elif "store-path" in keys:
            self.store = stores.SqliteStore(keys["store-path"])
        else:
            self.store = stores.store_for(self.work, name)
        self.smsbox_port, self.admin_port = free_port(), free_port()
        self.bearerbox = bearerbox
        self.integrations = list(integrations)
        self.conf = self.work / f"{name}.conf"
        self.log = self.work / f"{name}.log"
        self.smsc_conf = bearerbox.smsc_conf if bearerbox else self.work / "smsc.conf"
        self.keys = {"box-id": "byobox", "smsbox-port": self.smsbox_port,
                     "smsbox-allow-ip": "127.0.0.1", "admin-port": self.admin_port,
                     "admin-interface": "127.0.0.1", "admin-password": ADMIN_PASSWORD,
                     "status-password": STATUS_PASSWORD, **self.store.keys(), "smsc-conf": self.smsc_conf,
                     "bearerbox-host": "127.0.0.1" if bearerbox else None,
                     "log-file": self.log, "log-level": 0}
        if os.environ.get("BYO_BEARERBOX_FEATURES"):
            self.keys["bearerbox-features"] = os.environ["BYO_BEARERBOX_FEATURES"]
        self.keys.update(keys)
        self.process = Process(name, [program("byobox"), self.conf], work, cwd=work, env={
            "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99",
            "TSAN_OPTIONS": "exitcode=99"})

    def use(self, store):
        """Another store from now on."""
        for key in self.store.keys():
            del self.keys[key]
        self.store = store
        self.keys.update(store.keys())

    def text(self):
        parts = []
        if self.bearerbox:
            parts.append(f'include = "{self.bearerbox.conf}"\n\n')
        parts.append(conf.group("byobox", self.keys))
        parts.append(self.store.groups())
        parts += [conf.group("byo-smpp", i) for i in self.integrations]
        return "".join(parts)

    def write(self):
        self.conf.write_text(self.text())
        return self.conf

    def render(self):
        """Puts the smsc groups where bearerbox includes them, as before a first start."""
        self.write()
        code, out, err = run([program("byobox"), "--render-smsc", self.conf], cwd=self.work)
        if code != 0:
            raise AssertionError(f"byobox --render-smsc ended with {code}: {err}")
        self.smsc_conf.write_text(out)
        os.chmod(self.smsc_conf, 0o600)
        return out

    def check(self):
        """byobox -t: (exit code, what it said)."""
        self.write()
        code, out, err = run([program("byobox"), "-t", self.conf], cwd=self.work)
        return code, out + err

    def start(self, ready=True):
        self.write()
        self.process.start()
        if ready:
            self.wait_healthy()
        return self

    def wait_healthy(self, timeout=30):
        wait_for(lambda: self.get("/health", user=None)[0] == 200, timeout,
                 lambda: f"byobox to be healthy, /health says {self.get('/health', user=None)}",
                 [self.process])

    def wait_up(self, timeout=30):
        """Answers at all: healthy or not."""
        wait_for(lambda: self.get("/health", user=None)[0] in (200, 503), timeout, "byobox to answer",
                 [self.process])

    # -- admin API ----------------------------------------------------------------------------
    def api(self, method, path, body=None, user=("admin", ADMIN_PASSWORD), timeout=10):
        """(status, JSON value or text); a refused connection gives (0, None)."""
        headers = {}
        if user:
            headers.update(basic(*user))
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = body if isinstance(body, (bytes, str)) else json.dumps(body)
        if self.keys.get("admin-ssl-cert-file"):
            trusting = ssl.create_default_context(cafile=self.keys["admin-ssl-cert-file"])
            trusting.check_hostname = False
            connection = http.client.HTTPSConnection("127.0.0.1", self.admin_port, timeout=timeout, context=trusting)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
        except (ConnectionError, http.client.HTTPException, ssl.SSLError):
            return 0, None
        finally:
            connection.close()
        if "json" in (answer.getheader("Content-Type") or ""):
            return answer.status, json.loads(data or b"null")
        return answer.status, data.decode("utf-8", "replace")

    def get(self, path, user=("admin", ADMIN_PASSWORD)):
        return self.api("GET", path, user=user)

    def number(self, number, integration_id="carrier-a", type_="local", **more):
        status, answer = self.api("POST", "/v1/numbers", {
            "number": number, "integration": integration_id, "type": type_, **more})
        if status != 201:
            raise AssertionError(f"POST /v1/numbers {number}: {status} {answer}")
        return answer

    def message(self, message_id):
        status, answer = self.get(f"/v1/messages/{message_id}")
        if status != 200:
            raise AssertionError(f"GET /v1/messages/{message_id}: {status} {answer}")
        return answer

    def byoctl(self, *arguments, json_=False):
        """(exit code, stdout, stderr); with json_ stdout is parsed."""
        argv = [program("byoctl"), "--config", self.conf] + (["--json"] if json_ else []) + list(arguments)
        code, out, err = run(argv, cwd=self.work)
        return code, (json.loads(out) if json_ and out.strip() else out), err

    # -- life ---------------------------------------------------------------------------------
    def kill(self):
        self.process.kill()

    def stop(self, timeout=15):
        return self.process.stop(timeout)

    def restart(self, kill=False):
        self.kill() if kill else self.stop()
        self.start()

    def sanitizer_report(self):
        said = self.process.tail(20000)
        return said if "Sanitizer" in said or "runtime error:" in said else ""
