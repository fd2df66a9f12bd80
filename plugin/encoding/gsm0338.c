/* SPDX-License-Identifier: BSD-3-Clause
 * GSM 7 bit default alphabet and its extension table (3GPP TS 23.038 6.2.1 and 6.2.1.1), one septet an
 * octet. 0x09 is the capital C with cedilla, as the standard has it since release 4: the small one is
 * another character and is not here. 0x1B only leads into the extension table.
 * Threads: values. */
#include "encoding/charset_table.h"

static const uint16_t basic[128] = {
    /* 00 */ '@',    0x00A3, '$',    0x00A5, 0x00E8, 0x00E9, 0x00F9, 0x00EC,
    /* 08 */ 0x00F2, 0x00C7, 0x000A, 0x00D8, 0x00F8, 0x000D, 0x00C5, 0x00E5,
    /* 10 */ 0x0394, '_',    0x03A6, 0x0393, 0x039B, 0x03A9, 0x03A0, 0x03A8,
    /* 18 */ 0x03A3, 0x0398, 0x039E, 0,      0x00C6, 0x00E6, 0x00DF, 0x00C9,
    /* 20 */ ' ',    '!',    '"',    '#',    0x00A4, '%',    '&',    '\'',
    /* 28 */ '(',    ')',    '*',    '+',    ',',    '-',    '.',    '/',
    /* 30 */ '0',    '1',    '2',    '3',    '4',    '5',    '6',    '7',
    /* 38 */ '8',    '9',    ':',    ';',    '<',    '=',    '>',    '?',
    /* 40 */ 0x00A1, 'A',    'B',    'C',    'D',    'E',    'F',    'G',
    /* 48 */ 'H',    'I',    'J',    'K',    'L',    'M',    'N',    'O',
    /* 50 */ 'P',    'Q',    'R',    'S',    'T',    'U',    'V',    'W',
    /* 58 */ 'X',    'Y',    'Z',    0x00C4, 0x00D6, 0x00D1, 0x00DC, 0x00A7,
    /* 60 */ 0x00BF, 'a',    'b',    'c',    'd',    'e',    'f',    'g',
    /* 68 */ 'h',    'i',    'j',    'k',    'l',    'm',    'n',    'o',
    /* 70 */ 'p',    'q',    'r',    's',    't',    'u',    'v',    'w',
    /* 78 */ 'x',    'y',    'z',    0x00E4, 0x00F6, 0x00F1, 0x00FC, 0x00E0,
};

static const struct {
    unsigned char septet;
    uint16_t scalar;
} extension[] = {
    {0x0A, 0x000C}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2F, '\\'},
    {0x3C, '['},    {0x3D, '~'}, {0x3E, ']'}, {0x40, '|'}, {0x65, 0x20AC},
};

uint16_t byo_gsm0338_basic(unsigned septet)
{
    return basic[septet];
}

uint16_t byo_gsm0338_extension(unsigned septet)
{
    for (size_t i = 0; i < sizeof extension / sizeof extension[0]; i++)
        if (extension[i].septet == septet)
            return extension[i].scalar;
    return 0;
}
