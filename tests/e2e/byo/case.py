# SPDX-License-Identifier: BSD-3-Clause
"""Test cases: one installation for each class, a time limit for each test, and how a class is run."""

import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
import unittest
from pathlib import Path

from .installation import Installation
from .process import end_all


class TimeUp(BaseException):
    """A test is over its limit. Not an Exception, so that no test swallows it."""


def only_in(store):
    """For a test method: it is about one kind of store, "sqlite" or "pgsql"."""
    def mark(method):
        method.stores = (store,)
        return method
    return mark


def only_on(kannel):
    """For a test method: what it holds is so with "stock" or "patched" alone (docs/patched-bearerbox.md)."""
    def mark(method):
        method.kannel = (kannel,)
        return method
    return mark


class Case(unittest.TestCase):
    """A class that sets `options` (or overrides site_options) gets self.site, started and bound, once for
    all its tests; what carrier and application recorded is emptied before each test."""

    limit = 60        # seconds for each test; set-up of the class has the same
    alone = False     # True: nothing else runs beside this class (it measures)
    kannel = ("stock", "patched")  # with which bearerbox it runs; a method may say otherwise, see only_on
    stores = ("sqlite", "pgsql")   # with which store it runs; a method may say otherwise, see only_in
    patched = "BYO_BEARERBOX_FEATURES" in os.environ  # it is the patched one now
    options = None    # keyword arguments of Installation

    @classmethod
    def site_options(cls):
        return cls.options

    @classmethod
    def setUpClass(cls):
        cls.work = Path(os.environ.get("BYO_E2E_WORK") or tempfile.mkdtemp(prefix="byo-e2e-"))
        cls.site = None
        options = cls.site_options()
        if options is not None:
            cls.site = Installation(cls.work, **options).start().wait_bound()

    @classmethod
    def tearDownClass(cls):
        if cls.site:
            cls.site.stop()
            if cls.site.byobox and cls.site.byobox.sanitizer_report():
                raise AssertionError(cls.site.byobox.sanitizer_report())

    def setUp(self):
        if self.site:
            self.site.forget()
        self.ref = self.id().rsplit(".", 1)[-1]

    def new_site(self, **options):
        """An installation of this test's own; ended with it."""
        work = Path(tempfile.mkdtemp(prefix=self.ref[:40] + "-", dir=self.work))
        site = Installation(work, **options)
        self.addCleanup(self._end, site)
        return site

    def _end(self, site):
        site.stop()
        if site.byobox:
            self.assertEqual(site.byobox.sanitizer_report(), "")


class _Result(unittest.TestResult):
    """Tells each outcome at once, one JSON line each, and keeps every test within its limit."""

    def __init__(self, out):
        super().__init__()
        self.out = out
        self.begun = time.monotonic()

    def tell(self, test, outcome, text="", of=None):
        name = test.id() if hasattr(test, "id") else str(test)
        record = {"test": name, "of": of or name, "outcome": outcome, "text": text,
                  "seconds": round(time.monotonic() - self.begun, 2)}
        self.out.write(json.dumps(record) + "\n")
        self.out.flush()

    def startTest(self, test):
        super().startTest(test)
        self.begun = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, test.limit)

    def addSuccess(self, test):
        self.tell(test, "passed")

    def addFailure(self, test, err):
        self.tell(test, "failed", "".join(traceback.format_exception(*err)))

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.tell(subtest, "failed", "".join(traceback.format_exception(*err)), test.id())

    def addSkip(self, test, reason):
        self.tell(test, "skipped", reason)

    def stopTest(self, test):
        signal.setitimer(signal.ITIMER_REAL, 0)
        super().stopTest(test)


def _time_up(number, frame):
    raise TimeUp("over the time limit of this test")


def _die_with_runner():
    """The runner holds our stdin open; when it ends, however it ends, so does our process group."""
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


def run_class(cls, methods, out):
    """What a worker process does: every method of one class; the outcome on `out`."""
    signal.signal(signal.SIGALRM, _time_up)
    threading.Thread(target=_die_with_runner, daemon=True).start()
    result = _Result(out)
    tests = [cls(m) for m in methods]
    signal.setitimer(signal.ITIMER_REAL, cls.limit)
    ready = False
    try:
        cls.setUpClass()
        ready = True
        signal.setitimer(signal.ITIMER_REAL, 0)
    except unittest.SkipTest as reason:
        for test in tests:
            result.tell(test, "skipped", str(reason))
    except BaseException:
        text = traceback.format_exc()
        for test in tests:
            result.tell(test, "failed", "set-up of the class:\n" + text)
            text = "set-up of the class, see above"
    if ready:
        for test in tests:
            try:
                test.run(result)
            except TimeUp:
                signal.setitimer(signal.ITIMER_REAL, 0)
                result.addFailure(test, sys.exc_info())
    signal.setitimer(signal.ITIMER_REAL, cls.limit)
    try:
        cls.tearDownClass()
    except BaseException:
        if ready:
            result.tell(f"{cls.__module__}.{cls.__name__}.tearDownClass", "failed", traceback.format_exc())
    signal.setitimer(signal.ITIMER_REAL, 0)
    end_all()
