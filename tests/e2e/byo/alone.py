# SPDX-License-Identifier: BSD-3-Clause
"""byobox without Kannel, for tests of its own ports."""

from .boxpeer import FakeBearerbox
from .byobox import Byobox, integration
from .carrier import Carrier
from .case import Case


class Alone(Case):
    """byobox between nobody and a bearerbox that only listens."""

    @classmethod
    def more_keys(cls):
        return {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bearerbox = FakeBearerbox()
        carrier = Carrier()
        carrier.port = 2775
        cls.byobox = Byobox(cls.work, None, [integration(carrier)], {
            "bearerbox-host": "127.0.0.1", "bearerbox-port": cls.bearerbox.port,
            "bearerbox-admin-port": 1, "bearerbox-admin-password": None, **cls.more_keys()})
        # What is freed is free: some of these tests look at the memory of the process.
        cls.byobox.process.env["ASAN_OPTIONS"] += (":detect_stack_use_after_return=0:quarantine_size_mb=2"
                                                   ":thread_local_quarantine_size_kb=64")
        cls.byobox.start(ready=False).wait_up()

    @classmethod
    def tearDownClass(cls):
        cls.byobox.stop()
        cls.bearerbox.stop()
        if cls.byobox.sanitizer_report():
            raise AssertionError(cls.byobox.sanitizer_report())

    def tearDown(self):
        self.assertTrue(self.byobox.process.alive, self.byobox.process.tail())
