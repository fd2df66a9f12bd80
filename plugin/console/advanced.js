// SPDX-License-Identifier: BSD-3-Clause
// The advanced configuration of an integration: which row of the error map is in force, the charsets in their order, and
// a text or a new configuration tried.

import {api, get} from "./api.js";
import {encodePart} from "./encode.js";
import {badge, h, none, orNone, replace, said} from "./dom.js";
import {makeForm, notice, table} from "./parts.js";

const CODES = ["success", "unknown failure", "retryable failure", "permanent failure", "expired", "deferred", "en route", "rejected", "accepted", "unknown", "undeliverable"];

// As the server compares them (byo_error_key; one table tests both): 0x58 is 88, leading zeros and blanks off, upper
// case; a prefix stays.
export function keyForm(key) {
  const [, prefix, code] = /^((?:receipt|submit):)?(.*)$/i.exec(key);
  const text = code.replace(/^ +| +$/g, ""), number = /^0x[0-9a-f]+$/i.test(text) ? BigInt(text.toLowerCase()) : null;
  return (prefix || "").toLowerCase() + (number !== null && number < 2n ** 64n ? String(number) :
    text.replace(/^0+(?=.)/, "").replace(/[a-z]/g, (c) => c.toUpperCase()));
}

function rows(builtIn, own) {
  const all = new Map();
  for (const [key, row] of Object.entries(builtIn)) all.set(keyForm(key), {key: keyForm(key), builtIn: row});
  for (const [key, row] of Object.entries(own)) all.set(keyForm(key), {...(all.get(keyForm(key)) || {key: keyForm(key)}), own: row});
  return [...all.values()].sort((a, b) => a.key.localeCompare(b.key, "en", {numeric: true}));
}

const told = (row) => (row ? [h("span", {class: "mono"}, `${row.genericErrorCode} `), said(row.genericErrorCause),
                              h("div", {class: "sub"}, CODES[row.genericErrorCode] || "", row.description ? [" – ", said(row.description)] : null)] : none());

function mapTable(builtIn, own) {
  return table([
    {title: "Carrier's code", cell: (r) => h("span", {class: "mono"}, said(r.key), /^\d+$/.test(r.key) ? h("span", {class: "sub"}, ` 0x${Number(r.key).toString(16).toUpperCase().padStart(2, "0")}`) : null)},
    {title: "Own row", class: "long", cell: (r) => told(r.own)}, {title: "Built-in row", class: "long", cell: (r) => told(r.builtIn)},
    {title: "In force", cell: (r) => badge(r.own ? "own" : "built-in", r.own ? "good" : "idle")}], rows(builtIn, own), "Error map");
}

function checkForm(i, ctx, own) {
  const answer = h("div", {"aria-live": "polite"});
  const form = makeForm({button: "Check", fields: [
    {name: "text", label: "A configuration to check", type: "textarea", rows: 8, code: true, wide: true, value: JSON.stringify(own || {}, null, 2),
     help: "Checked as it would be at a load. Nothing is changed."}],
  submit: async ({text}) => {
    const done = await api("POST", "/v1/advanced-config/check", {text, query: {"allow-unknown-causes": i.config && i.config.allowUnknownCauses ? "true" : "false"}});
    replace(answer, done.faults.length ? done.faults.map((f) => notice(f.severity === "error" ? "bad" : "warn", `Line ${f.line}, column ${f.column} `,
              f.pointer ? h("code", null, said(f.pointer)) : null, " ", said(f.message))) : notice("good", "It is in order."));
  }});
  return h("section", {class: "card"}, h("h2", null, "Check a configuration"), form, answer);
}

export async function advancedTab(i, ctx) {
  const builtIn = await get("/assets/default-advanced.json", {}, ctx.signal);
  const own = i.properties && i.properties.advanced;
  const map = (own && own.protocolSpecificCodeMapping) || {};
  const charsets = i.config ? i.config.charsets : [];
  return [
    h("div", {class: "cards two"},
      h("section", {class: "card"}, h("h2", null, "Charsets, the first that can carry a text is used"),
        h("ol", {class: "charsets"}, charsets.map((c) => h("li", null, h("strong", null, said(c.charset)), " ", h("span", {class: "mono sub"}, `dcs ${c.dcs}`))))),
      h("section", {class: "card"}, h("h2", null, "Try a text"), i.config && i.config.bindType === "receiver" ? h("p", null, "It only receives.") : encodePart(ctx, {integration: i.id}))),
    h("section", null, h("h2", null, "Error map"), mapTable(builtIn.protocolSpecificCodeMapping, map),
      h("p", {class: "sub"}, "A code without a row: ", orNone("1 DEFAULT"), ".")),
    checkForm(i, ctx, own)];
}
