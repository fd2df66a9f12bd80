/* SPDX-License-Identifier: BSD-3-Clause
 * The policy core by itself: for each short message its number is looked up among 10,000, the
 * recipient read, the opt-outs asked, the text written by the default charset list and cut into segments,
 * the addresses made; for each submit status and receipt the error map is asked.
 * Prints messages a second on one core, for several kinds of text. Threads: one. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "compliance/opt_out.h"
#include "flow/inventory.h"
#include "integration/advanced.h"

enum { NUMBERS = 10000, ROUND = 20000, SECONDS = 1 };

typedef struct {
    const char *name;
    const char *text;
} Text;

static const Text texts[] = {
    {"GSM 03.38, 45 characters", "Your code is 123456. It is good for 5 minutes"},
    {"GSM 03.38, 160 characters",
     "Your parcel 00340434161094015902 will be brought today between 14:00 and 16:00. "
     "Please have your identity card ready when our driver comes. Thank you very much "},
    {"ISO-8859-5, 40 characters", "Ваш код 123456. Он действует пять минут."},
    {"UTF-16BE, 30 characters", "您的验证码是123456，五分钟内有效，请不要告诉任何人。谢谢"},
};

typedef struct {
    ByoInventory *inventory;
    ByoOptOuts *opt_outs;
    ByoAdvanced *advanced;
    ByoEncoded encoded;
    uint64_t segments, failures; /* so that nothing is left out */
} Core;

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void message(Core *c, unsigned i, ByoStr text)
{
    static const ByoAddressRules rules = {
        .address_ton = 1, .address_npi = 1, .destination_ton = 1, .destination_npi = 1};
    static const ByoEncodeOptions options = {.reference_bits = 8};
    char sender[24], recipient[24];
    ByoReading to;
    /* What an application typed; made by hand, as printing it would cost more than reading it. */
    memcpy(sender, "+12025500000", 13);
    memcpy(recipient, "+4366012000000", 15);
    for (unsigned k = 0, n = i % NUMBERS; k < 4; k++, n /= 10)
        sender[11 - k] = (char)('0' + n % 10);
    for (unsigned k = 0, n = i; k < 6; k++, n /= 10)
        recipient[13 - k] = (char)('0' + n % 10);
    const ByoInventoryEntry *number = byo_inventory_find(c->inventory, byo_strn(sender, 12));
    ByoReadHow how = {
        .manner = BYO_MANNER_TYPED, .ton = BYO_TON_UNKNOWN, .home = number ? &number->home : NULL};
    if (!number || byo_read(byo_strn(recipient, 14), &how, &to) != BYO_READ_PHONE ||
        byo_optouts_has(c->opt_outs, byo_str(number->digits), byo_str(to.e164)) ||
        byo_encode(&c->advanced->charsets, text, &options, &c->encoded) != BYO_ENCODE_OK) {
        c->failures++;
        return;
    }
    ByoAddressOut out;
    byo_address_mt(&rules, sender, to.e164, &out);
    c->segments += c->encoded.n;
    static const ByoStr codes[] = {{"000", 3}, {"088", 3}, {"11", 2}, {"A1B", 3}};
    ByoVerdict submit = byo_verdict_submit(c->advanced->map, codes[i % 4]);
    ByoVerdict receipt = byo_verdict_receipt(c->advanced->map, BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE,
                                             codes[(i + 1) % 4]);
    c->segments += (unsigned)(submit.code + receipt.code) & 0; /* the compiler may not drop them */
    c->failures += !submit.cause || !receipt.cause || !out.source[0];
}

int main(void)
{
    Core c = {.inventory = byo_inventory_create(), .opt_outs = byo_optouts_create(1)};
    ByoFaults faults = {0};
    ByoAdvancedOptions options = {0};
    c.advanced = byo_advanced_load(BYO_STR(""), &options, &faults);
    byo_faults_free(&faults);
    for (unsigned i = 0; i < NUMBERS; i++) {
        ByoNumber n = {.type = BYO_NUMBER_LOCAL, .integration = "carrier-a"};
        snprintf(n.digits, sizeof n.digits, "1202550%04u", i);
        byo_inventory_put(c.inventory, NULL, &n, NULL, 0);
        char recipient[24];
        snprintf(recipient, sizeof recipient, "43699%05u", i);
        byo_optouts_add(c.opt_outs, byo_str(n.digits), byo_str(recipient));
    }
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        ByoStr text = byo_str(texts[t].text);
        uint64_t n = 0;
        double begun = cpu(), took;
        do {
            for (unsigned i = 0; i < ROUND; i++)
                message(&c, (unsigned)n + i, text);
            n += ROUND;
            took = cpu() - begun;
        } while (took < SECONDS);
        printf("%-28s %9.0f messages a second, %zu segment(s)\n", texts[t].name, (double)n / took,
               c.encoded.n);
    }
    if (c.failures)
        fprintf(stderr, "bench_core: %llu messages were not written\n", (unsigned long long)c.failures);
    byo_encoded_free(&c.encoded);
    byo_advanced_destroy(c.advanced);
    byo_optouts_destroy(c.opt_outs);
    byo_inventory_destroy(c.inventory);
    return c.failures != 0;
}
