#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each fact has one place: what the lists of the source say stands in the documentation as it is there, and in no
second place of the source. The lists are what tests/tools/print_facts of this build prints. With --write the parts of
the documentation that are made from a list are made anew."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(os.environ.get("srcdir") or ".")
WRITE = "--write" in sys.argv
failed = 0


def read(name):
    return (TOP / name).read_text(encoding="utf-8")


def wrong(text):
    global failed
    print(text)
    failed = 1


def same(what, where, said, listed):
    for name in sorted(set(listed) - set(said)):
        wrong(f"{where}: {what} {name} is missing")
    for name in sorted(set(said) - set(listed)):
        wrong(f"{where}: {what} {name} is none of the source's list")


def permissions(facts):
    granted, built_in = facts["permissions"], facts["builtInPermissions"]
    guide = re.search(r"^\| permissions \| of: (.*), or all \|$", read("docs/user-guide.md"), re.M)
    same("permission", "docs/user-guide.md", guide.group(1).split(), granted)
    page = re.search(r"^\.B permissions\nOf (.*); or all\.", read("docs/man/byobox.conf.5"), re.M | re.S).group(1)
    names = re.sub(r"\([^)]*\)", "", page).replace("\\-", "-").replace("\n", " ").split(",")
    same("permission", "docs/man/byobox.conf.5", [n.strip() for n in names], granted)
    every = operations()
    for name in {n for _, names in every for n in names} - set(granted + built_in + ["open", "any"]):
        wrong(f"docs/openapi.yaml: x-permission {name} is none of plugin/base/permissions.h")
    head = "| operation | " + " | ".join(granted + built_in) + " |\n|---" + "|---" * len(granted + built_in) + "|\n"
    made("docs/user-guide.md", head, "\nWithout a password:",
         "".join(f"| {operation} | " + " | ".join("x" if n in names or (n == "view" and "status" in names) else ""
                                                  for n in granted + built_in) + " |\n"
                 for operation, names in every if not set(names) & {"open", "any"}))


def operations():
    """[("GET /v1/status", what it needs: one of these)] of docs/openapi.yaml, in its order."""
    path, verb, out = None, None, []
    for line in read("docs/openapi.yaml").splitlines():
        if line == "components:":
            break
        m = re.match(r"  (/[^:]*):$|    ([a-z]+):$|      x-permission: \[?([^\]]*)", line)
        if m and m.group(1):
            path, verb = m.group(1), None
        elif m and m.group(2):
            verb = m.group(2)
        elif m:
            out.append((f"{verb.upper()} {path}", [n.strip() for n in m.group(3).split(",")]))
    return out


# -- the properties of an integration -----------------------------------------------------------------------

# Where the user guide says more of one.
MORE = {"home-country": "[compliance.md](compliance.md#whose-number-is-this)",
        "advanced-config": "[reports.md](reports.md#the-error-map)",
        "msg-id-match": "[reports.md](reports.md#message-ids)",
        "receipt-errors": "[reports.md](reports.md#how-a-receipt-is-read)",
        "ssl-verify-host": "[patches](../patches/README.md)"}
KINDS = {"file": "file", "host": "host name or IPv4 address", "id": "id", "country": "country, such as DE"}


def made(name, begin, end, text):
    """What stands between two texts of a file is made from the source."""
    whole = read(name)
    a = whole.index(begin) + len(begin)
    b = whole.index(end, a)
    if whole[a:b] == text:
        return
    if WRITE:
        (TOP / name).write_text(whole[:a] + text + whole[b:], encoding="utf-8")
        return
    is_there, should = whole[a:b].splitlines(), text.splitlines()
    for line in [f"- {line}" for line in is_there if line not in should] + \
                [f"+ {line}" for line in should if line not in is_there]:
        wrong(f"{name}: {line}")
    wrong(f"{name} is not as the source says; tests/tools/check_facts.py --write makes it so")


def allowed(p):
    """What a value may be, in words."""
    if "values" in p:
        return ", ".join(map(str, p["values"]))
    if p["type"] == "boolean":
        return "" if p["help"].startswith("yes:") else "yes, no"
    if p["type"] == "text":
        return f"{p['min']} to {p['max']} octets" if p["min"] else f"up to {p['max']} octets"
    return KINDS.get(p["type"]) or f"{p['min']} to {p['max']}"


def written(value):
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def guide_row(p):
    value = "; ".join(part for part in (allowed(p), p["help"]) if part)
    if p["key"] in MORE:
        value += ", " + MORE[p["key"]]
    default = "required" if p["required"] else "none" if p["default"] is None else written(p["default"]) or "empty"
    return f"| {p['key']} | {value} | {default} | {p['applies']} |\n"


def man_entry(p):
    text = "; ".join(part for part in (allowed(p), p["help"]) if part)
    text = (text + "." + (" Required." if p["required"] else "")).replace("-", "\\-")
    default = f" \\fR({written(p['default'])})" if p["default"] not in (None, "") else ""
    return f".TP\n.B {p['key']}{default}\n".replace("-", "\\-") + text + "\n"


def schema(p):
    kind = p["type"] if p["type"] in ("integer", "boolean") else "string"
    parts = [f"type: {kind}"]
    if "values" in p and p["type"] == "choice":
        parts.append("enum: [" + ", ".join(map(json.dumps, p["values"])) + ("]" if p["default"] else ", null]"))
    elif kind == "integer" and "min" in p:
        parts.append(f"minimum: {p['min']}, maximum: {p['max']}")
    if p["default"] is None and not p["required"]:
        parts.append("nullable: true")
    elif p["default"] not in (None, ""):
        parts.append(f"default: {json.dumps(p['default'])}")
    parts.append("description: " + json.dumps(f"{p['key']}: {p['help']}"))
    return f"{p['name']}: {{{', '.join(parts)}}}\n"


def properties(facts):
    rows = facts["properties"]
    made("docs/user-guide.md", "### group = byo-smpp (one for each integration, at most 10)\n\n"
         "| key | value | default | applies |\n|---|---|---|---|\n", "\n\n", "".join(map(guide_row, rows)).rstrip("\n"))
    made("docs/man/byobox.conf.5", '.SH "GROUP BYO\\-SMPP"\nOne for each integration, at most 10.\n', ".SH ",
         "".join(map(man_entry, rows)))
    shown = [p for p in rows if p["name"] and not p["secret"]]
    flat = [p for p in shown if not p["credential"]]
    made("docs/openapi.yaml", "    IntegrationProperties:\n", "    IntegrationCredentials:\n",
         "      type: object\n      required: [" + ", ".join(p["name"] for p in flat) + ", credentials]\n"
         "      properties:\n" + "".join("        " + schema(p) for p in flat) +
         '        credentials: {$ref: "#/components/schemas/IntegrationCredentials"}\n'
         '        advanced: {nullable: true, description: "the content of its advanced-config; null: the defaults; not in '
         'lists", allOf: [{$ref: "#/components/schemas/AdvancedConfig"}]}\n')
    made("docs/openapi.yaml", "    IntegrationCredentials:\n", "    IntegrationConfig:\n",
         "      type: object\n      required: [" + ", ".join(p["name"] for p in shown if p["credential"]) + "]\n"
         "      properties:\n" + "".join("        " + schema(p) for p in shown if p["credential"]))
    for p in rows:
        if not p["help"] or not p["applies"]:
            wrong(f"plugin/integration/properties.c: {p['key']} has no help")


def members(name):
    """The members of a schema that are required, and all of them with what is said of each."""
    found = re.search(rf"^    {name}:\n      type: object\n      required: \[(.*)\]\n      properties:\n((?: {{8}}.*\n)+)",
                      read("docs/openapi.yaml"), re.M)
    return found.group(1).split(", "), dict(re.findall(r"^ {8}(\w+): (.*)$", found.group(2), re.M))


# What IntegrationConfig says beside the keys: how they were written, what stands in a file, Kannel's own keys.
BESIDE = {"passwordPlain", "addresses", "charsets", "smscKeys"}


def config(facts):
    """What GET /v1/integrations shows of each key, by its name, a duration in seconds; held against the table of keys."""
    required, said = members("IntegrationConfig")
    same("member", "docs/openapi.yaml: IntegrationConfig, required", required, list(said))
    shown, listed = dict(said, **members("Addresses")[1]), set()
    for p in facts["properties"]:
        if not p["name"] or p["secret"] or p["key"] in facts["passed"]:
            continue
        name = p["name"] + ("Seconds" if p["type"] == "duration" else "")
        listed.add(name)
        words = shown.get(name, "")
        if p["type"] in ("integer", "boolean") and f"type: {p['type']}" not in words:
            wrong(f"docs/openapi.yaml: IntegrationConfig: {name} is no {p['type']}")
        for value in p.get("values", []) if p["type"] == "choice" else []:
            if not re.search(rf"[\[ ]{re.escape(value)}[,\]]", words):
                wrong(f"docs/openapi.yaml: IntegrationConfig: {name} lacks {value}")
    same("key", "docs/openapi.yaml: IntegrationConfig", set(shown) - BESIDE, listed)


# -- events ---------------------------------------------------------------------------------------------------

REPEATS = {"each": "each time", "change": "each time the state changes, else once a minute", "counted": "once a minute",
           "by-text": "once a minute for each recipient"}


def events(facts):
    made("docs/events.md", "## All of them\n\n| event | level | a row |\n|---|---|---|\n", "\n\n",
         "\n".join(f"| [{e['id']} {e['name']}](#{e['id'].lower()}-{e['name']}) | {e['level']} | {REPEATS[e['repeats']]} |"
                   for e in facts["events"]))


# -- counters, features, the version --------------------------------------------------------------------------

def counters(facts):
    schema = re.search(r"^    Counters:\n      type: object\n      required: \[(.*)\]\n      properties:\n((?: {8}.*\n)+)",
                       read("docs/openapi.yaml"), re.M)
    same("counter", "docs/openapi.yaml", schema.group(1).split(", "), facts["counters"])
    same("counter", "docs/openapi.yaml", re.findall(r"^ {8}(\w+):", schema.group(2), re.M), facts["counters"])


def features(facts):
    guide = re.search(r"^\| bearerbox-features \| [^|]*or of: ([^;|]*);", read("docs/user-guide.md"), re.M)
    same("feature", "docs/user-guide.md", guide.group(1).split(), facts["features"])
    document = read("docs/patched-bearerbox.md")
    for name in facts["features"]:
        if name not in document:
            wrong(f"docs/patched-bearerbox.md: feature {name} is missing")


def alike():
    """Keys of group byobox that nodes are compared by: those with BYO_KEY_ALIKE."""
    table = re.search(r"box_defs\[\] = \{(.*?)\n\};", read("plugin/config/keys.c"), re.S).group(1)
    keys = re.findall(r'\{"([a-z-]+)", \w+,\s+BYO_KEY_ALIKE', table)
    guide = re.search(r"and of group byobox: (.*?) \|$", read("docs/several-nodes.md"), re.M).group(1)
    same("key nodes are compared by", "docs/several-nodes.md", re.findall(r"`([a-z-]+)`", guide), keys)


def languages():
    sets = re.findall(r'^SET\("(\w+)"', read("plugin/compliance/defaults_sets.h"), re.M)
    around = re.findall(r'^LOOSE\("(\w+)"', read("plugin/compliance/loose_sets.h"), re.M)
    said = re.search(r"^`default-language` names languages in order: ([^.]*)\.", read("docs/compliance.md"), re.M).group(1)
    tried = {word for line in read("tests/vectors/keywords.tsv").splitlines() if not line.startswith("#")
             for word in line.split("\t")[0].split()}
    same("language", "plugin/compliance/loose_sets.h", around, sets)
    same("language", "docs/compliance.md", re.findall(r"\w+", said), sets)
    same("language", "tests/vectors/keywords.tsv", tried & set(sets), sets)


def version(facts):
    for name, pattern in (("NEWS", r"byobox (\S+)"), ("debian/changelog", r"byobox \(([^-)]+)")):
        said = re.match(pattern, read(name)).group(1)
        if said != facts["version"]:
            wrong(f"{name} speaks of version {said}, configure.ac of {facts['version']}")


# -- one place in the source ------------------------------------------------------------------------------------

# What is written out in one file only: a pattern, the file, what to call instead.
ONE_PLACE = (
    (r"1099511628211|16777619|0x736f6d6570736575", "plugin/base/hash.c", "byo_hash"),
    (r"- 'a' \+ 10|- 'A' \+ 10", "plugin/base/text.h", "byo_hex_digit"),
    (r"(?i)0x10ffff\b|== 0xed\b", "plugin/base/text.c", "byo_utf8_octets"),
    (r"& 0xc0\) ==", "plugin/base/text.c", "byo_utf8_cut"),
    (r"#include <jansson.h>", "plugin/base/json_build.c", "base/json.h"),
    (r"\"(?:raw-payload|submit-status|receipts-to-box|mo-raw|verified-tls|bind-retry|long-password)\"",
     "plugin/base/features.h", "BYO_FEATURES"),
    (r"\"BYO-\d{4}\"", "plugin/base/event.h", "byo_event_info"),
    (r"\"send-test\"", "plugin/base/permissions.h", "BYO_PERMISSIONS"),
    (r"\"(?:retry-max-delay|receipt-timeout)\", BYO_KEY", "plugin/integration/properties.c", "byo_property"),
    (r"BYO_E164_MIN = |E164_MAX = ", "plugin/encoding/address.h", "BYO_E164_MIN"),
)


def one_place():
    sources = sorted(p for p in (TOP / "plugin").rglob("*.[ch]") if p.name not in ("default_advanced.c",))
    for pattern, home, instead in ONE_PLACE:
        found = False
        for path in sources:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if line.lstrip().startswith("*") or not re.search(pattern, re.sub(r"/\*.*?(\*/|$)", "", line)):
                    continue
                name = str(path.relative_to(TOP))
                found |= name == home
                if name != home:
                    wrong(f"{name}:{number}: stands in {home} already: use {instead}")
        if not found:
            wrong(f"{home}: nothing there matches {pattern}: has its form changed?")


def main():
    facts = json.loads(subprocess.run(["tests/tools/print_facts"], stdout=subprocess.PIPE, check=True).stdout)
    permissions(facts)
    properties(facts)
    config(facts)
    events(facts)
    counters(facts)
    features(facts)
    alike()
    languages()
    version(facts)
    one_place()
    return failed


if __name__ == "__main__":
    sys.exit(main())
