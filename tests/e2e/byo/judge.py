# SPDX-License-Identifier: BSD-3-Clause
"""What passed the taps of a run of the fault matrix, and what became of everything in it."""

import re
import threading
from collections import Counter, defaultdict

from . import boxpeer
from .durable_carrier import fails_for_now, plan_of, read_journal
from .store import text
from .tap import BACK, FORTH

FINAL = {1, 2, 16}
# What byobox may say of a message although its plan is to be delivered: the receipt died in bearerbox,
# whose memory forgets what it waits for.
LOST_RECEIPT = "NETWORK_TIMEOUT"
SMSBOX_REQUESTS = 512  # max-pending-requests of smsbox


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
        self.segments = []                   # (time, receiver, octets)
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
                self.segments.append((now, frame.receiver.decode().lstrip("+"), frame.msgdata))
            elif direction == FORTH and frame.type == boxpeer.ACK:
                self.mo_taken.add(frame.id)
                self.mo_ack_time.setdefault(frame.id, now)
            elif direction == BACK and frame.type == boxpeer.SMS and frame.sms_type == boxpeer.MO:
                self.mo_seen[frame.id] = (frame.sender.decode().lstrip("+"), frame.msgdata.decode())


class Judge:
    """Compares the sets of a run (a Matrix) that has come to rest, into its figures and problems."""

    def __init__(self, run):
        self.run = run

    def _read_store(self):
        messages, segments = {}, defaultdict(list)
        db = self.run.site.store
        for row in db.rows("SELECT m.id, m.state, m.ended, m.settled, m.segments, m.cause, m.recipient,"
                           f" m.keyword, f.frame FROM message m JOIN {db.FRAMES} f ON f.id = m.id"):
            ref = re.search(rb"ref=([a-z0-9.]+)", row[8])
            messages[row[0]] = (ref.group(1).decode() if ref else None, *map(text, row[1:8]))
        for row in db.rows("SELECT id, state, tries, flags, handed, ended, cause, payload FROM segment"):
            segments[row[0] & ~255].append((*map(text, row[:7]), row[7]))
        opts = [tuple(map(text, row)) for row in db.rows("SELECT recipient, action, time, id FROM opt_history ORDER BY id")]
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
        self.run.figures["events"] = events
        if self.run.recorder.bad:
            self.run.problems.append(f"frames nobody can read: {self.run.recorder.bad[:3]}")

    def problem(self, what, items, show=5):
        if items:
            self.run.problems.append(f"{what}: {len(items)}, such as {list(items)[:show]}")

    def _compare_acked(self, messages):
        rows = Counter(m[0] for m in messages.values() if m[0])
        acked = {r for r, s in self.run.sent.items() if s == 202}
        refused = {r for r, s in self.run.sent.items() if s == 403}
        self.run.figures.update({"MT sent": len(self.run.sent), "acked (202)": len(acked), "refused for good (403)": len(refused),
                             "try later (503)": sum(s == 503 for s in self.run.sent.values()),
                             "smsbox was not ready": sum(s == 1 for s in self.run.sent.values()),
                             "nobody knows (no answer)": sum(s == 0 for s in self.run.sent.values()),
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
        self.run.figures["final states"] = dict(causes.most_common())
        self.problem("without exactly one final state, a time and a cause", unended)

    def _compare_carrier(self, messages, segments):
        """Each segment at the carrier, and each twice-sent one explained by its mark."""
        submits, answers, failed_at = [], {}, {}
        for r in read_journal(self.run.carrier.journal):
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
        # A STOP the carrier gives again behind the START that followed it is answered once more, in the same words.
        alike = Counter((m[6].lstrip("+"), (s[7] or b"").hex()) for id_, m in messages.items() for s in segments[id_])
        extra, unmarked, reached = 0, [], Counter()
        marked = {s[0] for rows in segments.values() for s in rows if s[3] & 2}
        for (to, number, said), seen in by_key.items():
            reached[(to, number)] += 1
            more = 0
            for i, r in enumerate(seen[1:], 1):
                # An earlier one may have gone to the recipient: not refused, nor told to have failed before.
                more += any(answers.get(e[1], (0, 0, 0, 0))[3] == 0 and failed_at.get(e[1], 1e18) > r[2]
                            for e in seen[:i])
            more = max(0, more - max(0, alike[(to, said)] - 1))
            extra += more
            ids = of_recipient.get(to, ())
            if more and not any(id_ + max(number, 1) in marked for id_ in ids):
                unmarked.append((to, number, [(r[1], r[2], answers.get(r[1])) for r in seen]))
        absent = []
        for id_, m in messages.items():
            if m[1] == 1:
                to = m[6].lstrip("+")
                absent += [(m[0], n) for n in range(1, m[4] + 1) if not reached[(to, n if m[4] > 1 else 0)]]
        self.run.figures.update({"submit_sm at the carrier": len(submits), "sent twice at the carrier": extra,
                             "segments marked as possible duplicates": len(marked)})
        self.problem("sent twice and not marked as possible duplicate", unmarked)
        self.problem("said to be delivered, never at the carrier", absent)
        delivering = [m for m in messages.values() if m[1] == 2 and m[0] and m[0].startswith("m")
                      and not 75 <= plan_of(m[6]) < 90]
        self.problem("failed although the carrier would deliver it, and no lost receipt is the cause",
                     [(m[0], m[5]) for m in delivering if m[5] != LOST_RECEIPT])
        self.run.figures["receipts bearerbox lost"] = sum(m[5] == LOST_RECEIPT for m in delivering)
        return submits

    def smsbox_lost(self, uuid):
        """smsbox acked it, and its connection ended with that among the last requests it can have had under way: stock
        smsbox acks before its own HTTP request is done, and what it has not done dies with it. However long that takes: a
        smsbox whose byobox was killed is at it until it is ended itself."""
        return not self.run.patched and any(
            connection not in self.run.inner.pairs and self.run.recorder.acks[connection] - which <= SMSBOX_REQUESTS
            for connection, which in self.run.recorder.taken[uuid])

    def _compare_reports(self, messages):
        told = defaultdict(Counter)
        for r in self.run.site.application.reports():
            if r.segment == 0:
                told[r["ref"]][r.type] += 1
        given = defaultdict(list)
        for uuid, what in list(self.run.recorder.what.items()):
            if what[0] == "report" and what[2] in FINAL and what[3]:
                given[what[1]].append(uuid)
        missing, smsbox_lost, wrong, two = [], 0, [], []
        for ref, state in ((m[0], m[1]) for m in messages.values() if m[0]):
            final = set(told[ref]) & FINAL
            if not final:
                if any(self.smsbox_lost(u) for u in given[ref]):
                    smsbox_lost += 1
                else:
                    missing.append((ref, state, [self.run.recorder.given[u] for u in given[ref]]))
            elif len(final) > 1:
                two.append((ref, sorted(final)))
            elif (1 in final) != (state == 1):
                wrong.append((ref, state, sorted(final)))
            if len(given[ref]) > 1:
                two.append((ref, given[ref]))
        repeats = sum(n - 1 for types in told.values() for t, n in types.items() if t in FINAL)
        self.run.figures.update({"final reports at the application": sum(bool(set(t) & FINAL) for t in told.values()),
                             "final reports smsbox lost when it died": smsbox_lost,
                             "final reports told twice": repeats})
        self.problem("no final report", missing)
        self.problem("two final reports of different kinds", two)
        self.problem("a final report that is not the state in the store", wrong)

    def _compare_incoming(self):
        sent, answered = Counter(), set()
        for r in read_journal(self.run.carrier.journal):
            if r[0] == "m":
                sent[r[1]] += 1
            elif r[0] == "o" and r[3] == 0:
                answered.add(r[1])
        got = Counter((r["from"].lstrip("+"), r["text"]) for r in self.run.site.application.messages())
        given = defaultdict(list)
        for uuid, what in list(self.run.recorder.what.items()):
            if what[0] == "mo":
                given[what[1:]].append(uuid)
        seen = {what for uuid, what in self.run.recorder.mo_seen.items() if uuid in self.run.recorder.mo_taken}
        missing, smsbox_lost, bearerbox_lost, twice, unexplained = [], 0, 0, 0, []
        for _, id_, sender, text in self.run.plan.mos:
            key = (sender, text)
            if not got[key] and id_ in answered:
                if any(self.smsbox_lost(u) for u in given[key]):
                    smsbox_lost += 1
                elif self.run.memory and key not in seen:
                    bearerbox_lost += 1
                else:
                    missing.append((id_, key in seen))
            if got[key] > 1:
                twice += got[key] - 1
                again = sum(len(self.run.recorder.given[u]) - 1 for u in given[key])
                if got[key] > sent[id_] + again:
                    unexplained.append((id_, got[key], sent[id_], again))
        # Given again only when the connection it was given on before is gone.
        same = [u for u, g in self.run.recorder.given.items() if len({c for c, _ in g}) < len(g)]
        self.run.figures.update({"MO the carrier got an answer for": len(answered), "MO at the application": sum(
            1 for m in self.run.plan.mos if got[(m[2], m[3])]), "MO smsbox lost when it died": smsbox_lost,
            "MO bearerbox lost from its memory": bearerbox_lost, "MO told twice": twice,
            "MO the carrier sent again": sum(n - 1 for n in sent.values())})
        self.problem("MO answered and not at the application", missing)
        self.problem("MO at the application more often than sent", unexplained)
        self.problem("given twice on one connection", same)

    def _compare_opt_outs(self, messages, segments, opts, submits):
        """No segment handed over from the moment of the opt-out to the opt-in, by the store's own times
        and by what the tap saw."""
        spans = defaultdict(list)
        for recipient, action, at, opt in opts:
            if action == "opt-out":
                spans[recipient].append([at, 1 << 62, opt])
            elif spans[recipient]:
                spans[recipient][-1][1] = at
        late, passed = [], []
        for id_, m in messages.items():
            to = m[6].lstrip("+")
            if m[7] or to not in spans:
                continue
            # All of a turn have its time: a message that came before the STOP in its turn has the smaller id.
            late += [(m[0], s[4], span) for s in segments[id_] for span in spans[to]
                     if (span[0] < s[4] or (span[0] == s[4] and span[2] < id_)) and s[4] < span[1]]
        # byobox's own answers to STOP and HELP may pass, and may pass again: what an application said may not.
        for to, all_spans in spans.items():
            for begin, end, _ in all_spans:
                seen = [(t, octets) for t, receiver, octets in self.run.recorder.segments
                        if receiver == to and begin / 1000 + 0.5 < t < end / 1000 - 0.5 and self.run.plan.NEWS in octets]
                if seen:
                    passed.append((to, begin, seen[:3]))
        blocked = sum(1 for m in messages.values() if m[5] == "RECIPIENT_OPTED_OUT")
        self.run.figures.update({"opt-outs": sum(len(s) for s in spans.values()), "MT refused for an opt-out": blocked})
        self.problem("handed over after the opt-out", late)
        self.problem("seen on the way to bearerbox after the opt-out", passed)
        stops = {m[2] for m in self.run.plan.mos if m[3] == "STOP"}
        if not self.run.memory:
            self.problem("a STOP without effect", stops - set(spans))
