# SPDX-License-Identifier: BSD-3-Clause
"""What a service manager is told: ready when both ports listen and the store is open, signs of life from the
turns of the flow thread alone, reload and stop (sd_notify(3))."""

import signal
import socket
import threading
import time

from byo.disk import DiskCase
from byo.process import wait_for


class Manager:
    """The manager's end of the notify socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.said = []
        self.on_ready = None
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                lines = self.socket.recv(4096).decode().splitlines()
            except OSError:
                return
            if "READY=1" in lines and self.on_ready:
                self.on_ready()
            self.said += lines

    def count(self, word):
        return sum(1 for line in self.said if line == word)


class Service(DiskCase):
    def managed(self):
        site = self.new_faulty_site()
        self.manager = Manager(site.work / "notify")
        site.byobox.process.env.update(NOTIFY_SOCKET=str(site.work / "notify"), WATCHDOG_USEC="2000000")
        self.listening = []

        def connect():
            for port in (site.byobox.smsbox_port, site.byobox.admin_port):
                with socket.create_connection(("127.0.0.1", port), 5):
                    self.listening.append(port)
        self.manager.on_ready = connect
        return site.start().wait_bound()

    def signs(self, more):
        """Waits for so many further signs of life."""
        goal = self.manager.count("WATCHDOG=1") + more
        wait_for(lambda: self.manager.count("WATCHDOG=1") >= goal, 30, "signs of life")

    def test_ready_reload_stop(self):
        site = self.managed()
        wait_for(lambda: self.manager.count("READY=1") == 1, 20, "READY")
        self.assertEqual(len(self.listening), 2, "a port was shut at READY")
        self.signs(3)
        site.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: self.manager.count("READY=1") == 2, 20, "READY after the reload")
        self.assertEqual(self.manager.count("RELOADING=1"), 1)
        self.assertTrue(any(line.startswith("MONOTONIC_USEC=") for line in self.manager.said))
        self.assertEqual(self.manager.count("STOPPING=1"), 0)
        site.byobox.stop()
        wait_for(lambda: self.manager.count("STOPPING=1") == 1, 20, "STOPPING")

    def test_signs_of_life_follow_the_store(self):
        site = self.managed()
        self.signs(1)
        self.fault("EIO")  # a store that refuses is no reason to be started again
        wait_for(lambda: site.send("+12025550199", "refused", "refused")[0] == 503, 20, "a refusal")
        self.signs(3)
        self.fault("")
        wait_for(lambda: site.byobox.get("/health", user=None)[0] == 200, 20, "the store to be back")
        self.fault("hang")
        stuck = threading.Thread(target=site.send, args=("+12025550199", "waits", "stuck"), daemon=True)
        stuck.start()
        # It has stopped when as many would have come in the time as came before, and none did.
        def silent():
            before = self.manager.count("WATCHDOG=1")
            time.sleep(4)
            return self.manager.count("WATCHDOG=1") == before
        wait_for(silent, 60, "a commit that hangs to keep the signs of life out")
        self.fault("")
        self.signs(2)
        stuck.join(20)

    def test_nobody_listens(self):
        """A socket that is gone, a watchdog time that is none: no reason to stop."""
        site = self.new_site(binds=1)
        site.byobox.process.env.update(NOTIFY_SOCKET=str(site.work / "gone"), WATCHDOG_USEC="soon")
        site.start().wait_bound()
        self.assertEqual(site.send("+12025550199", "goes on", "ref")[0], 202)

