// SPDX-License-Identifier: BSD-3-Clause
// Importing: the dialog as the article has it (integration, type, sender id, country; for a short code the three tabs),
// and a CSV whose lines are all answered before anything is taken.

import {api} from "./api.js";
import {badge, h, number, replace, said} from "./dom.js";
import {dialog, errorNotice, field, makeForm, notice, showFaults, table, toast} from "./parts.js";

const KINDS = [["help", "Help", "HELP, INFO"], ["optOut", "Opt-out", "STOP, END"], ["optIn", "Opt-in", "START, YES"]];

const words = (text) => text.split(/[\n,;|]+/).map((w) => w.trim()).filter(Boolean);

// Three tabs by keyboard, too: arrows move between them.
function tabbed(panels) {
  const list = h("div", {class: "tabs", role: "tablist", "aria-label": "Help, opt-out, opt-in"});
  const choose = (k, focus) => [...list.children].forEach((b, i) => {
    b.setAttribute("aria-selected", String(i === k));
    b.tabIndex = i === k ? 0 : -1;
    panels[i].panel.hidden = i !== k;
    if (i === k && focus) b.focus();
  });
  panels.forEach((p, k) => {
    p.panel.id = p.panel.id || `panel-${p.name}`;
    list.append(h("button", {type: "button", role: "tab", id: `tab-${p.name}`, "aria-controls": p.panel.id, onclick: () => choose(k), onkeydown: (e) => {
      const move = {ArrowRight: 1, ArrowLeft: -1}[e.key];
      if (move) { e.preventDefault(); choose((k + move + panels.length) % panels.length, true); }
    }}, p.title));
    p.panel.setAttribute("role", "tabpanel");
    p.panel.setAttribute("aria-labelledby", `tab-${p.name}`);
  });
  choose(0);
  list.show = choose;
  return list;
}

// now: the texts there are; only the first group of a kind is for a form, more of them stay as they are.
export function textFields(now) {
  const panels = KINDS.map(([kind, title, example]) => {
    const group = (now && now[kind] && now[kind][0]) || {keywords: [], reply: ""};
    return {name: kind, title, panel: h("div", {"data-field": `compliance.${kind}`},
      field({name: `${kind}.keywords`, label: "Keywords", help: `Separated by commas, such as ${example}.`, value: group.keywords.join(", "), wide: true}),
      field({name: `${kind}.reply`, label: "Message", type: "textarea", rows: 3, help: "What is answered.", value: group.reply, wide: true}),
      h("p", {class: "fault"}), now && now[kind] && now[kind].length > 1 ? notice("warn", "There are more groups of keywords (other languages). They stay as they are.") : null)};
  });
  const list = tabbed(panels);
  return [h("div", {class: "texttabs"}, list, panels.map((p) => p.panel))];
}

export function textsOf(form, now) {
  const out = {...(now || {})};
  for (const [kind] of KINDS) {
    const keywords = words(form.querySelector(`[name="${kind}.keywords"]`).value), reply = form.querySelector(`[name="${kind}.reply"]`).value.trim();
    const others = ((now && now[kind]) || []).slice(1);
    if (keywords.length || reply || others.length) out[kind] = [...(keywords.length || reply ? [{keywords, reply}] : []), ...others];
    else delete out[kind];
  }
  return Object.keys(out).length ? out : null;
}

// A fault of the texts is shown in its tab, which comes to the front.
function placeTextFault(form, e) {
  const found = /^compliance\.(help|optOut|optIn)(?:\.(keywords|reply))?/.exec((e.field || "").replace(/[[\]/]\d*/g, "."));
  const kind = found ? found[1] : /opt-out/i.test(e.message) ? "optOut" : /opt-in/i.test(e.message) ? "optIn" : /help/i.test(e.message) ? "help" : null;
  if (!kind || !(e.field || "").startsWith("compliance")) return e;
  const list = form.querySelector("[role=tablist]");
  list.show(KINDS.findIndex(([k]) => k === kind));
  e.field = found && found[2] ? `${kind}.${found[2]}` : /keyword/i.test(e.message) ? `${kind}.keywords` : `${kind}.reply`;
  return e;
}

export function importDialog(ids, then) {
  dialog("Import a number", (close) => {
    const texts = h("section", {hidden: true}, h("h3", null, "Action required: keywords and messages"),
                    h("p", {class: "sub"}, "A short code is imported only with its own keywords and messages, all three."), textFields(null));
    const type = {name: "type", label: "Type", type: "select", required: true, options: [["local", "Local"], ["mobile", "Mobile"], ["toll-free", "Toll-free"], ["short-code", "Short code"]],
                  onchange: (e) => turn(e.target.value)};
    const form = makeForm({button: "Import", cancel: close, fields: [
      ids.length ? {name: "integration", label: "Integration", type: "select", required: true, options: [["", "Choose one"], ...ids]} : {name: "integration", label: "Integration", required: true, help: "Its id."},
      type, {name: "number", label: "Sender ID", required: true, help: "With '+' and the country's code, such as +12025550100; a short code is its digits."},
      {name: "country", label: "Country", placeholder: "US", help: "Two letters, such as US. A short code needs it, and a number in its national form."}, texts],
    submit: async (values) => {
      const short = values.type === "short-code";
      const body = {number: values.number.trim(), integration: values.integration.trim(), type: values.type, country: values.country.trim().toUpperCase() || null, compliance: short ? textsOf(form, null) : null};
      try {
        const n = await api("POST", "/v1/numbers", {body});
        toast(`${n.number} was imported.`);
        close();
        then();
      } catch (e) {
        throw short ? placeTextFault(form, e) : e;
      }
    }});
    const turn = (value) => { texts.hidden = value !== "short-code"; };
    return form;
  }, {wide: true});
}

// -- a CSV -------------------------------------------------------------------------------------------------

const ROWS = [
  {title: "Line", class: "num", cell: (r) => number(r.line)}, {title: "Number", cell: (r) => h("span", {class: "mono"}, said(r.number))},
  {title: "Answer", cell: (r) => (r.status === 201 ? badge("good", "good") : badge(r.code || String(r.status), "bad"))},
  {title: "Why", class: "long", cell: (r) => (r.status === 201 ? "" : [said(r.message || ""), r.field ? h("span", {class: "sub"}, ` (${r.field})`) : null])}];

const SHOWN = 200;

function answers(done, verb) {
  const bad = done.items.filter((r) => r.status !== 201);
  const rows = [...bad, ...done.items.filter((r) => r.status === 201)].slice(0, SHOWN);
  return [notice(bad.length ? "warn" : "good", `${number(done.imported)} ${verb}, ${number(done.refused)} refused.`,
                 done.items.length > SHOWN ? ` The first ${SHOWN} lines are shown, those that are refused first.` : null), table(ROWS, rows, "An answer for each line")];
}

export function csvDialog(then) {
  dialog("Import a CSV", (close) => {
    const out = h("div", {"aria-live": "polite"});
    let text = null;
    const take = h("button", {type: "button", class: "primary", hidden: true, onclick: async () => {
      take.disabled = true;
      try {
        const done = await api("POST", "/v1/numbers/import", {csv: text});
        replace(out, answers(done, "imported"));
        take.hidden = true;
        then();
      } catch (e) { replace(out, errorNotice(e)); } finally { take.disabled = false; }
    }}, "Import those that are good");
    const form = makeForm({button: "Check every line", more: take, cancel: close, fields: [
      {name: "file", label: "File", type: "file", accept: ".csv,text/csv", help: "Columns number, integration, type, country, help-keywords, help-reply, opt-out-keywords, opt-out-reply, opt-in-keywords, opt-in-reply. The first row may name them in any order."},
      {name: "text", label: "Or its text", type: "textarea", rows: 5, code: true, wide: true}],
    submit: async (values) => {
      take.hidden = true;
      replace(out);
      text = values.file ? await values.file.text() : values.text;
      if (!text.trim()) { showFaults(form, {field: "file", message: "Choose a file, or paste its text."}); return; }
      const done = await api("POST", "/v1/numbers/import", {csv: text, query: {check: "true"}});
      replace(out, h("p", {class: "sub"}, "Nothing was taken yet."), answers(done, "good"));
      take.hidden = !done.imported;
      if (done.imported) { replace(take, done.refused ? `Import the ${number(done.imported)} that are good` : `Import all ${number(done.imported)}`); take.focus(); }
    }});
    form.addEventListener("input", () => { take.hidden = true; });
    return [form, out];
  }, {wide: true});
}
