# SPDX-License-Identifier: BSD-3-Clause
"""byobox -t, --render-smsc and their exit codes; byoctl's; what the rest of kannel.conf needs (spec P1-P16)."""

import json

from byo import conf
from byo.byobox import Byobox, integration, program
from byo.carrier import Carrier
from byo.case import Case, only_on
from byo.kannel import Bearerbox
from byo.process import run


class Files(Case):
    """Nothing is started here."""

    too_long = "seventeen octets!" if Case.patched else "nine-octe"  # for a password

    def setUp(self):
        self.carrier = Carrier()
        self.carrier.port = 2775
        self.addCleanup(self.carrier.stop)

    def box(self, keys=None, bearerbox=None, more=(), **integration_keys):
        alone = {} if bearerbox else {"bearerbox-host": "localhost", "bearerbox-port": 13001,
                                      "bearerbox-admin-port": 13000, "bearerbox-admin-password": "x"}
        groups = [integration(self.carrier, **{"allow_custom_port": None, **integration_keys}), *more]
        return Byobox(self.work, bearerbox, groups, {**alone, **(keys or {})})

    def good(self, box):
        code, said = box.check()
        self.assertEqual(code, 0, said)
        return said

    def bad(self, box, *words):
        code, said = box.check()
        self.assertEqual(code, 1, said)
        for word in words:
            self.assertIn(word, said)
        return said

    def test_a_good_file(self):
        self.good(self.box())

    def test_usage_is_2(self):
        for arguments in ([], ["-x"], ["-t"], ["a", "b"]):
            self.assertEqual(run([program("byobox"), *arguments])[0], 2, arguments)
        self.assertEqual(run([program("byoctl")])[0], 2)
        self.assertEqual(run([program("byoctl"), "--config", self.box().write(), "nonsense"])[0], 2)

    def test_a_file_that_is_not_there_is_1(self):
        self.assertEqual(run([program("byobox"), "-t", self.work / "none.conf"])[0], 1)
        self.assertEqual(run([program("byobox"), "--render-smsc", self.work / "none.conf"])[0], 1)

    def test_byoctl_says_3_when_nobody_answers(self):
        box = self.box()
        box.write()
        self.assertEqual(box.byoctl("status")[0], 3)

    def test_all_faults_are_told_in_one_go_with_their_lines(self):
        said = self.bad(self.box(messages_per_second=0, address_ton=7, bind_type="both", use_tls="perhaps"),
                        "messages-per-second", "address-ton", "bind-type", "use-tls")
        self.assertIn("byobox.conf:", said)

    def test_P1_P14_required_keys(self):
        self.bad(self.box(smsc_address=None), "smsc-address")
        self.bad(self.box(system_id=None), "system-id")
        self.bad(self.box(password=None), "password")

    def test_P2_ports(self):
        for port in (2776, 1776, 2775, 2780, 3550, 3601, 3775, 4200, 4331, 4332, 7777, 8887, 10000, 29999,
                     30001, 52775):
            self.good(self.box(smsc_port=port))
        self.bad(self.box(smsc_port=2777), "smsc-port", "allow-custom-port")
        self.good(self.box(smsc_port=2777, allow_custom_port=True))
        self.bad(self.box(smsc_port=65536, allow_custom_port=True), "smsc-port")

    def test_P2_P3_P4_P9_P10_P11_P12_defaults_are_rendered(self):
        box = self.box(smsc_port=None, messages_per_second=None, use_tls=None, binds=None)
        self.good(box)
        out = box.render()
        for line in ("port = 2776", "use-ssl = ", "instances = 3", "transceiver-mode"):
            self.assertIn(line, out)

    def test_P5_P6_P7_P8_ranges(self):
        for key in ("address_ton", "destination_ton"):
            for value in range(7):
                self.good(self.box(**{key: value}))
            self.bad(self.box(**{key: 7}), key.replace("_", "-"))
        for key in ("address_npi", "destination_npi"):
            for value in (0, 1, 3, 4, 6, 8, 9, 10, 13, 18):
                self.good(self.box(**{key: value}))
            self.bad(self.box(**{key: 2}), key.replace("_", "-"))

    def test_P9_rates(self):
        self.good(self.box(messages_per_second=100))
        self.bad(self.box(messages_per_second=101), "messages-per-second", "allow-custom-rate")
        self.good(self.box(messages_per_second=500, allow_custom_rate=True))

    def test_P10_bind_types(self):
        for kind in ("transceiver", "transmitter", "receiver"):
            self.assertEqual(self.box(bind_type=kind).check()[0], 0)
        said = self.good(self.box(bind_type="transmitter"))
        self.assertIn("receipt", said)  # it gets none, and is told so

    def test_P13_advanced_configuration(self):
        path = self.work / "advanced.json"
        path.write_text('{"charsets": [\n  {"dcs": 256, "charset": "ascii"}]}')
        said = self.bad(self.box(advanced_config=path), "/charsets/0/dcs")
        self.assertIn("2", said)

    @only_on("stock")
    def test_J4_pairs_this_bearerbox_cannot_carry(self):
        path = self.work / "advanced.json"
        path.write_text(json.dumps({"charsets": [{"dcs": 0, "charset": "ISO-8859-1"},
                                                 {"dcs": 3, "charset": "ISO-8859-1"}]}))
        self.assertIn("raw-payload", self.good(self.box(advanced_config=path)))
        path.write_text(json.dumps({"charsets": [{"dcs": 0, "charset": "ISO-8859-1"}]}))
        self.bad(self.box(advanced_config=path), "raw-payload")

    def test_P15_name_and_notes(self):
        self.good(self.box(name="The carrier", notes="call 24 x 7"))

    def test_P16_at_most_ten_integrations(self):
        more = [integration(self.carrier, f"carrier-{n}", allow_custom_port=None) for n in range(9)]
        self.good(self.box(more=more))
        more.append(integration(self.carrier, "one-too-many", allow_custom_port=None))
        self.bad(self.box(more=more), "10")

    def test_credentials_stock_would_cut_or_misread(self):
        self.bad(self.box(system_id="sixteen-octets-x"), "system-id")
        self.bad(self.box(password=self.too_long), "password")
        self.bad(self.box(password="include1"), "include")

    def test_no_password_is_ever_told(self):
        said = self.bad(self.box(password=self.too_long))
        self.assertNotIn(self.too_long, said)

    def test_unknown_and_repeated_keys(self):
        self.bad(self.box(no_such_key=1), "no-such-key")
        box = self.box()
        box.write()
        box.conf.write_text(box.conf.read_text().replace("binds = 3", "binds = 3\nbinds = 2"))
        code, out, err = run([program("byobox"), "-t", box.conf])
        self.assertEqual(code, 1)
        self.assertIn("binds", out + err)

    def test_keys_byobox_owns_are_refused(self):
        for key in ("allowed_smsc_id", "instances", "throughput", "alt_charset"):
            self.bad(self.box(**{key: "1"}), key.replace("_", "-"))

    def test_a_second_integration_of_the_same_id(self):
        self.bad(self.box(more=[integration(self.carrier, allow_custom_port=None)]), "carrier-a")

    def test_store_pgsql_needs_its_group(self):
        self.bad(self.box({"store": "pgsql", "store-id": None}), "store-id is missing")
        self.bad(self.box({"store": "pgsql", "store-id": "nowhere"}), "nowhere")

    def test_render_goes_to_stdout_alone_and_bearerbox_reads_it(self):
        bearerbox = Bearerbox(self.work)
        box = self.box(bearerbox=bearerbox)
        bearerbox.write()
        out = box.render()
        self.assertTrue(all(line == "" or line.startswith("#") or " = " in line
                            for line in out.splitlines()), out)
        for line in ("smsc-id = byobox-idle", "smsc-id = carrier-a", "allowed-smsc-id = carrier-a",
                     "max-sms-octets = 500", "log-level = 1"):
            self.assertIn(line, out.replace('"', ""))
        bearerbox.start()
        self.assertIn("carrier-a", {i for i, _, _ in bearerbox.links()})
        bearerbox.stop()

    def test_render_of_a_bad_file_prints_nothing_to_stdout(self):
        box = self.box(binds=99)
        code, out, err = run([program("byobox"), "--render-smsc", box.write()])
        self.assertEqual((code, out), (1, ""))
        self.assertIn("binds", err)

    def host(self, core=None, groups=""):
        bearerbox = Bearerbox(self.work, core=core, groups=groups)
        bearerbox.write()
        return self.box(bearerbox=bearerbox)

    def test_host_a_fit_kannel_conf(self):
        self.good(self.host())

    def test_host_resend_retry_missing(self):
        self.bad(self.host({"sms-resend-retry": None}), "sms-resend-retry = 1000000")

    def test_host_a_link_that_would_take_our_segments(self):
        old = {"smsc": "smpp", "smsc-id": "old", "host": "127.0.0.1", "port": 2775, "smsc-username": "x",
               "smsc-password": "y", "system-type": "", "transceiver-mode": True}
        self.bad(self.host(groups=conf.group("smsc", old)), "denied-smsc-id", "carrier-a")
        self.good(self.host(groups=conf.group("smsc", {**old, "denied-smsc-id": "carrier-a"})))
        self.good(self.host(groups=conf.group("smsc", {**old, "allowed-smsc-id": "old"})))

    def test_host_a_user_whose_long_texts_would_be_cut(self):
        user = {"username": "app", "password": "app"}
        self.bad(self.host(groups=conf.group("sendsms-user", user)), "concatenation", "max-messages")
        self.good(self.host(groups=conf.group("sendsms-user",
                                              {**user, "concatenation": True, "max-messages": 255})))
        service = {"keyword": "default", "text": "x"}
        self.bad(self.host(groups=conf.group("sms-service", service)), "max-messages")
