// SPDX-License-Identifier: BSD-3-Clause
// The operational console: events by time, entity, definitions and text, live; each with its page of docs/events.md.

import {api, csv} from "./api.js";
import {badge, h, none, orNone, said, time} from "./dom.js";
import * as live from "./live.js";
import {asked, csvButton, dialog, list, save} from "./parts.js";

let catalogue = null;

// docs/events.md as it was built in: [{id, name, kind, text}].
async function definitions() {
  if (catalogue) return catalogue;
  const text = await api("GET", "/assets/events.md");
  let kind = "";
  catalogue = [];
  for (const part of text.split(/^(?=##+ )/m)) {
    const [head, ...rest] = part.split("\n");
    const entry = /^### (BYO-\d+) (\S+)/.exec(head);
    if (entry) catalogue.push({id: entry[1], name: entry[2], kind, text: rest.join("\n").trim()});
    else if (head.startsWith("## ")) kind = head.slice(3);
  }
  return catalogue;
}

// The little of Markdown these pages use: paragraphs, `code`, lists, indented lines.
function inline(text) {
  return text.split(/(`[^`]+`)/).map((p) => (p.startsWith("`") ? h("code", null, p.slice(1, -1)) : p.replace(/\*\*/g, "")));
}

function prose(text) {
  return text.split(/\n{2,}/).map((block) => {
    if (/^ {4}/.test(block)) return h("pre", null, block.replace(/^ {4}/gm, ""));
    if (/^\* /.test(block)) return h("ul", null, block.split(/^\* /m).filter(Boolean).map((l) => h("li", null, inline(l))));
    return h("p", null, inline(block));
  });
}

async function explain(id) {
  const entry = (await definitions().catch(() => [])).find((d) => d.id === id || d.name === id);
  dialog(entry ? `${entry.id} ${entry.name}` : id, () =>
    h("div", {class: "prose"}, entry ? prose(entry.text) : h("p", null, "The catalogue does not hold this event."),
      h("p", null, h("a", {href: `#/events?definition=${encodeURIComponent(id)}`}, "All events of this kind"))));
}

function change(e) {
  if (e.previous === null && e.current === null) return none();
  return [e.previous === null ? null : badge(e.previous), e.previous !== null && e.current !== null ? " → " : null,
          e.current === null ? null : badge(e.current)];
}

export const eventColumns = [
  {title: "Time", cell: (e) => [time(e.time), e.count > 1 ? h("span", {class: "sub", title: `the last at ${e.last}`}, ` ×${e.count}`) : null]},
  {title: "Event", cell: (e) => h("button", {type: "button", class: "link", "data-event": e.id, title: "What it means, what to do", onclick: () => explain(e.definition)},
                                 h("span", {class: "mono nowrap"}, e.definition), " ", e.name)},
  {title: "About", cell: (e) => (e.entity === null ? none() : h("a", {href: `#/events?entity=${encodeURIComponent(e.entity)}`}, said(e.entity)))},
  {title: "Change", cell: change},
  {title: "Code", cell: (e) => orNone(e.errorCode)},
  {title: "Text", class: "long", cell: (e) => [e.node === null ? null : h("span", {class: "sub", title: "the byobox that told it"}, `${e.node} `), orNone(e.text)]},
];

// What comes live is held against the same search the server makes of the rest.
function fits(e, query) {
  const kinds = query.definition ? [].concat(query.definition).flatMap((k) => k.split(",")) : null, low = (query.text || "").toLowerCase();
  return (!kinds || kinds.some((k) => k.toUpperCase() === e.definition || k === e.name)) && (!query.entity || e.entity === query.entity) &&
    (!query.from || new Date(e.time) >= new Date(query.from)) && (!query.to || new Date(e.time) < new Date(query.to)) &&
    (!low || [e.text, e.entity, e.name, e.definition, e.previous, e.current, e.errorCode, e.node].some((v) => v && v.toLowerCase().includes(low)));
}

function row(e) {
  return h("tr", {class: "fresh"}, eventColumns.map((c) => h("td", {class: c.class, "data-title": c.title}, h("div", null, c.cell(e)))));
}

function definitionPicker(kinds) {
  const id = "definitions";
  return h("datalist", {id}, kinds.map((k) => h("option", {value: k.name}, k.id)));
}

const FILTERS = [
  {name: "entity", label: "About", placeholder: "carrier-a, +1202…, store"}, {name: "text", label: "Text"},
  {name: "definition", label: "Definitions", placeholder: "bind-lost BYO-0102", list: "definitions", several: true},
  {name: "from", label: "From (UTC)", type: "datetime-local"}, {name: "to", label: "Before (UTC)", type: "datetime-local"}];

async function render(ctx) {
  const kinds = await definitions().catch(() => []);
  const query = asked(ctx.query, FILTERS.map((f) => f.name));
  const section = await list({ctx, path: "/events", from: "/v1/events", filters: FILTERS, columns: eventColumns, caption: "Events", empty: "No event fits.",
    emptyPage: "None of the 50,000 events that were looked at fits. Older ones: next page.",
    more: h("div", {class: "buttons"}, csvButton("Save as CSV", async () => save("events.csv", await csv("/v1/events", {...query, page: undefined, limit: undefined}))),
            h("button", {type: "button", onclick: () => catalogueDialog(kinds)}, "What the events mean"))});
  if (!query.page)
    live.listen("event", (e) => {
      if (!fits(e, query)) return;
      const body = section.querySelector("tbody");
      if (body?.querySelector(`[data-event="${e.id}"]`)) return; // of another node: it was in the list before it came here
      if (body) body.prepend(row(e));
      else section.reload();
    }, ctx.signal);
  return [h("h1", null, "Operational console"), definitionPicker(kinds), section];
}

function catalogueDialog(kinds) {
  dialog("What the events mean", () => h("div", {class: "prose"}, kinds.map((k) =>
    h("details", null, h("summary", null, h("span", {class: "mono"}, k.id), " ", k.name), prose(k.text)))), {wide: true});
}

export const screen = {path: "/events", title: "Events", pages: [{at: "", needs: ["events"], render}]};
