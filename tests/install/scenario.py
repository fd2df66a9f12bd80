#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The user guide's way in and out, on a machine with Debian's Kannel: scenario.py MODE [PACKAGE.deb...]

  in-out    a Kannel with one link runs, and messages wait in it. In by the guide's commands, a message through byobox;
            messages wait in both; out again. No message is lost, and nothing of byobox is left.
  message   byobox is installed already (autopkgtest): the rest of the way in, one message and its report.
  kept      while kannel.conf includes byobox's links, remove warns and purge leaves that file with the idle link;
            an upgrade and a remove keep the store.
  patched   byobox and byobox-bearerbox (both packages are given), with all features: a message and its receipt, then
            back to the distribution's programs, and a message more.

Runs as root, on the loopback alone, in a chroot or container of its own: it takes Kannel's ports and changes
/etc/kannel. Where systemd runs, byobox and Kannel are its services, and in-out also tries within the unit's sandbox
what byobox writes and reaches; else they are started by hand: Kannel by its init script, byobox as its unit says.
Times are printed.
"""

import base64
import http.server
import json
import os
import re
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "e2e"))

from byo import smpp  # noqa: E402
from byo.carrier import ACCEPT, Carrier  # noqa: E402
from byo.process import wait_for  # noqa: E402

NUMBER = "+12025550100"
KANNEL_CONF = Path("/etc/kannel/kannel.conf")
BYOBOX_CONF = Path("/etc/byobox/byobox.conf")
UNIT = "byobox.service"
SYSTEMD = Path("/run/systemd/system").is_dir()

# What an operator has: one link, one user, receipts and queues that survive a restart.
EXISTING = """# An installation somebody made long ago.
group = core
admin-port = 13000
smsbox-port = 13001
admin-password = bar
log-file = "/var/log/kannel/bearerbox.log"
box-allow-ip = "127.0.0.1"
store-type = file
store-location = "/var/log/kannel/kannel.store"

# our carrier of many years
group = smsc
smsc = smpp
smsc-id = old
host = 127.0.0.1
port = 2775
smsc-username = old
smsc-password = secret
system-type = ""
transceiver-mode = true
reconnect-delay = 1

group = smsbox
bearerbox-host = localhost
sendsms-port = 13013
log-file = "/var/log/kannel/smsbox.log"

group = sendsms-user
username = tester
password = foobar
"""

INTEGRATION = """
group = byo-smpp
integration-id = carrier-a
smsc-address = 127.0.0.1
smsc-port = 2776
use-tls = no
system-id = byo
password = secret08
messages-per-second = 20
"""


def say(text):
    print(text, flush=True)


def run(command, **more):
    """One command as an operator types it; gives what it printed."""
    begun = time.monotonic()
    done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    say(f"  # {command}   ({time.monotonic() - begun:.1f} s)")
    for line in done.stdout.splitlines()[-12:]:
        say(f"    {line}")
    if done.returncode != 0:
        if command.startswith("systemctl"):
            subprocess.run(["systemctl", "--no-pager", "--lines=30", "status", UNIT], check=False)
        raise SystemExit(f"{command}: ended with {done.returncode}\n{done.stdout}")
    return done.stdout


# -- services ----------------------------------------------------------------------------------------------------

class ByHand:
    """What systemd would do with byobox.service: condition, user, READY, stop."""

    process = None

    def unit(self, key):
        for folder in ("/lib/systemd/system", "/usr/lib/systemd/system"):
            path = Path(folder) / UNIT
            if path.exists():
                return re.findall(rf"^{key}=(.*)$", path.read_text(), re.M)
        raise SystemExit(f"{UNIT} is not installed")

    def as_user(self, command, **more):
        user = self.unit("User")[0]
        argv = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--", *shlex.split(command)]
        return subprocess.Popen(argv, cwd="/", umask=0o077, **more)

    def start(self):
        for condition in self.unit("ExecCondition"):
            if self.as_user(condition).wait() != 0:
                say(f"    {UNIT} was skipped: {condition}")
                return
        path = "/run/byobox-notify"
        Path(path).unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            os.chmod(path, 0o666)
            manager.settimeout(60)
            self.process = self.as_user(self.unit("ExecStart")[0], env={**os.environ, "NOTIFY_SOCKET": path})
            while b"READY=1" not in manager.recv(4096):
                pass

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(40)
            self.process = None


class Managed:
    """systemd does it."""

    def start(self):
        run(f"systemctl start {UNIT}")

    def stop(self):
        subprocess.run(["systemctl", "stop", UNIT], check=False, stderr=subprocess.DEVNULL)


service = Managed() if SYSTEMD else ByHand()


def kannel(verb):
    # Its pid files lag behind: a start right after a stop finds the old ones.
    subprocess.run(["/etc/init.d/kannel", verb], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def restart_byobox_and_kannel():
    """systemctl restart byobox kannel: byobox is started before, kannel stopped before."""
    if SYSTEMD:
        run("systemctl restart byobox kannel")
        return
    say("  # systemctl restart byobox kannel   (by hand: no systemd runs here)")
    kannel("stop")
    wait_for(lambda: not listens(13001), 30, "bearerbox to stop")
    service.stop()
    service.start()
    kannel("start")


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


# -- messages ----------------------------------------------------------------------------------------------------

def send(text, sender="4711", timeout=60):
    """smsbox's HTTP interface, tried until it takes the message: smsbox comes back by itself after ten seconds."""
    query = urllib.parse.urlencode({"username": "tester", "password": "foobar", "from": sender, "to": "+12025550199",
                                    "text": text})
    said = "nothing"

    def taken():
        nonlocal said
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:13013/cgi-bin/sendsms?{query}", timeout=20) as answer:
                said = f"{answer.status} {answer.read().decode()}"
                return answer.status == 202
        except urllib.error.HTTPError as error:
            said = f"{error.code} {error.read().decode()}"
        except OSError as error:
            said = str(error)
        return False
    wait_for(taken, timeout, lambda: f"smsbox to take {text!r}; it says {said}", poll=0.5)


def texts(carrier):
    return [s.sm.payload.decode("latin-1") for s in carrier.submits]


def arrived(carrier, *wanted, timeout=90):
    wait_for(lambda: set(wanted) <= set(texts(carrier)), timeout,
             lambda: f"{sorted(set(wanted) - set(texts(carrier)))} at {carrier.name}")
    for text in wanted:
        if texts(carrier).count(text) != 1:
            say(f"    note: {text} came {texts(carrier).count(text)} times to {carrier.name}")


class Gate:
    """A carrier whose port can be shut: what is sent meanwhile waits."""

    def __init__(self, name, port, account):
        self.name, self.port, self.account = name, port, account
        self.submits, self.carrier = [], None

    def open(self):
        self.carrier = Carrier(accounts=dict([self.account]), port=self.port, name=self.name,
                               script=lambda submit: self.take(submit)).start()

    def take(self, submit):
        self.submits.append(submit)
        return ACCEPT

    def shut(self):
        self.carrier.stop()
        self.carrier = None


def api(path):
    password = re.search(r"^admin-password = (\S+)$", BYOBOX_CONF.read_text(), re.M).group(1)
    request = urllib.request.Request(f"http://127.0.0.1:13010{path}")
    request.add_header("Authorization", "Basic " + base64.b64encode(f"admin:{password}".encode()).decode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


# -- the ways ----------------------------------------------------------------------------------------------------

def install_kannel():
    """The installation the operator has; START_SMSBOX as its documentation says."""
    kannel("stop")  # systemd has started it with what the package brings
    KANNEL_CONF.write_text(EXISTING)
    Path("/etc/default/kannel").write_text("START_SMSBOX=1\n")
    os.makedirs("/var/log/kannel", exist_ok=True)
    shutil.chown("/var/log/kannel", "kannel", "adm")


def add_integration():
    say(f"  # editor {BYOBOX_CONF}   (a group byo-smpp)")
    with open(BYOBOX_CONF, "a", encoding="utf-8") as conf:
        conf.write(INTEGRATION)


def property_of(name):
    return subprocess.run(["systemctl", "show", "-P", name, UNIT], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()


class Hook(http.server.BaseHTTPRequestHandler):
    posted = []

    def do_POST(self):
        self.posted.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def within_the_sandbox(carrier):
    """What byobox writes, reaches and answers while the unit is all it may do."""
    main = Path("/proc") / property_of("MainPID")
    lines = dict(line.split(":\t", 1) for line in (main / "status").read_text().splitlines() if ":\t" in line)
    if (lines["CapEff"], lines["NoNewPrivs"], lines["Seccomp"]) != ("0" * 16, "1", "2"):
        raise SystemExit(f"the sandbox is not in force: {lines}")
    mounts = {line.split()[4]: line.split()[5] for line in (main / "mountinfo").read_text().splitlines()}
    if "ro" not in mounts["/"].split(",") or "rw" not in mounts["/etc/byobox/integrations"].split(","):
        raise SystemExit(f"what it may write: {mounts}")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    text = BYOBOX_CONF.read_text()
    BYOBOX_CONF.write_text(text.replace(
        "group = byobox\n", f"group = byobox\nevent-webhook = \"http://localhost:{server.server_port}/\"\n", 1))
    run("systemctl reload byobox")
    wait_for(lambda: Hook.posted, 60, "an event at the webhook", poll=0.2)
    BYOBOX_CONF.write_text(text + "\nno = sense\n")
    if subprocess.run(["systemctl", "reload", "byobox"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        raise SystemExit("systemctl reload took a configuration byobox -t refuses")
    BYOBOX_CONF.write_text(text)
    run("systemctl reload byobox")
    log = Path("/var/log/byobox/byobox.log")
    log.rename(f"{log}.1")
    run("systemctl kill -s HUP byobox")
    wait_for(log.exists, 30, "a new log")
    carrier.carrier.mo(smpp.Sm("12025550177", NUMBER[1:], b"STOP", source_ton=1, source_npi=1, dest_ton=1, dest_npi=1))
    wait_for(lambda: api("/v1/opt-outs")["items"], 60, "the opt-out of a STOP", poll=0.5)
    with urllib.request.urlopen("http://127.0.0.1:13010/", timeout=10) as page:
        if b"<script" not in page.read():
            raise SystemExit("the console does not come")
    if (property_of("NRestarts"), property_of("ActiveState")) != ("0", "active"):
        raise SystemExit(f"{UNIT} was started again: {property_of('Result')}")
    say(f"  within the sandbox: {property_of('StatusText')}; {len(Hook.posted)} events posted")


def edit_kannel_conf(old, new):
    """In one step: a bearerbox that is told just then to read its links again would close all of them on half a file."""
    edited, now = KANNEL_CONF.with_suffix(".edited"), KANNEL_CONF.stat()
    edited.write_text(KANNEL_CONF.read_text().replace(old, new))
    edited.chmod(stat.S_IMODE(now.st_mode))
    os.chown(edited, now.st_uid, now.st_gid)
    edited.replace(KANNEL_CONF)


def edit_without_a_shell():
    """The service's user may write the folder the package made, and finds the key it made."""
    made = stat_of("/etc/byobox/integrations"), stat_of("/etc/byobox/key")
    if made != ("750 byobox:byobox", "600 byobox:byobox"):
        raise SystemExit(f"/etc/byobox/integrations, /etc/byobox/key: {made}")
    wish = {"smscAddress": "127.0.0.1", "credentials": {"systemId": "byo", "password": "secret08"}}
    Path("/root/wish.json").write_text(json.dumps(wish))
    said = run("byoctl integration put carrier-z /root/wish.json || true")
    if 'denied-smsc-id = "carrier-a;carrier-z"' not in said:  # the old link's
        raise SystemExit(f"the old link would have taken carrier-z's segments: {said}")
    edit_kannel_conf('"carrier-a"', '"carrier-a;carrier-z"')
    run("byoctl integration put carrier-z /root/wish.json")
    if stat_of("/etc/byobox/integrations/carrier-z.conf") != "600 byobox:byobox":
        raise SystemExit("carrier-z.conf: " + stat_of("/etc/byobox/integrations/carrier-z.conf"))
    run("byoctl integration delete carrier-z --yes")
    edit_kannel_conf('"carrier-a;carrier-z"', '"carrier-a"')


def way_in(carrier):
    """After the package is installed: to the first message."""
    add_integration()
    run("byoctl kannel apply")
    restart_byobox_and_kannel()
    # A bearerbox that finds the ports of the one before still taken is started again after a minute.
    wait_for(lambda: api("/v1/status")["integrations"][0]["state"] == "active", 150, "carrier-a to be active", poll=0.5)
    run(f"byoctl number import {NUMBER} --integration carrier-a --type local")
    send("the first through byobox", NUMBER)
    arrived(carrier, "the first through byobox")


def left_over():
    found = []
    for pattern in ("/etc/byobox*", "/var/lib/byobox*", "/var/log/byobox*", "/etc/kannel/*.before", "/etc/kannel/*.new",
                    "/etc/logrotate.d/byobox", "/usr/sbin/byobox", "/usr/bin/byoctl", "/var/spool/kannel/dlr"):
        found += [str(p) for p in Path("/").glob(pattern[1:])]
    return found


def in_out(package):
    old, byo = Gate("the old carrier", 2775, ("old", "secret")), Gate("carrier-a", 2776, ("byo", "secret08"))
    old.open()
    byo.open()
    install_kannel()
    kannel("start")
    send("before")
    arrived(old, "before")
    old.shut()
    waiting = [f"waits in Kannel {n}" for n in range(5)]
    for text in waiting:
        send(text)
    begun = time.monotonic()
    say("in:")
    run(f"apt-get -q -y --no-install-recommends install {package} 2>&1")
    way_in(byo)
    edit_without_a_shell()
    if SYSTEMD:
        within_the_sandbox(byo)
    say(f"in: {time.monotonic() - begun:.0f} s")
    old.open()
    arrived(old, *waiting)

    old.shut()
    byo.shut()
    for n in range(5):
        send(f"waits in Kannel again {n}")
        send(f"waits in byobox {n}", NUMBER)
    begun = time.monotonic()
    say("out:")
    drain = subprocess.Popen(["byoctl", "drain", "--wait"])
    byo.open()
    if drain.wait(300) != 0:
        raise SystemExit("byoctl drain --wait failed")
    say("  # byoctl drain --wait")
    arrived(byo, *[f"waits in byobox {n}" for n in range(5)])
    run("byoctl kannel revert")
    if not SYSTEMD:
        service.stop()  # the package's prerm does it by systemd
    run("apt-get -q -y purge byobox 2>&1")
    old.open()
    arrived(old, *[f"waits in Kannel again {n}" for n in range(5)])
    send("after")
    arrived(old, "after")
    say(f"out: {time.monotonic() - begun:.0f} s")
    kannel("stop")
    if KANNEL_CONF.read_text() != EXISTING:
        raise SystemExit(f"{KANNEL_CONF} is not what it was:\n{KANNEL_CONF.read_text()}")
    if left_over():
        raise SystemExit(f"left behind: {left_over()}")
    say("in and out: no message was lost, nothing is left behind")


def message():
    byo = Gate("carrier-a", 2776, ("byo", "secret08"))
    byo.open()
    before = {path: path.read_text() for path in (BYOBOX_CONF, KANNEL_CONF, Path("/etc/default/kannel"))}
    install_kannel()
    try:
        way_in(byo)
        wait_for(lambda: api("/v1/messages")["items"][0]["state"] == "delivered", 60, "the receipt", poll=0.5)
        if stat_of("/var/lib/byobox") != "700 byobox:byobox" or \
                stat_of("/var/lib/byobox-smsc/smsc.conf") != "640 byobox:byobox-smsc":
            raise SystemExit("store or smsc.conf: wrong owner or mode")
    finally:
        run("byoctl kannel revert")
        kannel("stop")
        service.stop()
        for path, text in before.items():
            path.write_text(text)
    say("a message went through byobox, and its receipt came back")


def delivered(carrier, text):
    send(text, NUMBER)
    arrived(carrier, text)
    wait_for(lambda: api("/v1/messages")["items"][0]["state"] == "delivered", 60, f"the receipt of {text!r}", poll=0.5)


def diverted():
    return subprocess.run(["dpkg-divert", "--list", "byobox-bearerbox"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.splitlines()


def features(value):
    """The line of the guide, set or taken out."""
    say(f"  # editor {BYOBOX_CONF}   (bearerbox-features: {value or 'none'})")
    text = re.sub(r"^bearerbox-features = .*\n", "", BYOBOX_CONF.read_text(), flags=re.M)
    if value:
        text = text.replace("group = byobox\n", f"group = byobox\nbearerbox-features = {value}\n", 1)
    BYOBOX_CONF.write_text(text)


def patched(byobox, bearerbox):
    byo = Gate("carrier-a", 2776, ("byo", "secret08"))
    byo.open()
    install_kannel()
    run(f"apt-get -q -y --no-install-recommends install {byobox} {bearerbox} 2>&1")
    if len(diverted()) != 2:
        raise SystemExit(f"not both programs are diverted: {diverted()}")
    features("all")
    way_in(byo)
    delivered(byo, "through the patched bearerbox")
    reported = [p["text"] for p in api("/v1/status")["problems"] if p.get("level") == "error"]
    if reported:
        raise SystemExit(f"status with all features: {reported}")
    features("")
    run("apt-get -q -y remove byobox-bearerbox 2>&1")
    if diverted():
        raise SystemExit(f"diversions are left: {diverted()}")
    run("dpkg --verify kannel | grep /usr/sbin && exit 1 || exit 0")
    restart_byobox_and_kannel()
    wait_for(lambda: api("/v1/status")["integrations"][0]["state"] == "active", 60, "carrier-a to be active", poll=0.5)
    delivered(byo, "through the distribution's bearerbox")
    say("byobox-bearerbox in and out: messages and receipts came through both")


def stat_of(path):
    return subprocess.run(["stat", "-c", "%a %U:%G", path], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def kept(package):
    install_kannel()
    run(f"apt-get -q -y --no-install-recommends install {package} 2>&1")
    add_integration()
    run("byoctl kannel apply")
    service.start()
    run(f"byoctl number import {NUMBER} --integration carrier-a --type local")
    service.stop()
    run(f"apt-get -q -y --no-install-recommends --reinstall install {package} 2>&1")  # as an upgrade does
    service.start()
    if NUMBER not in run("byoctl number list"):
        raise SystemExit("the upgrade lost the store")
    service.stop()
    said = run("apt-get -q -y remove byobox 2>&1")
    if "still includes" not in said or not Path("/var/lib/byobox/byobox.db").exists():
        raise SystemExit("remove did not warn, or took the store")
    run("apt-get -q -y purge byobox 2>&1")
    smsc_conf = Path("/var/lib/byobox-smsc/smsc.conf")
    if [p for p in left_over() if p not in ("/var/lib/byobox-smsc", "/etc/kannel/kannel.conf.before",
                                             "/var/spool/kannel/dlr")]:
        raise SystemExit(f"left behind: {left_over()}")
    if "byobox-idle" not in smsc_conf.read_text() or "secret08" in smsc_conf.read_text():
        raise SystemExit("purge left no idle link")
    kannel("start")
    wait_for(lambda: listens(13001), 30, "bearerbox to start with the idle link")
    kannel("stop")
    say("remove and purge keep what bearerbox needs")


def main():
    mode, *packages = sys.argv[1:] or [""]
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    Path("/usr/sbin/policy-rc.d").unlink(missing_ok=True)  # as on a machine: kannel may be restarted
    modes = {"in-out": in_out, "message": message, "kept": kept, "patched": patched}
    if mode not in modes or len(packages) != {"message": 0, "patched": 2}.get(mode, 1):
        sys.exit(__doc__)
    try:
        modes[mode](*packages)
    finally:
        service.stop()
        kannel("stop")


if __name__ == "__main__":
    main()
