# SPDX-License-Identifier: BSD-3-Clause
"""TLS towards a carrier who is who it says."""

import ssl

from byo import boxpeer
from byo.ca import TestCA
from byo.carrier import Carrier
from byo.kannel import Log
from byo.patched import MOBILE, OURS, Patched
from byo.process import wait_for


class Tls(Patched):
    """(spec P12) The carrier is who it says before it hears the password."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = TestCA(cls.work)
        cls.good = cls.ca.server("smpp.example.org")
        cls.nowhere = cls.ca.server("elsewhere.example.org", address="127.0.0.9")
        folder = cls.work / "stranger"
        folder.mkdir()
        cls.stranger = TestCA(folder, "Somebody else").server("smpp.example.org")

    def both(self, tls, context=None, **keys):
        carrier = Carrier(tls=tls)
        self.addCleanup(carrier.stop)
        if context:
            context(carrier._tls)
        carrier.start()
        values = {"use_ssl": True, "bind_retry": 1}
        values.update(keys)
        return carrier, self.bearerbox_with(carrier, **values)

    def accepted(self, tls, context=None, **keys):
        carrier, bearerbox = self.both(tls, context, **keys)
        carrier.wait_bound(1)
        bearerbox.wait_online("carrier-a")
        self.assertEqual(self.link(bearerbox)["last-bind-status"], "0x00000000/OK")

    def refused(self, reasons, tls, context=None, **keys):
        carrier, bearerbox = self.both(tls, context, **keys)
        told = wait_for(lambda: (self.link(bearerbox) or {}).get("last-bind-status"), 20, "the reason",
                        [bearerbox.process])
        reason = told.removeprefix("connect/")
        self.assertIn(reason, (reasons,) if isinstance(reasons, str) else reasons)
        self.assertEqual(carrier.bind_attempts, [])
        self.assertIn(f"SSL connection failed: {reason}.".encode(), Log(bearerbox.work / "bearerbox.log").new())

    def test_the_right_name(self):
        self.accepted(self.good, ssl_verify_host=True, ssl_host_name="smpp.example.org",
                      ssl_ca_file=self.ca.certificate)

    def test_the_right_address(self):
        self.accepted(self.good, ssl_verify_host=True, ssl_ca_file=self.ca.certificate)

    def test_a_wrong_name(self):
        self.refused("hostname mismatch", self.nowhere, ssl_verify_host=True, ssl_host_name="smpp.example.org",
                     ssl_ca_file=self.ca.certificate)

    def test_a_wrong_address(self):
        self.refused("IP address mismatch", self.nowhere, ssl_verify_host=True, ssl_ca_file=self.ca.certificate)

    def test_an_unknown_ca(self):
        self.refused("unable to get local issuer certificate", self.stranger, ssl_verify_host=True,
                     ssl_host_name="smpp.example.org", ssl_ca_file=self.ca.certificate)

    def test_the_systems_cas_do_not_know_ours(self):
        self.refused("unable to get local issuer certificate", self.good, ssl_verify_host=True)

    def test_a_ca_file_alone_checks_the_signature_not_the_name(self):
        self.accepted(self.nowhere, ssl_ca_file=self.ca.certificate)
        self.refused("unable to get local issuer certificate", self.stranger, ssl_ca_file=self.ca.certificate)

    def test_a_ca_file_that_is_not_there(self):
        self.refused("trusted CA certificates could not be read", self.good, ssl_ca_file=self.work / "none.pem")

    def test_the_lowest_version(self):
        def old(context):
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.accepted(self.good, old, ssl_min_version="1.2")
        # What is heard depends on whether the server says why before it closes.
        self.refused(("tlsv1 alert protocol version", "unexpected eof while reading",
                      "connection closed in the handshake"), self.good, old, ssl_min_version="1.3")

    def test_C23_the_name_is_sent(self):
        names = []

        def listen(context):
            context.sni_callback = lambda sock, name, ctx: names.append(name)
        self.accepted(self.good, listen, ssl_host_name="smpp.example.org")
        self.assertEqual(set(names), {"smpp.example.org"})

    def test_without_a_directive_anyone_is_believed_as_ever(self):
        names = []

        def listen(context):
            context.sni_callback = lambda sock, name, ctx: names.append(name)
        self.accepted(self.stranger, listen)
        self.assertEqual(set(names), {None})

    def test_messages_travel(self):
        carrier, bearerbox = self.both(self.good, ssl_verify_host=True, ssl_ca_file=self.ca.certificate)
        bearerbox.wait_online("carrier-a")
        box = boxpeer.BoxPeer.connect(bearerbox.smsbox_port, "byobox")
        self.addCleanup(box.close)
        for i in range(200):
            box.send(boxpeer.sms(sender=OURS, receiver=MOBILE, msgdata=str(i), smsc_id="carrier-a",
                                 sms_type=boxpeer.MT_PUSH, coding=0, dlr_mask=31, boxc_id="byobox"))
        box.wait_sms(400)
        self.assertEqual(sorted(int(s.sm.short_message) for s in carrier.submits), list(range(200)))

    def test_senseless_directives_are_refused_at_start(self):
        for keys in ({"ssl_verify_host": True}, {"use_ssl": True, "ssl_min_version": "1.1"}):
            with self.subTest(keys):
                bearerbox = self.bearerbox_with(self.carrier_with(), ready=False, **keys)
                wait_for(lambda: not bearerbox.process.alive, 20, "bearerbox to give up")
                self.assertIn(b"ssl-min-version", Log(bearerbox.work / "bearerbox.log").new())
