# SPDX-License-Identifier: BSD-3-Clause
"""Reads what arrived at the carrier: GSM 03.38 (3GPP TS 23.038 section 6.2.1) and JIS X 0201, written for
the tests from the standards."""

_BASIC = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
          "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
_EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~",
              0x3E: "]", 0x40: "|", 0x65: "€"}
assert len(_BASIC) == 128


def gsm(octets):
    """Unpacked septets to text. An escape without its character raises."""
    text, it = "", iter(octets)
    for septet in it:
        if septet == 0x1B:
            following = next(it, None)
            if following is None:
                raise ValueError("an escape pair was split")
            text += _EXTENSION[following]
        else:
            text += _BASIC[septet]
    return text


def septets(text):
    return sum(2 if c in _EXTENSION.values() else 1 for c in text)


def jis0201(octets):
    text = ""
    for octet in octets:
        if 0xA1 <= octet <= 0xDF:
            text += chr(0xFF61 + octet - 0xA1)
        elif octet == 0x5C:
            text += "¥"
        elif octet == 0x7E:
            text += "‾"
        elif octet < 0x80:
            text += chr(octet)
        else:
            raise ValueError(f"0x{octet:02x} is not in JIS X 0201")
    return text


_DECODERS = {0: gsm, 1: lambda o: o.decode("ascii"), 2: gsm, 3: lambda o: o.decode("iso-8859-1"),
             5: jis0201, 6: lambda o: o.decode("iso-8859-5"), 7: lambda o: o.decode("iso-8859-8"),
             8: lambda o: o.decode("utf-16-be")}


def text_of(sm):
    """What a handset would show of one submit_sm, by its data_coding and the default list."""
    return _DECODERS[sm.data_coding](sm.content)


def whole_text(submits):
    """The text of a message from its segments, put together by their UDH."""
    parts = [s.sm for s in submits]
    if len(parts) > 1:
        references = {p.concat[:2] for p in parts}
        if len(references) != 1 or sorted(p.concat[2] for p in parts) != list(range(1, len(parts) + 1)):
            raise ValueError(f"not the segments of one message: {[p.concat for p in parts]}")
        parts.sort(key=lambda p: p.concat[2])
    return "".join(text_of(p) for p in parts)
