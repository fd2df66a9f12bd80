/* SPDX-License-Identifier: BSD-3-Clause
 * libphonenumber's knowledge, told in C. Only metadata look-ups; nothing is formatted for people.
 * Ownership: values. Threads: libphonenumber's singleton is made by the first call. */
#include "compliance/number_type.h"

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <list>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace
{

/* National digits as they stand, leading zeros and all. */
PhoneNumber literal_of(int code, const char *national)
{
    PhoneNumber number;
    size_t zeros = strspn(national, "0");

    number.set_country_code(code);
    number.set_national_number(strtoull(national + zeros, nullptr, 10));
    if (zeros > 0 && national[zeros]) {
        number.set_italian_leading_zero(true);
        number.set_number_of_leading_zeros((int)zeros);
    }
    return number;
}

PhoneNumber literal_of(const char *digits, size_t code)
{
    return literal_of(std::stoi(std::string(digits, code)), digits + code);
}

/* The number exactly as its digits stand. Parse() takes a trunk prefix out of some ("+44 0 20 ..."), and
 * such a number could not be dialled: its length is judged with every digit it has. */
bool take(const char *e164, PhoneNumber *parsed, PhoneNumber *literal)
{
    const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();

    /* Parse() itself refuses what has no known calling code or fewer than two digits after it. */
    if (util->Parse(e164, "ZZ", parsed) != PhoneNumberUtil::NO_PARSING_ERROR)
        return false;
    std::string code = std::to_string(parsed->country_code());
    *literal = literal_of(parsed->country_code(), e164 + 1 + code.size());
    return true;
}

ByoPhoneType type_of(const PhoneNumber &number)
{
    switch (PhoneNumberUtil::GetInstance()->GetNumberType(number)) {
    case PhoneNumberUtil::FIXED_LINE:
        return BYO_PHONE_FIXED;
    case PhoneNumberUtil::MOBILE:
        return BYO_PHONE_MOBILE;
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE:
        return BYO_PHONE_FIXED_OR_MOBILE;
    case PhoneNumberUtil::TOLL_FREE:
        return BYO_PHONE_TOLL_FREE;
    case PhoneNumberUtil::PREMIUM_RATE:
        return BYO_PHONE_PREMIUM;
    case PhoneNumberUtil::UNKNOWN:
        return BYO_PHONE_UNKNOWN;
    default:
        return BYO_PHONE_OTHER;
    }
}

ByoPhonePossible possible_of(const PhoneNumber &number)
{
    switch (PhoneNumberUtil::GetInstance()->IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::IS_POSSIBLE:
        return BYO_PHONE_POSSIBLE;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE:
        return BYO_PHONE_BAD_COUNTRY_CODE;
    case PhoneNumberUtil::TOO_LONG:
        return BYO_PHONE_TOO_LONG;
    case PhoneNumberUtil::TOO_SHORT:
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY: /* the area code is missing */
        return BYO_PHONE_TOO_SHORT;
    default:
        return BYO_PHONE_BAD_LENGTH;
    }
}

} // namespace

extern "C" void byo_phone_look(const char *e164, ByoPhone *phone_r)
{
    *phone_r = ByoPhone{BYO_PHONE_BAD_COUNTRY_CODE, BYO_PHONE_UNKNOWN, 0, ""};
    try {
        PhoneNumber parsed, literal;
        const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();

        if (strlen(e164) > 21 || strlen(e164) < 2)
            return;
        if (!take(e164, &parsed, &literal)) {
            /* A known calling code with next to nothing after it is too short, not unknown. */
            for (int n = 1; n <= 3 && e164[n]; n++) {
                std::list<std::string> regions;
                util->GetRegionCodesForCountryCallingCode(std::stoi(std::string(e164 + 1, (size_t)n)),
                                                          &regions);
                if (regions.empty())
                    continue;
                phone_r->possible = strlen(e164) > 17 ? BYO_PHONE_TOO_LONG : BYO_PHONE_TOO_SHORT;
                return;
            }
            return;
        }
        phone_r->calling_code = parsed.country_code();
        phone_r->possible = possible_of(literal);
        phone_r->type = type_of(parsed);
        std::string region;
        util->GetRegionCodeForNumber(parsed, &region);
        if (region != "ZZ")
            snprintf(phone_r->region, sizeof phone_r->region, "%s", region.c_str());
    } catch (...) {
        /* Memory ran out or a table is broken: the number stays unknown. */
        *phone_r = ByoPhone{BYO_PHONE_BAD_COUNTRY_CODE, BYO_PHONE_UNKNOWN, 0, ""};
    }
}

extern "C" bool byo_phone_in_country(const char *e164, const char *country)
{
    try {
        PhoneNumber parsed, literal;
        const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
        std::list<std::string> regions;

        if (!take(e164, &parsed, &literal))
            return false;
        util->GetRegionCodesForCountryCallingCode(parsed.country_code(), &regions);
        if (std::find(regions.begin(), regions.end(), country) == regions.end())
            return false;
        /* A calling code of several countries (+1, +44, +7): the range decides where it is known. */
        return util->IsValidNumberForRegion(parsed, country) || !util->IsValidNumber(parsed);
    } catch (...) {
        return false;
    }
}

extern "C" int byo_phone_calling_code(const char *country)
{
    try {
        return PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(country);
    } catch (...) {
        return 0;
    }
}

extern "C" void byo_phone_national_prefix(const char *country, char prefix_r[6])
{
    prefix_r[0] = 0;
    try {
        std::string prefix;
        PhoneNumberUtil::GetInstance()->GetNddPrefixForRegion(country, true, &prefix);
        if (prefix.size() < 6 && prefix.find_first_not_of("0123456789") == std::string::npos)
            snprintf(prefix_r, 6, "%s", prefix.c_str());
    } catch (...) {
        prefix_r[0] = 0;
    }
}

extern "C" bool byo_phone_possible(const char *digits, size_t code)
{
    try {
        return digits[code] && possible_of(literal_of(digits, code)) == BYO_PHONE_POSSIBLE;
    } catch (...) {
        return false;
    }
}

extern "C" bool byo_phone_valid(const char *digits, size_t code)
{
    try {
        return digits[code] && PhoneNumberUtil::GetInstance()->IsValidNumber(literal_of(digits, code));
    } catch (...) {
        return false;
    }
}

extern "C" void byo_phone_country(const char *digits, size_t code, char country_r[3])
{
    country_r[0] = 0;
    try {
        const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
        PhoneNumber number = literal_of(digits, code);
        std::list<std::string> regions;
        std::string region;

        util->GetRegionCodesForCountryCallingCode(number.country_code(), &regions);
        if (regions.size() > 1)
            util->GetRegionCodeForNumber(number, &region);
        if (regions.size() >= 1 && (region.empty() || region == "ZZ"))
            region = regions.front(); /* the largest */
        if (region.size() == 2)
            snprintf(country_r, 3, "%s", region.c_str());
    } catch (...) {
        country_r[0] = 0;
    }
}

extern "C" bool byo_phone_dialled(const char *digits, const char *country, char *digits_r, size_t size)
{
    try {
        PhoneNumber parsed;
        std::string e164;
        const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();

        if (util->Parse(digits, country, &parsed) != PhoneNumberUtil::NO_PARSING_ERROR ||
            parsed.country_code() != util->GetCountryCodeForRegion(country))
            return false;
        util->Format(parsed, PhoneNumberUtil::E164, &e164);
        return e164.size() > 1 && (size_t)snprintf(digits_r, size, "%s", e164.c_str() + 1) < size;
    } catch (...) {
        return false;
    }
}
