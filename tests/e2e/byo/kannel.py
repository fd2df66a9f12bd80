# SPDX-License-Identifier: BSD-3-Clause
"""Debian's bearerbox and smsbox (or those below BYO_KANNEL_PREFIX), each with a configuration made here."""

import contextlib
import http.client
import os
import shutil
import signal
import urllib.parse
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from . import conf
from .process import Gone, Process, free_port, listening, wait_for

ADMIN_PASSWORD = "bearer"
IDLE_LINK = conf.group("smsc", {"smsc": "loopback", "smsc-id": "byobox-idle",
                                "allowed-smsc-id": "byobox-idle"})


def _read(path):
    try:
        return path.read_bytes()
    except OSError:  # the process has ended
        return b""


def program(name):
    prefix = os.environ.get("BYO_KANNEL_PREFIX")
    places = [f"{prefix}/sbin", f"{prefix}/bin"] if prefix else ["/usr/sbin", "/usr/bin", "/usr/local/sbin"]
    found = shutil.which(name, path=os.pathsep.join(places))
    if not found:
        raise RuntimeError(f"{name} not found in {places}; ./bootstrap.sh installs Kannel")
    return found


def http_get(port, path, timeout=10, **query):
    """(status, body) from a service on the loopback; a refused connection gives (0, b"")."""
    if query:
        path += "?" + urllib.parse.urlencode(query)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (ConnectionError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


class Log:
    """A log file, and what came into it since mark()."""

    def __init__(self, path):
        self.path, self.seen = Path(path), 0

    def mark(self):
        self.seen = self.path.stat().st_size if self.path.exists() else 0

    def new(self):
        try:
            with open(self.path, "rb") as f:
                f.seek(self.seen)
                return f.read()
        except OSError:
            return b""


class Bearerbox:
    """core: more keys of group = core. groups: text with further groups. smsc_conf: the file that holds
    the smsc groups; it is made with the idle link when it is not there."""

    def __init__(self, work, core=None, groups="", smsc_conf=None, smsbox=None):
        self.work = Path(work)
        self.admin_port, self.smsbox_port = free_port(), free_port()
        self.smsc_conf = Path(smsc_conf or self.work / "smsc.conf")
        self.conf = self.work / "kannel.conf"
        self.core = {"admin-port": self.admin_port, "admin-password": ADMIN_PASSWORD,
                     "admin-interface": "127.0.0.1", "smsbox-port": self.smsbox_port,
                     "smsbox-interface": "127.0.0.1", "box-allow-ip": "127.0.0.1",
                     "log-file": self.work / "bearerbox.log", "log-level": 0,
                     "sms-resend-retry": 1000000, "sms-resend-freq": 2}
        self.core.update(core or {})
        self.groups = groups
        self.smsbox = smsbox or {"sendsms-port": free_port()}
        if not self.smsc_conf.exists():
            self.smsc_conf.write_text(IDLE_LINK)
        self.process = Process("bearerbox", [program("bearerbox"), "-v", "4", self.conf], work, cwd=work)
        self._log = Log(self.work / "bearerbox.log")

    def write(self):
        self.conf.write_text(conf.group("core", self.core) + f'include = "{self.smsc_conf}"\n\n'
                             + conf.group("smsbox", self.smsbox) + self.groups)

    def start(self, ready=True):
        self.write()
        self._log.mark()
        self.process.start()
        if not ready:
            return self
        try:
            self.wait_ready()
        except Gone:
            # Stock bearerbox starts its links while it still reads its groups, and once in some hundred starts
            # corrupts its heap over it. A supervisor starts it again; so does this, once.
            if self.process.code not in (-signal.SIGABRT, -signal.SIGSEGV):
                raise
            self.process.start()
            self.wait_ready()
        return self

    def wait_ready(self, timeout=30):
        # Probing the box port would cost a second: bearerbox takes one connection in each.
        wait_for(lambda: b"entering mainloop" in self._log.new() and self.status() is not None, timeout,
                 "bearerbox to answer", [self.process])

    def status(self):
        code, body = http_get(self.admin_port, "/status.xml", password=ADMIN_PASSWORD)
        if code != 200:
            return None
        try:
            return ElementTree.fromstring(body)
        except ElementTree.ParseError:
            return None  # caught in the middle of a restart

    def boxes(self):
        """[(type, id, ip)] of the connected boxes."""
        status = self.status()
        return [] if status is None else [(b.findtext("type"), b.findtext("id"), b.findtext("IP"))
                                          for b in status.iter("box")]

    def links(self):
        """[(id, admin id, status text)] of the SMSC links."""
        status = self.status()
        return [] if status is None else [(s.findtext("id"), s.findtext("admin-id"), s.findtext("status"))
                                          for s in status.iter("smsc")]

    def online(self, smsc_id):
        return sum(1 for i, _, s in self.links() if i == smsc_id and (s or "").startswith("online"))

    def ages(self, smsc_id):
        """Of its links that are online, in whole seconds."""
        return [int(s.split()[1].rstrip("s")) for i, _, s in self.links()
                if i == smsc_id and (s or "").startswith("online ")]

    def wait_online(self, smsc_id, n=1, timeout=30):
        wait_for(lambda: self.online(smsc_id) >= n, timeout,
                 lambda: f"{n} link(s) {smsc_id} online, there are {self.links()}", [self.process])

    def command(self, name, **query):
        return http_get(self.admin_port, f"/{name}", password=ADMIN_PASSWORD, **query)

    def kill(self):
        self.process.kill()

    def stop(self):
        self.process.stop()

    def restart(self, kill=False):
        self.kill() if kill else self.stop()
        self.start()


class Smsbox:
    """port: where it finds its bearerbox (or byobox). box_id None: anonymous."""

    count = 0

    def __init__(self, work, bearerbox, port=None, box_id=None, name=None, smsbox=None, services="",
                 user=None):
        Smsbox.count += 1
        self.work, self.bearerbox = Path(work), bearerbox
        self.box_id = box_id
        self.name = name or f"smsbox-{box_id or 'anonymous'}-{Smsbox.count}"
        self.port = free_port()
        self._log = Log(self.work / f"{self.name}.log")
        self.conf = self.work / f"{self.name}.conf"
        self.group = {"smsbox-id": box_id, "bearerbox-host": "127.0.0.1",
                      "bearerbox-port": port or bearerbox.smsbox_port, "sendsms-port": self.port,
                      "sendsms-interface": "127.0.0.1", "log-file": self._log.path, "log-level": 0,
                      "http-request-retry": 20, "http-queue-delay": 1}
        self.group.update(smsbox or {})
        self.user = {"username": "app", "password": "app", "concatenation": True, "max-messages": 255}
        self.user.update(user or {})
        self.services = services
        self.process = Process(self.name, [program("smsbox"), "-v", "4", self.conf], work, cwd=work)

    def groups(self):
        """What stands in the installation's kannel.conf beside group = smsbox."""
        return conf.group("sendsms-user", self.user) + self.services

    def start(self, ready=True):
        # The one-file installation, as people have it; only group = smsbox differs between smsboxes.
        core = dict(self.bearerbox.core)
        self.conf.write_text(conf.group("core", core) + conf.group("smsbox", self.group) + self.groups())
        self._log.mark()
        self.process.start()
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self, timeout=30):
        wait_for(lambda: listening(self.port) and b"Connected to bearerbox" in self._log.new(), timeout,
                 f"{self.name} to connect", [self.process])

    def kill(self):
        self.process.kill()
        self._end_heirs()

    def stop(self, timeout=10):
        self.process.stop(timeout)
        self._end_heirs()

    def _end_heirs(self):
        """A smsbox whose bearerbox went away starts a new one in its place, a process nobody here started."""
        wait_for(lambda: not self._heirs(), 10, f"the heirs of {self.name} to end")

    def _heirs(self):
        found = [int(p.parent.name) for p in Path("/proc").glob("[0-9]*/cmdline")
                 if str(self.conf).encode() in _read(p)]
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return found

    def restart(self, kill=False):
        self.kill() if kill else self.stop()
        self.start()

    def request(self, timeout=30, **parameters):
        """sendsms as it is: (HTTP status, body). Values: text is sent as UTF-8, octets as they are."""
        query = {k.rstrip("_").replace("_", "-"): v for k, v in parameters.items() if v is not None}
        query = {"username": "app", "password": "app", **query}
        status, body = http_get(self.port, "/cgi-bin/sendsms", timeout, **query)
        return status, body.decode("utf-8", "replace")

    def send(self, to, text, from_, dlr_url=None, dlr_mask=31, **more):
        """A text as the user guide recommends: UTF-8 in, coding 2, so that smsbox spoils nothing."""
        parameters = {"to": to, "text": text, "from_": from_, "charset": "UTF-8", "coding": 2}
        if dlr_url:
            parameters.update(dlr_url=dlr_url, dlr_mask=dlr_mask)
        parameters.update(more)
        return self.request(**parameters)
