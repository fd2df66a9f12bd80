#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Shows byoboxes that share a PostgreSQL, one of them killed in the middle: demo_nodes.py [NODES]

Each node is a bearerbox, a byobox and a smsbox, on the loopback and free ports; one simulated carrier, one database. Messages
go to all nodes; the first is killed while its queue is full. At the end each message that was acked was delivered once.
"""

import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from byo import postgres, smpp  # noqa: E402
from byo.carrier import Carrier  # noqa: E402
from byo.installation import NUMBER  # noqa: E402
from byo.nodes import Nodes  # noqa: E402
from byo.process import wait_for  # noqa: E402

RATE, MESSAGES = 20, 200
STOPS = "12025550177"


def say(text=""):
    print(text, flush=True)


def told(nodes, what):
    sent = len(nodes.carrier.submits)
    rows = nodes.store.rows("SELECT n.node, count(g.id) FROM node n LEFT JOIN segment g ON g.slot = n.slot AND g.state = 0"
                            " GROUP BY 1 ORDER BY 1")
    say(f"  {what}: the carrier has {sent}, waiting " + ", ".join(f"{n} at {node}" for node, n in rows))


def run(nodes):
    first, others = nodes.sites[0], nodes.sites[1:]
    say(f"  {len(nodes.sites)} nodes are active on one database, the number {NUMBER} was imported at n1 and is known at all\n")
    acked = []
    for i in range(MESSAGES):
        to = f"+1202556{i:04}"
        if nodes.sites[i % len(nodes.sites)].send(to, f"Message {i}")[0] == 202:
            acked.append(to[1:])
    told(nodes, f"{len(acked)} messages were acked at {RATE} a second over all")
    say("  n1 is killed (kill -9), its queue and what its bearerbox has with it")
    first.byobox.process.kill()
    first.bearerbox.process.kill()
    begun = time.monotonic()
    wait_for(lambda: nodes.store.value("SELECT backend FROM node WHERE node = 'n1'") == 0, 30, "n1 to be taken over")
    say(f"  after {time.monotonic() - begun:.0f} s without a sign of life it counts as gone; another node has its queue")
    others[0].smsbox.send("+" + STOPS, "before the STOP", NUMBER)
    nodes.carrier.mo(smpp.Sm(source=STOPS, destination=NUMBER[1:], source_ton=1, dest_ton=1, short_message=b"STOP"))
    wait_for(lambda: others[-1].send("+" + STOPS, "after the STOP")[0] == 403, 10, "the STOP at another node")
    say("  a STOP said meanwhile holds at all nodes: HTTP 403")
    wait_for(lambda: nodes.store.value("SELECT count(*) FROM segment WHERE state = 0") == 0, 120, "the queue to end")
    # What n1's bearerbox had and nobody answered for goes out once more after the grace, marked.
    unanswered = nodes.store.value("SELECT count(*) FROM segment WHERE state = 1")
    told(nodes, "the queue is empty")
    if unanswered:
        say(f"  {unanswered} were with the carrier and unanswered when n1 died: after the grace they go out again, marked")
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM segment WHERE state < 2") == 0, 180, "the grace")
    sent = [s.sm.destination for s in nodes.carrier.submits]
    lost = [to for to in acked if to not in sent]
    twice = {to for to in acked if sent.count(to) > 1}
    marked = {bytes(r)[1:].decode() for r, in nodes.store.rows(
        "SELECT m.recipient FROM message m JOIN segment g ON g.id = m.id + 1 WHERE g.flags & 2 <> 0")}
    times = [s.time for s in nodes.carrier.submits]
    most = max(sum(t <= u < t + 1 for u in times) for t in times)
    say(f"\n  lost: {len(lost)}; sent twice: {len(twice)}, of them not marked: {len(twice - marked)};"
        f" most in any second: {most} of {RATE}")
    if lost or twice - marked:
        raise SystemExit("that must not happen")


def interrupted(number, frame):
    raise KeyboardInterrupt


def main(n=2):
    signal.signal(signal.SIGTERM, interrupted)
    if not 2 <= n <= 8:
        raise SystemExit("from 2 to 8 nodes")
    if not postgres.folder():
        raise SystemExit("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    work = Path(tempfile.mkdtemp(prefix="byobox-demo-"))
    say(f"Starting PostgreSQL and {n} nodes, each a bearerbox, a byobox and a smsbox, and a simulated carrier ...")
    server = postgres.Postgres(work).start()
    nodes = None
    try:
        nodes = Nodes(work, server.port, tuple(f"n{i + 1}" for i in range(n)), carrier=Carrier(),
                      messages_per_second=RATE).start()
        run(nodes)
    finally:
        if nodes:
            nodes.stop()
        server.stop()
        shutil.rmtree(work, ignore_errors=True)
    say("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:2])))
