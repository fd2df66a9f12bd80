# SPDX-License-Identifier: BSD-3-Clause
"""Whether the machine itself stood still while something was measured."""

import threading
import time

# Who wakes so many seconds too late was on a machine that stalled.
STALL = 0.02


class Witness(threading.Thread):
    """Sleeps 5 ms again and again. longest: by how many seconds it woke too late; stalls: [(from, to)], by time.monotonic."""

    def __init__(self):
        super().__init__(daemon=True)
        self.longest = 0.0
        self.stalls = []
        self.ended = threading.Event()

    def run(self):
        while True:
            wanted = time.monotonic() + 0.005
            if self.ended.wait(0.005):
                return
            woke = time.monotonic()
            self.longest = max(self.longest, woke - wanted)
            if woke - wanted >= STALL:
                self.stalls.append((wanted, woke))

    def stalled(self, begin, end):
        return any(begin <= woke and wanted <= end for wanted, woke in self.stalls)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()
