#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The fault matrix: matrix.py [--kills N] [--seed S] [--minutes M] [--memory] [--patched] [--work FOLDER]

Traffic both ways through two smsboxes, byobox, bearerbox and a carrier, each a process of its own, while
all of them are killed (-9), links are cut and stalled, byobox is told to stop and to load again, at
moments that follow from the seed. Then everything is left in peace until it is quiet, and sets are
compared: what was acked, what the store says became of it, what the carrier got, what the application
was told. Figures on stdout; exit code 0 when nothing was lost and every duplicate is accounted for.

--memory: bearerbox keeps its queue in memory only, so a MO it answered may die with it (counted).
--patched: the bearerbox and smsbox of BYO_KANNEL_PREFIX with all their features: smsbox may lose nothing either.
Environment as for run.py.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from byo import boxpeer  # noqa: E402
from byo.durable_carrier import fails_for_now, plan_of, read_journal  # noqa: E402
from byo.installation import NUMBER, Installation  # noqa: E402
from byo.process import Process, free_port, wait_for  # noqa: E402
from byo.store import Unreadable, text  # noqa: E402
from byo.tap import BACK, FORTH, Tap, connected, listeners  # noqa: E402

PROGRAMS = ("smsbox", "other", "byobox", "bearerbox", "carrier")
# What happens, and how often beside the others. The first five are kills.
ACTS = (("kill smsbox", 20), ("kill other", 8), ("kill byobox", 34), ("kill bearerbox", 16), ("kill carrier", 6),
        ("stop byobox", 3), ("reload byobox", 5), ("cut inner", 5), ("cut outer", 5), ("stall inner", 3),
        ("stall outer", 3), ("cut carrier", 4), ("cut a bind", 6), ("stall carrier", 2))
FINAL = {1, 2, 16}
# What byobox may say of a message although its plan is to be delivered: the receipt died in bearerbox,
# whose memory forgets what it waits for.
LOST_RECEIPT = "NETWORK_TIMEOUT"
SMSBOX_REQUESTS = 512  # max-pending-requests of smsbox


class CarrierProcess(Process):
    """The durable carrier; the carrier an Installation wants."""

    accounts = {"byo": "secret"}
    stdin = subprocess.PIPE

    def __init__(self, work):
        self.port = free_port()
        self.journal, self.messages = Path(work) / "carrier.journal", Path(work) / "carrier.messages"
        self.messages.touch()
        super().__init__("carrier", [sys.executable, "-m", "byo.durable_carrier", self.port, self.journal,
                                     self.messages], work, cwd=HERE)

    def order(self, **values):
        try:
            self.process.stdin.write(json.dumps(values).encode() + b"\n")
            self.process.stdin.flush()
        except (OSError, ValueError):
            pass  # it was killed just now

    def mo(self, id_, from_, text):
        with open(self.messages, "ab") as f:
            f.write(json.dumps({"id": id_, "from": from_, "to": NUMBER.lstrip("+"), "text": text}).encode() + b"\n")

    def stop(self):
        super().stop(5)


# -- the plan: everything that follows from the seed ------------------------------------------------------

class Plan:
    """Texts, recipients, MOs and faults with their times, in seconds from the start."""

    def __init__(self, seed, kills, mt_rate, mo_rate, gap):
        self.random = random.Random(seed)
        self.acts = self._acts(kills, gap)
        self.seconds = self.acts[-1][0] + 3
        self.mts, self.mos = [], []
        self._messages(mt_rate)
        self._incoming(mo_rate)
        self._opt_outs()
        self.mts.sort()
        self.mos.sort()

    def _acts(self, kills, gap):
        acts, at, n = [], 3.0, 0
        names, weights = zip(*ACTS)
        while n < kills:
            name = self.random.choices(names, weights)[0]
            n += name.startswith("kill")
            acts.append((at, name, round(self.random.uniform(0.05, 1.5), 2)))
            # Now and then two at the same moment.
            at += 0.02 if self.random.random() < 0.12 else self.random.expovariate(1 / gap)
        return acts

    def _text(self, n):
        kind = self.random.random()
        words = self.random.choice(("hello", "Grüße", "Привет", "ｱｲｳ", "emoji 😀", "{}[]€"))
        if kind < 0.7:
            return f"{n} {words}"
        return f"{n} " + f"{words} " * self.random.randint(20, 60)

    def _messages(self, rate):
        at, n = 0.5, 0
        while at < self.seconds:
            plan = self.random.randint(0, 99)
            box = "smsbox" if self.random.random() < 0.7 else "other"
            self.mts.append((at, f"m{n}", box, f"+43660{plan:02}{n:06}", self._text(n)))
            at += self.random.expovariate(rate)
            n += 1

    def _incoming(self, rate):
        at, n = 0.5, 0
        while at < self.seconds:
            self.mos.append((at, f"o{n}", f"43661{n:08}", f"incoming {n}"))
            at += self.random.expovariate(rate)
            n += 1

    def _opt_outs(self):
        """Recipients that stop, and some start again, while messages to them are sent all the time."""
        for k in range(max(4, int(self.seconds / 6))):
            recipient = f"4366200{k:06}"
            stop = self.random.uniform(1, self.seconds * 0.8)
            self.mos.append((stop, f"stop{k}", recipient, "STOP"))
            if k % 2:
                self.mos.append((stop + self.random.uniform(4, 12), f"start{k}", recipient, "START"))
            for i in range(8):
                at = min(max(0.5, stop + self.random.uniform(-4, 8)), self.seconds)
                self.mts.append((at, f"k{k}.{i}", "smsbox", "+" + recipient, f"k{k}.{i} news"))


# -- the run ----------------------------------------------------------------------------------------------

class Keeper(threading.Thread):
    """Starts a process again whenever it ended, as an init system does.

    serves: for a smsbox, (the port it listens on, the port it is connected to); one that does no more is ended. Stock
    smsbox that lost its bearerbox sleeps ten seconds before it begins anew, and where that was while it started it
    never ends: its port stays open and it waits for its own thread."""

    def __init__(self, process, serves=None):
        super().__init__(daemon=True)
        self.process, self.gap, self.running = process, 0.3, True
        self.serves, self.served, self.idle_since = serves, False, None
        self.ends = []       # times it ended, in whatever way
        self.lock = threading.Lock()

    def run(self):
        while self.running:
            if self.process.alive:
                time.sleep(0.05 if self.serves is None else 0.2)
                self._end_idle()
                continue
            self.served, self.idle_since = False, None
            self.process.wait()
            self.ends.append(time.time())
            time.sleep(self.gap)
            self.gap = 0.3
            with self.lock:
                if self.running:
                    self.process.start()

    def _end_idle(self):
        if self.serves is None or not self.process.alive:
            return
        own, other = self.serves
        now = time.monotonic()
        if own in listeners() and connected(self.process.pid, other):
            self.served, self.idle_since = True, None
        elif self.idle_since is None:
            self.idle_since = now
        elif now - self.idle_since > (1.5 if self.served else 10):  # one that starts has time on a slow machine
            self.process.signal(signal.SIGKILL)

    def end(self):
        with self.lock:
            self.running = False


class Recorder:
    """What passes the two taps."""

    def __init__(self):
        self.lock = threading.Lock()
        # smsbox <-> byobox
        self.given = defaultdict(list)       # uuid -> [(connection, time)]
        self.what = {}                       # uuid -> ("report", ref, type, whole) or ("mo", sender, text)
        self.taken = defaultdict(list)       # uuid -> [(connection smsbox acked it on, as its which ack)]
        self.acks = Counter()                # connection -> acks of smsbox
        # byobox <-> bearerbox
        self.mo_taken = set()                # uuid of MOs byobox acked
        self.mo_seen = {}                    # uuid -> (sender, text)
        self.segments = []                   # (time, receiver)
        self.mo_ack_time = {}                # uuid -> time of byobox's first ack
        self.bad = []

    def _parse(self, body):
        try:
            return boxpeer.parse(body)
        except Exception as e:
            self.bad.append(repr(e))
            return None

    def inner(self, direction, connection, body, now):
        frame = self._parse(body)
        if frame is None:
            return
        with self.lock:
            if direction == BACK and frame.type == boxpeer.SMS:
                self.given[frame.id].append((connection, now))
                if frame.sms_type == boxpeer.MO:
                    self.what[frame.id] = ("mo", frame.sender.decode().lstrip("+"), frame.msgdata.decode())
                else:
                    ref = re.search(rb"ref=([a-z0-9.]+)", frame.dlr_url or b"")
                    whole = b"segment=0&" in (frame.meta_data or b"") + b"&"
                    self.what[frame.id] = ("report", ref.group(1).decode() if ref else "", frame.dlr_mask, whole)
            elif direction == FORTH and frame.type == boxpeer.ACK:
                self.taken[frame.id].append((connection, self.acks[connection]))
                self.acks[connection] += 1

    def outer(self, direction, connection, body, now):
        frame = self._parse(body)
        if frame is None:
            return
        with self.lock:
            if direction == FORTH and frame.type == boxpeer.SMS:
                self.segments.append((now, frame.receiver.decode().lstrip("+")))
            elif direction == FORTH and frame.type == boxpeer.ACK:
                self.mo_taken.add(frame.id)
                self.mo_ack_time.setdefault(frame.id, now)
            elif direction == BACK and frame.type == boxpeer.SMS and frame.sms_type == boxpeer.MO:
                self.mo_seen[frame.id] = (frame.sender.decode().lstrip("+"), frame.msgdata.decode())


class Matrix:
    def __init__(self, work, plan, memory=False, patched=False, out=None):
        self.work, self.plan, self.memory, self.patched = Path(work), plan, memory, patched
        self.say = (lambda *a: print(*a, file=out, flush=True)) if out else (lambda *a: None)
        self.recorder = Recorder()
        self.carrier = CarrierProcess(self.work)
        core = {} if memory else {"store-type": "file", "store-location": self.work / "bearerbox.store"}
        keys = {"log-level": 1}
        smsbox = {}
        if patched:
            keys["bearerbox-features"] = "all"
            smsbox = {"ack-after-delivery": True}  # nothing smsbox had may be lost then
        inner, outer = free_port(), free_port()
        self.site = Installation(
            self.work, carrier=self.carrier, core=core, keys=keys,
            smsboxes=({"name": "smsbox", "smsbox": smsbox},
                      {"name": "other", "box_id": "other", "services": "", "smsbox": smsbox}),
            messages_per_second=100, receipt_timeout="15s", retry_delay="1s", retry_max_delay="4s",
            retry_tries=30, wait_ack=3, enquire_link_interval=5,
            codes={"receipt:8": {"genericErrorCode": 2, "genericErrorCause": "OTHER_TEMPORARY_FAILURE"}})
        self.site.byobox.keys.update({"bearerbox-port": outer})
        for smsbox in self.site.smsboxes:
            smsbox.group["bearerbox-port"] = inner
        self.inner = Tap(inner, self.site.byobox.smsbox_port, self.recorder.inner)
        self.outer = Tap(outer, self.site.bearerbox.smsbox_port, self.recorder.outer)
        self.processes = {"smsbox": self.site.smsboxes[0].process, "other": self.site.smsboxes[1].process,
                          "byobox": self.site.byobox.process, "bearerbox": self.site.bearerbox.process,
                          "carrier": self.carrier}
        self.sent = {}      # ref -> HTTP status, 0: nobody knows
        self.done = Counter()
        self.kill_times = defaultdict(list)
        self.problems, self.figures = [], {}

    # -- start and stop -----------------------------------------------------------------------
    def start(self):
        self.inner.start()
        self.outer.start()
        self.carrier.start()
        boxes, self.site.smsboxes = self.site.smsboxes, []
        self.site.start()
        self.site.smsboxes = boxes
        wait_for(lambda: self.inner.port in listeners(), 10, "the tap to follow byobox")
        for smsbox in boxes:
            smsbox.start()
        wait_for(lambda: self.site.bearerbox.online("carrier-a") == 3, 30, "three binds")
        serves = {name: (smsbox.port, self.inner.port) for name, smsbox in
                  zip(("smsbox", "other"), self.site.smsboxes)}
        self.keepers = {name: Keeper(p, serves.get(name)) for name, p in self.processes.items()}
        for keeper in self.keepers.values():
            keeper.start()

    def stop(self):
        for keeper in getattr(self, "keepers", {}).values():
            keeper.end()
        self.site.stop()
        self.inner.stop()
        self.outer.stop()

    # -- traffic and faults -------------------------------------------------------------------
    def _send(self, ref, box, to, text):
        smsbox = self.site.smsboxes[0 if box == "smsbox" else 1]
        try:
            status, body = smsbox.send(to, text, NUMBER, dlr_url=self.site.application.dlr_url(ref), timeout=6)
        except OSError:
            status, body = 0, ""
        if status == 403 and "Authorization" in body:
            status = 1  # it has opened its port and not read its users yet
        self.sent[ref] = status

    def _wait(self, at):
        left = self.begun + at - time.monotonic()
        if left > 0:
            time.sleep(left)

    def _mt_thread(self):
        with ThreadPoolExecutor(24) as pool:
            for at, ref, box, to, text in self.plan.mts:
                self._wait(at)
                pool.submit(self._send, ref, box, to, text)

    def _mo_thread(self):
        for at, id_, sender, text in self.plan.mos:
            self._wait(at)
            self.carrier.mo(id_, sender, text)

    def _act(self, name, value):
        verb, _, what = name.partition(" ")
        self.done[name] += 1
        if verb == "kill":
            self.keepers[what].gap = value
            if self.processes[what].alive:
                self.kill_times[what].append(time.time())
                self.processes[what].signal(signal.SIGKILL)
        elif verb == "stop":
            self.processes[what].signal(signal.SIGTERM)
        elif verb == "reload":
            self.processes[what].signal(signal.SIGHUP)
        elif verb == "cut":
            if what == "inner":
                self.inner.cut()
            elif what == "outer":
                self.outer.cut()
            else:
                self.carrier.order(do="cut", links=1 if what == "a bind" else 0)
        elif verb == "stall":
            def stall(on):
                if what == "inner":
                    self.inner.stall(on)
                elif what == "outer":
                    self.outer.stall(on)
                else:
                    self.carrier.order(do="stall", on=on)
            stall(True)
            threading.Timer(value * 2, stall, (False,)).start()

    def run(self):
        self.begun = time.monotonic()
        threads = [threading.Thread(target=t, daemon=True) for t in (self._mt_thread, self._mo_thread)]
        for thread in threads:
            thread.start()
        told = 0
        for at, name, value in self.plan.acts:
            self._wait(at)
            self._act(name, value)
            if at - told > 60:
                told = at
                self.say(f"{at:6.0f} s  {sum(v for k, v in self.done.items() if k.startswith('kill'))} kills, "
                         f"{len(self.sent)} sent, {sum(s == 202 for s in list(self.sent.values()))} acked")
        for thread in threads:
            thread.join()
        self.traffic_seconds = time.monotonic() - self.begun

    # -- quiet --------------------------------------------------------------------------------
    def _open_ends(self):
        try:
            segments = self.site.store.value("SELECT count(*) FROM segment WHERE state < 3")
            inward = self.site.store.value("SELECT count(*) FROM inward")
        except Unreadable as e:
            return f"the store cannot be read: {e}"
        answered = {r[1] for r in read_journal(self.carrier.journal) if r[0] == "o" and r[3] == 0}
        mos = sum(1 for m in self.plan.mos if m[1] not in answered)
        return f"{segments} segments, {inward} inward rows, {mos} MOs" if segments or inward or mos else ""

    def settle(self, timeout):
        """Until nothing is open and stays so."""
        begun, quiet_since = time.monotonic(), None
        while time.monotonic() - begun < timeout:
            ends = self._open_ends()
            if ends:
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > 2:
                self.figures["seconds until quiet"] = round(time.monotonic() - begun)
                return
            time.sleep(0.5)
        self.problems.append(f"not quiet within {timeout} s: {ends}")

    # -- the sets -----------------------------------------------------------------------------
    def _read_store(self):
        messages, segments = {}, defaultdict(list)
        db = self.site.store
        for row in db.rows("SELECT m.id, m.state, m.ended, m.settled, m.segments, m.cause, m.recipient,"
                           f" m.keyword, f.frame FROM message m JOIN {db.FRAMES} f ON f.id = m.id"):
            ref = re.search(rb"ref=([a-z0-9.]+)", row[8])
            messages[row[0]] = (ref.group(1).decode() if ref else None, *map(text, row[1:8]))
        for row in db.rows("SELECT id, state, tries, flags, handed, ended, cause FROM segment"):
            segments[row[0] & ~255].append(tuple(map(text, row)))
        opts = [tuple(map(text, row)) for row in db.rows("SELECT recipient, action, time FROM opt_history ORDER BY id")]
        events = {text(name): n for name, n in db.rows("SELECT name, sum(count) AS n FROM event GROUP BY name")}
        return messages, segments, opts, events

    def compare(self):
        messages, segments, opts, events = self._read_store()
        self._compare_acked(messages)
        self._compare_states(messages, segments)
        submits = self._compare_carrier(messages, segments)
        self._compare_reports(messages)
        self._compare_incoming()
        self._compare_opt_outs(messages, segments, opts, submits)
        self.figures["events"] = events
        if self.recorder.bad:
            self.problems.append(f"frames nobody can read: {self.recorder.bad[:3]}")

    def problem(self, what, items, show=5):
        if items:
            self.problems.append(f"{what}: {len(items)}, such as {list(items)[:show]}")

    def _compare_acked(self, messages):
        rows = Counter(m[0] for m in messages.values() if m[0])
        acked = {r for r, s in self.sent.items() if s == 202}
        refused = {r for r, s in self.sent.items() if s == 403}
        self.figures.update({"MT sent": len(self.sent), "acked (202)": len(acked), "refused for good (403)": len(refused),
                             "try later (503)": sum(s == 503 for s in self.sent.values()),
                             "smsbox was not ready": sum(s == 1 for s in self.sent.values()),
                             "nobody knows (no answer)": sum(s == 0 for s in self.sent.values()),
                             "messages in the store": len(messages)})
        self.problem("acked and not in the store", acked - set(rows))
        self.problem("refused and not in the store", refused - set(rows))
        self.problem("in the store twice", [r for r, n in rows.items() if n > 1])

    def _compare_states(self, messages, segments):
        causes, unended = Counter(), []
        for id_, (ref, state, ended, settled, n, cause, _, _) in messages.items():
            rows = segments[id_]
            if state not in (1, 2) or not ended or not settled or not cause or len(rows) != n:
                unended.append((ref, state, ended, settled, cause, n, len(rows)))
            unended += [(ref, s) for s in rows if s[1] < 3 or not s[5] or not s[6]]
            causes[cause] += 1
        self.figures["final states"] = dict(causes.most_common())
        self.problem("without exactly one final state, a time and a cause", unended)

    def _compare_carrier(self, messages, segments):
        """Each segment at the carrier, and each twice-sent one explained by its mark."""
        submits, answers, failed_at = [], {}, {}
        for r in read_journal(self.carrier.journal):
            if r[0] == "s":
                submits.append(r)
            elif r[0] == "a":
                answers[r[1]] = r
            elif r[0] == "r" and fails_for_now(r[3], r[4]):
                failed_at.setdefault(r[1], r[2])
        by_key = defaultdict(list)
        for r in submits:
            text = r[6] if r[3].startswith("43662") else ""  # recipients of several messages
            by_key[(r[3], r[5], text)].append(r)
        of_recipient = defaultdict(list)
        for id_, m in messages.items():
            of_recipient[m[6].lstrip("+")].append(id_)
        extra, unmarked, reached = 0, [], Counter()
        marked = {s[0] for rows in segments.values() for s in rows if s[3] & 2}
        for (to, number, _), seen in by_key.items():
            reached[(to, number)] += 1
            more = 0
            for i, r in enumerate(seen[1:], 1):
                # An earlier one may have gone to the recipient: not refused, nor told to have failed before.
                more += any(answers.get(e[1], (0, 0, 0, 0))[3] == 0 and failed_at.get(e[1], 1e18) > r[2]
                            for e in seen[:i])
            extra += more
            ids = of_recipient.get(to, ())
            if more and not any(id_ + max(number, 1) in marked for id_ in ids):
                unmarked.append((to, number, [(r[1], r[2], answers.get(r[1])) for r in seen]))
        absent = []
        for id_, m in messages.items():
            if m[1] == 1:
                to = m[6].lstrip("+")
                absent += [(m[0], n) for n in range(1, m[4] + 1) if not reached[(to, n if m[4] > 1 else 0)]]
        self.figures.update({"submit_sm at the carrier": len(submits), "sent twice at the carrier": extra,
                             "segments marked as possible duplicates": len(marked)})
        self.problem("sent twice and not marked as possible duplicate", unmarked)
        self.problem("said to be delivered, never at the carrier", absent)
        delivering = [m for m in messages.values() if m[1] == 2 and m[0] and m[0].startswith("m")
                      and not 75 <= plan_of(m[6]) < 90]
        self.problem("failed although the carrier would deliver it, and no lost receipt is the cause",
                     [(m[0], m[5]) for m in delivering if m[5] != LOST_RECEIPT])
        self.figures["receipts bearerbox lost"] = sum(m[5] == LOST_RECEIPT for m in delivering)
        return submits

    def _smsbox_lost(self, uuid):
        """smsbox acked it, and its connection ended with that among the last requests it can have had under way: stock
        smsbox acks before its own HTTP request is done, and what it has not done dies with it. However long that takes: a
        smsbox whose byobox was killed is at it until it is ended itself."""
        return not self.patched and any(
            connection not in self.inner.pairs and self.recorder.acks[connection] - which <= SMSBOX_REQUESTS
            for connection, which in self.recorder.taken[uuid])

    def _compare_reports(self, messages):
        told = defaultdict(Counter)
        for r in self.site.application.reports():
            if r.segment == 0:
                told[r["ref"]][r.type] += 1
        given = defaultdict(list)
        for uuid, what in list(self.recorder.what.items()):
            if what[0] == "report" and what[2] in FINAL and what[3]:
                given[what[1]].append(uuid)
        missing, smsbox_lost, wrong, two = [], 0, [], []
        for ref, state in ((m[0], m[1]) for m in messages.values() if m[0]):
            final = set(told[ref]) & FINAL
            if not final:
                if any(self._smsbox_lost(u) for u in given[ref]):
                    smsbox_lost += 1
                else:
                    missing.append((ref, state, [self.recorder.given[u] for u in given[ref]]))
            elif len(final) > 1:
                two.append((ref, sorted(final)))
            elif (1 in final) != (state == 1):
                wrong.append((ref, state, sorted(final)))
            if len(given[ref]) > 1:
                two.append((ref, given[ref]))
        repeats = sum(n - 1 for types in told.values() for t, n in types.items() if t in FINAL)
        self.figures.update({"final reports at the application": sum(bool(set(t) & FINAL) for t in told.values()),
                             "final reports smsbox lost when it died": smsbox_lost,
                             "final reports told twice": repeats})
        self.problem("no final report", missing)
        self.problem("two final reports of different kinds", two)
        self.problem("a final report that is not the state in the store", wrong)

    def _compare_incoming(self):
        sent, answered = Counter(), set()
        for r in read_journal(self.carrier.journal):
            if r[0] == "m":
                sent[r[1]] += 1
            elif r[0] == "o" and r[3] == 0:
                answered.add(r[1])
        got = Counter((r["from"].lstrip("+"), r["text"]) for r in self.site.application.messages())
        given = defaultdict(list)
        for uuid, what in list(self.recorder.what.items()):
            if what[0] == "mo":
                given[what[1:]].append(uuid)
        seen = {what for uuid, what in self.recorder.mo_seen.items() if uuid in self.recorder.mo_taken}
        missing, smsbox_lost, bearerbox_lost, twice, unexplained = [], 0, 0, 0, []
        for _, id_, sender, text in self.plan.mos:
            key = (sender, text)
            if not got[key] and id_ in answered:
                if any(self._smsbox_lost(u) for u in given[key]):
                    smsbox_lost += 1
                elif self.memory and key not in seen:
                    bearerbox_lost += 1
                else:
                    missing.append((id_, key in seen))
            if got[key] > 1:
                twice += got[key] - 1
                again = sum(len(self.recorder.given[u]) - 1 for u in given[key])
                if got[key] > sent[id_] + again:
                    unexplained.append((id_, got[key], sent[id_], again))
        # Given again only when the connection it was given on before is gone.
        same = [u for u, g in self.recorder.given.items() if len({c for c, _ in g}) < len(g)]
        self.figures.update({"MO the carrier got an answer for": len(answered), "MO at the application": sum(
            1 for m in self.plan.mos if got[(m[2], m[3])]), "MO smsbox lost when it died": smsbox_lost,
            "MO bearerbox lost from its memory": bearerbox_lost, "MO told twice": twice,
            "MO the carrier sent again": sum(n - 1 for n in sent.values())})
        self.problem("MO answered and not at the application", missing)
        self.problem("MO at the application more often than sent", unexplained)
        self.problem("given twice on one connection", same)

    def _compare_opt_outs(self, messages, segments, opts, submits):
        """No segment handed over from the moment of the opt-out to the opt-in, by the store's own times
        and by what the tap saw."""
        spans = defaultdict(list)
        for recipient, action, at in opts:
            if action == "opt-out":
                spans[recipient].append([at, 1 << 62])
            elif spans[recipient]:
                spans[recipient][-1][1] = at
        late, passed = [], []
        for id_, m in messages.items():
            to = m[6].lstrip("+")
            if m[7] or to not in spans:
                continue
            late += [(m[0], s[4], span) for s in segments[id_] for span in spans[to]
                     if span[0] <= s[4] < span[1]]
        replies = Counter(m[6].lstrip("+") for m in messages.values() if m[7])
        retries = Counter(m[6].lstrip("+") for id_, m in messages.items() if m[7] for s in segments[id_] if s[2] > 1)
        for to, all_spans in spans.items():
            for begin, end in all_spans:
                seen = [t for t, receiver in self.recorder.segments
                        if receiver == to and begin / 1000 + 0.5 < t < end / 1000 - 0.5]
                if len(seen) > replies[to] + 29 * retries[to]:
                    passed.append((to, len(seen), replies[to]))
        blocked = sum(1 for m in messages.values() if m[5] == "RECIPIENT_OPTED_OUT")
        self.figures.update({"opt-outs": sum(len(s) for s in spans.values()), "MT refused for an opt-out": blocked})
        self.problem("handed over after the opt-out", late)
        self.problem("seen on the way to bearerbox after the opt-out", passed)
        stops = {m[2] for m in self.plan.mos if m[3] == "STOP"}
        if not self.memory:
            self.problem("a STOP without effect", stops - set(spans))

    # -- the figures --------------------------------------------------------------------------
    def report(self):
        kills = {name: len(times) for name, times in sorted(self.kill_times.items())}
        self.figures = {"kills": sum(kills.values()), "kills of each": kills,
                        "other faults": {k: v for k, v in sorted(self.done.items()) if not k.startswith("kill")},
                        "seconds of traffic": round(self.traffic_seconds), **self.figures}
        return self.figures


def one_run(work, seed, kills, gap=1.8, mt_rate=12, mo_rate=4, memory=False, patched=False, settle=240, out=None):
    """(figures, problems)"""
    plan = Plan(seed, kills, mt_rate, mo_rate, gap)
    matrix = Matrix(work, plan, memory, patched, out)
    try:
        matrix.start()
        matrix.run()
        matrix.settle(settle)
        matrix.compare()
        if matrix.site.byobox.sanitizer_report():
            matrix.problems.append(matrix.site.byobox.sanitizer_report())
        return matrix.report(), matrix.problems
    finally:
        matrix.stop()


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--minutes", type=float, help="spread the kills over so many minutes")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--patched", action="store_true")
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(143))
    work = arguments.work or Path(tempfile.mkdtemp(prefix="byobox-matrix-"))
    work.mkdir(parents=True, exist_ok=True)
    share = sum(w for n, w in ACTS if n.startswith("kill")) / sum(w for _, w in ACTS)
    gap = arguments.minutes * 60 * share / arguments.kills / 0.88 if arguments.minutes else 1.8
    print(f"seed {arguments.seed}, {arguments.kills} kills, logs in {work}", flush=True)
    figures, problems = one_run(work, arguments.seed, arguments.kills, gap, memory=arguments.memory,
                                patched=arguments.patched, out=sys.stdout)
    for name, value in figures.items():
        print(f"{name:45} {value}")
    (work / "figures.json").write_text(json.dumps(figures, indent=1))
    for problem in problems:
        print(f"PROBLEM {problem}")
    print("nothing was lost" if not problems else f"{len(problems)} problems; logs in {work}")
    if not problems and not arguments.work:
        shutil.rmtree(work, ignore_errors=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
