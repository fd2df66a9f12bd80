# SPDX-License-Identifier: BSD-3-Clause
"""MOs as the patched bearerbox hands them on: their octets, and how parts become one."""

from byo import conf, smpp
from byo.patched import MOBILE, OURS, Patched, meta, octets_of


ROUTE = conf.group("smsbox-route", {"smsbox-id": "byobox", "smsc-id": "carrier-a"})


class Inbound(Patched):
    """A carrier that sends messages to our box."""

    def mo(self, payload, dcs, udh=b"", **more):
        sm = smpp.Sm(source=MOBILE[1:], destination=OURS[1:], source_ton=1, source_npi=1, dest_ton=2, dest_npi=8,
                     data_coding=dcs, esm_class=0x40 if udh else 0, short_message=udh + payload, **more)
        self.assertEqual(self.carrier.mo(sm).status, smpp.ROK)


class MoRaw(Inbound):
    """The octets an MO was written in, for the charset list of the integration."""

    keys = {"mo_raw": True, "groups": ROUTE}

    def test_every_data_coding(self):
        payload = bytes(range(1, 120))
        for dcs in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 0xF0, 0xF5, 0xC8, 255):
            with self.subTest(dcs):
                self.box.frames.clear()
                self.mo(payload, dcs)
                message = self.box.wait_sms(1)[0]
                self.assertEqual(octets_of(message, "mo", "raw"), payload)
                self.assertEqual({k: v for k, v in meta(message)["mo"].items() if k != "raw"},
                                 {"data_coding": str(dcs), "esm_class": "0", "source_addr_ton": "1",
                                  "source_addr_npi": "1", "dest_addr_ton": "2", "dest_addr_npi": "8"})

    def test_the_text_is_decoded_as_ever(self):
        self.mo(b"\x00 caf\x05", 0)
        message = self.box.wait_sms(1)[0]
        self.assertEqual(message.msgdata.decode(), "@ café")
        self.assertEqual(octets_of(message, "mo", "raw"), b"\x00 caf\x05")

    def test_a_payload_tlv_and_an_empty_text(self):
        self.mo(b"", 3, tlvs={smpp.TLV_MESSAGE_PAYLOAD: b"\xe9" * 300})
        self.assertEqual(octets_of(self.box.wait_sms(1)[0], "mo", "raw"), b"\xe9" * 300)
        self.box.frames.clear()
        self.mo(b"", 3)
        self.assertEqual(octets_of(self.box.wait_sms(1)[0], "mo", "raw"), b"")

    def parts(self, *parts):
        for i, (payload, dcs) in enumerate(parts):
            self.mo(payload, dcs, bytes([5, 0, 3, len(self.ref), len(parts), i + 1]))
        return self.box.wait_sms(1)[0]

    def described(self, message):
        """What the whole says of its parts: [(data_coding, octets, UDH)]."""
        raw, pieces, at = octets_of(message, "mo", "raw"), [], 0
        for part in octets_of(message, "mo", "parts").decode().split(","):
            dcs, length, udh = part.split(":")
            pieces.append((int(dcs), raw[at:at + int(length)], bytes.fromhex(udh)))
            at += int(length)
        self.assertEqual(at, len(raw))
        return pieces

    def test_parts_put_together(self):
        whole = "naïve – Ж".encode("utf-8")
        message = self.parts((whole[:3], 9), (whole[3:8], 9), (whole[8:], 9))
        self.assertEqual(octets_of(message, "mo", "raw"), whole)
        self.assertEqual(meta(message)["mo"]["data_coding"], "9")
        self.assertEqual([p[:2] for p in self.described(message)], [(9, whole[:3]), (9, whole[3:8]), (9, whole[8:])])

    def test_parts_written_differently(self):
        """(field C70) Each is decoded by its own data_coding."""
        cyrillic = "Привет".encode("utf-16-be")
        message = self.parts((b"Hello gsm ", 0), (cyrillic, 8))
        self.assertEqual((message.coding, message.msgdata.decode("utf-16-be")), (2, "Hello gsm Привет"))
        self.assertIsNone(octets_of(message, "mo", "data_coding"))
        self.assertIsNone(octets_of(message, "mo", "udh"))
        ref = len(self.ref)
        self.assertEqual(self.described(message), [(0, b"Hello gsm ", bytes([5, 0, 3, ref, 2, 1])),
                                                   (8, cyrillic, bytes([5, 0, 3, ref, 2, 2]))])

    def test_a_surrogate_pair_may_lie_across_parts(self):
        text = "аб😀".encode("utf-16-be")
        message = self.parts((b"\xe9 ", 3), (text[:6], 8), (text[6:], 8))
        self.assertEqual((message.coding, message.msgdata.decode("utf-16-be")), (2, "é аб😀"))

    def test_the_udh_of_a_single_message(self):
        udh = bytes([3, 0x24, 1, 1])
        self.mo(b"abc", 0, udh)
        message = self.box.wait_sms(1)[0]
        self.assertEqual((octets_of(message, "mo", "udh"), octets_of(message, "mo", "raw")), (udh, b"abc"))
        self.assertNotIn("parts", meta(message)["mo"])


class Parts(Inbound):
    """Which parts belong together, and as what they are read; no directive is needed."""

    keys = {"groups": ROUTE}

    def test_other_elements_do_not_part_them(self):
        """(field C16)"""
        self.mo(b"one ", 0, bytes([8, 0, 3, 77, 3, 1, 0x24, 1, 1]))
        self.mo(b"three", 0, bytes([8, 0x0A, 1, 0, 0, 3, 77, 3, 3]))
        self.mo(b"two ", 0, bytes([5, 0, 3, 77, 3, 2]))
        message = self.box.wait_sms(1)[0]
        self.assertEqual((message.msgdata, message.udhdata), (b"one two three", bytes([3, 0x24, 1, 1])))

    def test_ports_part_them(self):
        """(field C16) What goes to different ports is not one message."""
        def port(n, part):
            return bytes([11, 5, 4, 0, n, 0, 0, 0, 3, 78, 2, part])
        self.mo(b"a1", 4, port(1, 1))
        self.mo(b"b2", 4, port(2, 2))
        self.mo(b"b1", 4, port(2, 1))
        self.mo(b"a2", 4, port(1, 2))
        self.assertEqual([m.msgdata for m in self.box.wait_sms(2)], [b"b1b2", b"a1a2"])

    def test_a_malformed_udh_is_no_part(self):
        self.mo(b"alone", 0, bytes([5, 0, 9, 1, 2, 1]))
        self.mo(b"too", 0, bytes([1, 0x24]))
        self.assertEqual([m.msgdata for m in self.box.wait_sms(2)], [b"alone", b"too"])

    def sar(self, payload, reference, total, number):
        self.mo(payload, 0, tlvs={smpp.TLV_SAR_MSG_REF_NUM: reference.to_bytes(2, "big"),
                                  smpp.TLV_SAR_TOTAL_SEGMENTS: bytes([total]),
                                  smpp.TLV_SAR_SEGMENT_SEQNUM: bytes([number])})

    def test_sar_references_have_sixteen_bits(self):
        """(field C17)"""
        self.sar(b"a1", 0x0142, 2, 1)
        self.sar(b"b1", 0x0242, 2, 1)
        self.sar(b"b2", 0x0242, 2, 2)
        self.sar(b"a2", 0x0142, 2, 2)
        self.assertEqual([m.msgdata for m in self.box.wait_sms(2)], [b"b1b2", b"a1a2"])

    def test_message_waiting_in_ucs2(self):
        """(field C22) 0xE0 to 0xEF are UCS-2, 0xC0 to 0xDF are not."""
        text = "Привет".encode("utf-16-be")
        for dcs in (0xE0, 0xE8, 0xEF):
            with self.subTest(dcs):
                self.box.frames.clear()
                self.mo(text, dcs)
                message = self.box.wait_sms(1)[0]
                self.assertEqual((message.coding, message.msgdata), (2, text))
        for dcs in (0xC8, 0xD0):
            with self.subTest(dcs):
                self.box.frames.clear()
                self.mo(b"caf\x05", dcs)
                self.assertEqual(self.box.wait_sms(1)[0].msgdata.decode(), "café")
