# SPDX-License-Identifier: BSD-3-Clause
"""What became of everything in a run of the fault matrix with nodes: by what was answered, by the database's own order of
commits, and by the carrier's journal."""

from collections import Counter, defaultdict

from .carrier import most_in_any_second
from .durable_carrier import read_journal
from .store import text

# Each claim of a segment, in the transaction that makes it: when that was committed, PostgreSQL tells by the row.
CLAIMS = """
CREATE TABLE public.claim (id bigint, tries int, slot int);
CREATE FUNCTION public.claimed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN INSERT INTO public.claim VALUES (NEW.id, NEW.tries, NEW.slot); RETURN NULL; END $$;
CREATE TRIGGER claimed_new AFTER INSERT ON byobox.segment FOR EACH ROW WHEN (NEW.state = 1)
    EXECUTE FUNCTION public.claimed();
CREATE TRIGGER claimed_again AFTER UPDATE ON byobox.segment FOR EACH ROW
    WHEN (NEW.state = 1 AND NEW.tries <> OLD.tries) EXECUTE FUNCTION public.claimed();
"""
COMMITTED = "(extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint"
DELIVERED, FAILED = 1, 2
LOST_RECEIPT = "NETWORK_TIMEOUT"  # bearerbox has forgotten whose receipt it is, or has it for another node
# Seconds in which a bearerbox has sent what it held: one that goes on, one that has a bind again.
SETTLES, BINDS = 3, 0.5


class Judge:
    """run: a Matrix that has come to rest."""

    def __init__(self, run):
        self.run, self.db = run, run.nodes.store

    def problem(self, what, items, show=5):
        if items:
            self.run.problems.append(f"{what}: {len(items)}, such as {list(items)[:show]}")

    def compare(self):
        journal = list(read_journal(self.run.carrier.journal))
        # A message is known by the first word of its text.
        submits = [(bytes.fromhex(r[6]).split(b" ")[0].decode("latin-1"), r[2]) for r in journal if r[0] == "s"]
        messages = {text(ref): (id_, state, settled, text(cause), text(recipient)) for id_, state, settled, cause, recipient, ref
                    in self.db.rows("SELECT m.id, m.state, m.settled, m.cause, m.recipient,"
                                    " substring(encode(m.frame, 'escape') from 'ref=([a-z0-9.]+)') AS ref FROM message m"
                                    " WHERE m.keyword = 0")}
        self._compare_acked(messages, submits)
        self._compare_duplicates(messages, submits)
        self._compare_opt_outs(messages)
        self._compare_rate(submits, messages, [(r[1] - r[2], r[1]) for r in journal if r[0] == "w"]
                           + [(r[1], r[1] + BINDS) for r in journal if r[0] == "b"])
        self.run.figures["events"] = {text(n): c for n, c in self.db.rows(
            "SELECT name, sum(count)::bigint AS n FROM event GROUP BY name")}

    def _compare_acked(self, messages, submits):
        sent = self.run.sent
        acked = {r for r, s in sent.items() if s == 202}
        at_carrier = {ref for ref, _ in submits}
        self.run.figures.update({
            "MT sent": len(sent), "acked (202)": len(acked), "refused, opted out (403)": sum(s == 403 for s in sent.values()),
            "try later (503)": sum(s == 503 for s in sent.values()), "nobody knows (no answer)": sum(s < 2 for s in sent.values()),
            "messages in the database": len(messages)})
        self.problem("acked and not in the database", acked - set(messages))
        self.problem("without a final state, or a report is missing", [
            (ref, m) for ref, m in messages.items() if m[1] not in (DELIVERED, FAILED) or not m[2]])
        lost = [(ref, messages.get(ref)) for ref in acked - at_carrier
                if messages.get(ref, (0, 0, 0, ""))[3] != "RECIPIENT_OPTED_OUT"]
        self.problem("acked, never at the carrier, and not opted out", lost)
        self.problem("told to try later, and sent", [r for r, s in sent.items() if s == 503 and r in at_carrier])
        self.problem("failed although the carrier delivers it", [
            (ref, m) for ref, m in messages.items() if m[1] == FAILED and m[3] not in (LOST_RECEIPT, "RECIPIENT_OPTED_OUT")])
        self.run.figures["final states"] = dict(Counter(m[3] for m in messages.values()).most_common())
        self.run.figures["acked messages lost"] = len(lost)

    def _compare_duplicates(self, messages, submits):
        seen = Counter(ref for ref, _ in submits if ref in messages)
        flags = dict(self.db.rows("SELECT id & ~255::bigint AS id, bit_or(flags) AS f FROM segment GROUP BY 1"))
        marked = {id_ for id_, f in flags.items() if f & 2}
        twice = {ref for ref, n in seen.items() if n > 1}
        slots = defaultdict(set)
        for id_, slot in self.db.rows("SELECT id & ~255::bigint AS id, slot FROM public.claim"):
            slots[id_].add(slot)
        by_two = {id_ for id_, of in slots.items() if len(of) > 1}
        self.run.figures.update({"submit_sm at the carrier": len(submits), "messages sent twice at the carrier": len(twice),
                                 "segments marked as possible duplicates": len(marked),
                                 "segments two nodes handed over": len(by_two)})
        self.problem("sent twice and not marked", [ref for ref in twice if messages[ref][0] not in marked])
        self.problem("handed over by two nodes and not marked", by_two - marked)

    def _compare_opt_outs(self, messages):
        """By the database's own times: a STOP's commit and a claim's are never at once."""
        stopped = {text(r).lstrip("+"): at for r, at in self.db.rows(f"SELECT recipient, {COMMITTED} AS at FROM opt_out")}
        recipients = {m[0]: (ref, m[4].lstrip("+")) for ref, m in messages.items()}
        behind, refused = [], sum(m[3] == "RECIPIENT_OPTED_OUT" for m in messages.values())
        for id_, slot, at in self.db.rows(f"SELECT id & ~255::bigint AS id, slot, {COMMITTED} AS at FROM public.claim"):
            ref, to = recipients.get(id_, ("", ""))
            if at >= stopped.get(to, 1 << 62):
                behind.append((ref, to, slot, at - stopped[to]))
        self.run.figures.update({"STOPs": len(stopped), "messages ended by them": refused, "claimed behind one": len(behind)})
        self.problem("claimed behind a STOP", behind)
        self.problem("a STOP without effect", {to for _, _, to in self.run.plan.stops} - set(stopped))

    def _compare_rate(self, submits, messages, busy):
        """In seconds in which the carrier was awake and no bearerbox let go at once what it held while it was stopped or had no
        bind: up to a second's worth of its node's share."""
        times = sorted(at for _, at in submits)
        bad = busy + [(a, b + SETTLES) for a, b in self.run.still]
        judged = [t for t in times if not any(a - 1 <= t <= b for a, b in bad)]
        most, begun = self._most(times, set(judged))
        may = self.run.rate + 2 * self.run.count
        self.run.figures.update({"most at the carrier in any second (all, those judged, may be)": (
            most_in_any_second(times), most, may), "submits in seconds judged": len(judged)})
        if most > may:
            claims = defaultdict(list)
            for id_, slot, at in self.db.rows(f"SELECT id & ~255::bigint AS id, slot, {COMMITTED} AS at FROM public.claim"):
                claims[id_].append((slot, round(at / 1e6 - begun, 3)))
            of = [(round(at - begun, 3), ref, claims.get(messages[ref][0]) if ref in messages else None)
                  for ref, at in submits if begun - 1 <= at < begun + 1]
            self.run.problems.append(f"{most} at the carrier in one second, of {may} there may be: from {begun} on, "
                                     f"when, which, claimed by (slot, when): {of}")

    @staticmethod
    def _most(times, judged):
        """How many, and from when on."""
        most, begun, end = 0, 0, 0
        for i, t in enumerate(times):
            while end < len(times) and times[end] < t + 1:
                end += 1
            if t in judged and end - i > most:
                most, begun = end - i, t
        return most, begun
