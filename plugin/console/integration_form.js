// SPDX-License-Identifier: BSD-3-Clause
// An integration is added or edited: the fields /v1/properties names, faults at their fields, and what would change in
// the file before anything is saved. What is in force is decided by the server alone (PUT /v1/integrations/ID).

import {ApiError, api, get, idPath} from "./api.js";
import {h, replace, said} from "./dom.js";
import {clearFaults, field, makeForm, notice, showFaults, toast} from "./parts.js";
import {GROUPS, articleName, label, meaning} from "./properties.js";

function range(p) {
  if (p.min === undefined || p.max === undefined || p.type === "text" || p.type === "host") return "";
  return ` (${p.min} to ${p.max})`;
}

function help(p) {
  const by = p.default === null || p.default === undefined || p.default === "" ? "" : ` Default: ${p.type === "boolean" ? (p.default ? "yes" : "no") : p.default}.`;
  const text = p.help ? `${p.help[0].toUpperCase()}${p.help.slice(1)}` : "";
  return `${text}${range(p)}.${by}`;
}

function formField(p, value, add) {
  const named = p.credential ? `credentials.${p.name}` : p.name;
  const f = {name: named, label: label(p), also: articleName(p), help: help(p), required: p.required && !p.secret, value: value ?? undefined};
  if (p.type === "boolean") return {...f, type: "select", value: value === null || value === undefined ? "" : String(value),
                                   options: [...(p.default === null || p.default === undefined ? [["", "not set"]] : []), ["true", "yes"], ["false", "no"]]};
  if (p.name === "smscPort") return {...f, type: "number", list: "smsc-ports"};
  if (p.values && p.values.length)
    return {...f, type: "select", options: [...(p.default === null || p.default === undefined ? [["", "not set"]] : []),
                                           ...p.values.map((v) => [String(v), meaning(p.name, v)])]};
  if (/ton$/i.test(p.name) && p.type === "integer")
    return {...f, type: "select", options: [...(p.default === null || p.default === undefined ? [["", "not set"]] : []),
                                           ...Array.from({length: p.max - p.min + 1}, (_, i) => [String(p.min + i), meaning(p.name, p.min + i)])]};
  if (p.secret) return {...f, type: "password", autocomplete: "new-password", value: "", required: add,
                       help: add ? "It is kept sealed, and never shown again." : "Empty: it stays as it is. A changed address, port or TLS needs it again."};
  if (p.name === "notes") return {...f, wide: true};
  return f;
}

// The request's value of a field; undefined leaves it as the default.
function valueOf(p, text) {
  if (text === "" || text === undefined) return undefined;
  if (p.type === "boolean") return text === "true";
  if (p.type === "integer") return /^-?\d+$/.test(text.trim()) ? Number(text) : text;
  const choice = (p.values || []).find((v) => String(v) === text);
  return choice === undefined ? text : choice;
}

function request(all, values, before) {
  const body = {}, credentials = {};
  for (const p of all) {
    if (!p.name || p.type === "file") continue; // a key that names a file stays as the file has it
    const value = valueOf(p, values[p.credential ? `credentials.${p.name}` : p.name]);
    if (value === undefined) continue;
    if (p.credential) credentials[p.name] = value;
    else body[p.name] = value;
  }
  if (Object.keys(credentials).length) body.credentials = credentials;
  const text = (values.advanced || "").trim();
  if (text) {
    try { body.advanced = JSON.parse(text); } catch (e) {
      throw new ApiError(422, {error: {code: "bad-json", message: `This is no JSON: ${e.message}`, field: "advanced"}}, null);
    }
  } else if (before && before.advanced) body.advanced = {}; // it was emptied
  return body;
}

function differenceView(text) {
  return h("pre", {class: "difference", tabindex: 0, "aria-label": "What would change"}, text.split("\n").map((line) =>
    h("span", {class: line.startsWith("+") ? "plus" : line.startsWith("-") ? "minus" : null}, line, "\n")));
}

function advancedField(before) {
  const now = before && before.advanced ? JSON.stringify(before.advanced, null, 2) : "";
  return field({name: "advanced", label: "Advanced configuration", also: "Advanced Configuration", type: "textarea", rows: 8, code: true, wide: true, value: now,
                help: "JSON with protocolSpecificCodeMapping and charsets. Empty: the built-in error map and charsets."});
}

// What is required and empty; what else is wrong the server tells, all at once.
function demandRequired(form) {
  const faults = [...form.querySelectorAll("[required]")].filter((i) => !i.value.trim()).map((i) => ({field: i.name, message: "This is needed."}));
  if (faults.length) throw new ApiError(422, {error: {message: "Something is missing."}, faults}, null);
}

// Who may add or edit need not be one who may look on.
const listed = (ctx) => ctx.can("status") || ctx.can("edit");
const path = (ctx) => h("p", {class: "path"}, listed(ctx) ? h("a", {href: "#/integrations"}, "Integrations") : "Integrations");
const pageOf = (ctx, id) => (ctx.can("status") ? `#/integrations/${encodeURIComponent(id)}` : "#/integrations");

// id null: a new one.
export async function formPage(ctx, id) {
  const all = (await get("/v1/properties", {}, ctx.signal)).items;
  let before = null, etag = null;
  if (id) {
    const {value, headers} = await api("GET", idPath("/v1/integrations", id), {signal: ctx.signal, whole: true});
    if (!value.editable)
      return [path(ctx), h("h1", null, said(id)),
              notice("warn", "It stands in ", value.file ? h("code", null, said(value.file)) : "a file of the configuration",
                     ", not in integrations-dir: it is edited there, and read again with ", h("code", null, "systemctl reload byobox"), ".")];
    before = value.properties;
    etag = headers.get("ETag");
  }
  const start = (p) => (before ? (p.credential ? (before.credentials || {})[p.name] : before[p.name]) : p.default);
  const wanted = all.filter((p) => p.name && p.type !== "file");
  const parts = GROUPS.map((g) => {
    const fields = wanted.filter((p) => g.has(p.name)).map((p) => formField(p, start(p), !id));
    return fields.length ? h("details", {class: "group", open: Boolean(g.open)}, h("summary", null, h("h2", null, g.title)), h("div", {class: "grid"}, fields.map(field))) : null;
  }).filter(Boolean);
  const ports = (all.find((p) => p.name === "smscPort") || {}).values || [];
  const preview = h("section", {class: "preview", "aria-live": "polite"});
  let checked = null;
  const save = h("button", {type: "button", class: "primary", hidden: true}, "Save");

  const form = makeForm({button: "Check and show the difference", className: "form integration", more: [save, listed(ctx) ? h("a", {class: "button", href: id ? pageOf(ctx, id) : "#/integrations"}, "Cancel") : null],
    fields: [id ? h("p", {class: "sub"}, "Integration ", said(id)) : field({name: "id", label: "ID", required: true, help: "Letters, digits, '.', '_' and '-', at most 32, not beginning with a dot. It becomes the smsc-id and cannot be changed later."}),
             ...parts, h("details", {class: "group", open: Boolean(before && before.advanced)}, h("summary", null, h("h2", null, "Advanced")), advancedField(before)),
             h("datalist", {id: "smsc-ports"}, ports.map((v) => h("option", {value: String(v)}))), preview],
    submit: async (values) => {
      checked = null;
      save.hidden = true;
      replace(preview);
      const name = id || values.id.trim();
      demandRequired(form);
      const body = request(all, values, before);
      const answer = await api("PUT", idPath("/v1/integrations", name), {query: {check: "true"}, body, headers: match(id, etag)});
      checked = {name, body};
      save.hidden = false;
      replace(preview, h("h2", null, "What would change"), warnings(answer), answer.file ? h("p", {class: "sub"}, "In ", h("code", null, answer.file)) : null,
              answer.difference ? differenceView(answer.difference) : h("p", null, answer.difference === "" ? "Nothing." : "It is in order. The difference is for those who may view."));
      preview.scrollIntoView({block: "nearest"});
      save.focus();
    }});
  form.addEventListener("input", () => { if (checked) { checked = null; save.hidden = true; replace(preview, h("p", {class: "sub"}, "Changed since it was checked.")); } });
  save.addEventListener("click", () => store(ctx, form, id, checked, etag));
  const page = [path(ctx), h("h1", null, id ? ["Edit ", said(id)] : "Add an integration"), form];
  if (ctx.query.get("part") === "credentials") setTimeout(() => { const i = form.querySelector('[name="credentials.systemId"]'); if (i) i.focus(); }, 0);
  return page;
}

const match = (id, etag) => (id && etag ? {"If-Match": etag} : {});

function warnings(answer) {
  return (answer.warnings || []).map((w) => notice("warn", w.field ? [h("code", null, said(w.field)), " "] : null, said(w.message)));
}

async function store(ctx, form, id, checked, etag) {
  if (!checked) return;
  clearFaults(form);
  try {
    await api("PUT", idPath("/v1/integrations", checked.name), {body: checked.body, headers: match(id, etag)});
    toast(id ? "Saved." : "Added.");
    location.hash = listed(ctx) ? pageOf(ctx, checked.name) : `#/integrations/+?after=${encodeURIComponent(checked.name)}`; // for the next one
  } catch (e) {
    showFaults(form, e);
  }
}

