// SPDX-License-Identifier: BSD-3-Clause
// Opt-outs: who is opted out now, the history, adding and removing by hand with a reason, CSV in and out.

import {api, csv} from "./api.js";
import {badge, h, none, number, orNone, replace, said, time} from "./dom.js";
import {asked, csvButton, dialog, errorNotice, list, makeForm, notice, save, showFaults, table, tabs, toast} from "./parts.js";

const FILTERS = [{name: "recipient", label: "Recipient", placeholder: "+12025550199"}, {name: "number", label: "Our number"}];

const who = (r) => (r.who === "recipient" ? "the recipient" : r.who ? [said(r.who), h("span", {class: "sub"}, " by hand")] : none());

function columns(again) {
  const all = [
    {title: "Time", cell: (r) => time(r.time)}, {title: "Recipient", cell: (r) => h("a", {class: "mono", href: `#/opt-outs/history?recipient=${encodeURIComponent(r.recipient)}`}, said(r.recipient))},
    {title: "Our number", cell: (r) => h("span", {class: "mono"}, said(r.number))}];
  if (!again) all.push({title: "What", cell: (r) => badge(r.action)});
  all.push({title: "By", cell: who}, {title: "What came in", class: "long", cell: (r) => orNone(r.text)}, {title: "Reason", class: "long", cell: (r) => orNone(r.reason)});
  if (!again) all.push({title: "Answered", class: "long", cell: (r) => orNone(r.answer)});
  all.push({title: "Reading of", cell: (r) => orNone(r.readingOf)});
  if (again) all.push({title: "", cell: (r) => h("button", {type: "button", "aria-label": `Remove the opt-out of ${r.recipient}`, onclick: () => remove(r, again)}, "Remove")});
  return all;
}

const reason = {name: "reason", label: "Reason", required: true, wide: true, help: "It stands in the history. At most 200 octets."};

function add(again, query) {
  dialog("Opt a recipient out", (close) => makeForm({button: "Opt out", cancel: close, fields: [
    {name: "number", label: "Our number", required: true, value: query.get("number") || ""}, {name: "recipient", label: "Recipient", required: true, value: query.get("recipient") || ""}, reason],
  submit: async (v) => {
    const done = await api("POST", "/v1/opt-outs", {body: {number: v.number.trim(), recipient: v.recipient.trim(), reason: v.reason.trim()}});
    toast(done.changed ? `${done.recipient} is opted out of ${done.number}.` : `${done.recipient} was opted out before.`);
    close();
    again();
  }}));
}

function remove(r, again) {
  dialog("Remove an opt-out", (close) => [
    h("p", {class: "prose"}, "From then on messages of ", said(r.number), " to ", said(r.recipient), " are sent again. Do it only when this person asked for it; the recipient's own START is the better way."),
    makeForm({button: "Remove the opt-out", danger: true, cancel: close, fields: [reason], submit: async (v) => {
      await api("DELETE", "/v1/opt-outs", {body: {number: r.number, recipient: r.recipient, reason: v.reason.trim()}});
      toast(`${r.recipient} is opted in again.`);
      close();
      again();
    }})]);
}

const REFUSED = [
  {title: "Line", class: "num", cell: (r) => number(r.line)}, {title: "Number", cell: (r) => said(r.number)}, {title: "Recipient", cell: (r) => said(r.recipient)},
  {title: "Why", class: "long", cell: (r) => said(r.message)}];

function csvIn(again) {
  dialog("Opt-outs from a CSV", (close) => {
    const out = h("div", {"aria-live": "polite"});
    const form = makeForm({button: "Opt all of them out", cancel: close, fields: [
      {name: "file", label: "File", type: "file", accept: ".csv,text/csv", help: "Columns number, recipient, reason and more, as the CSV from here has them. A row that is opted out already changes nothing."},
      {name: "text", label: "Or its text", type: "textarea", rows: 5, code: true, wide: true}],
    submit: async (v) => {
      const text = v.file ? await v.file.text() : v.text;
      if (!text.trim()) { showFaults(form, {field: "file", message: "Choose a file, or paste its text."}); return; }
      try {
        const done = await api("POST", "/v1/opt-outs/import", {csv: text});
        replace(out, notice(done.refused ? "warn" : "good", `${number(done.added)} opted out, ${number(done.unchanged)} were before, ${number(done.refused)} refused.`),
                done.items.length ? table(REFUSED, done.items, "Refused lines") : null);
        again();
      } catch (e) { replace(out, errorNotice(e)); }
    }});
    return [form, out];
  }, {wide: true});
}

async function listPage(ctx, history) {
  const path = history ? "/opt-outs/history" : "/opt-outs", from = `/v1${path}`;
  const query = asked(ctx.query, FILTERS.map((f) => f.name));
  const again = () => section.reload();
  const section = await list({ctx, path, from, filters: FILTERS, columns: columns(history ? null : again), caption: history ? "History of opt-outs" : "Opt-outs",
    empty: history ? "Nothing happened yet." : "Nobody is opted out.",
    more: h("div", {class: "buttons"}, csvButton("Save as CSV", async () => save(history ? "opt-out-history.csv" : "opt-outs.csv", await csv(from, {...query, page: undefined, limit: 1000}))))});
  return [h("div", {class: "head"}, h("h1", null, "Opt-outs"), history ? null : h("div", {class: "buttons"},
            h("button", {type: "button", class: "primary", onclick: () => add(again, ctx.query)}, "Opt a recipient out"),
            h("button", {type: "button", onclick: () => csvIn(again)}, "Import a CSV"))),
          tabs("Opt-outs", [["#/opt-outs", "Opted out now"], ["#/opt-outs/history", "History"]], `#${path}`), section];
}

export const screen = {path: "/opt-outs", title: "Opt-outs", pages: [
  {at: "", needs: ["opt-outs"], render: (ctx) => listPage(ctx, false)}, {at: "history", needs: ["opt-outs"], render: (ctx) => listPage(ctx, true)}]};
