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

// -- keywords and messages ---------------------------------------------------------------------------------

// One group: words that mean the same, and what is answered. A kind has one for each language, as a rule.
function groupView(kind, example, group, number_) {
  const remove = h("button", {type: "button", class: "quiet", onclick: () => {
    const list = box.parentElement;
    box.remove();
    renumber(list);
    list.closest(".panel").querySelector("button.more").focus();
  }}, "Remove this group");
  const box = h("fieldset", {class: "textgroup", "data-kind": kind}, h("legend", null, `Group ${number_}`),
    field({name: `${kind}.keywords`, label: "Keywords", help: `Separated by commas, such as ${example}.`, value: group.keywords.join(", "), wide: true}),
    field({name: `${kind}.reply`, label: "Message", type: "textarea", rows: 3, help: "What is answered.", value: group.reply, wide: true}), remove);
  return box;
}

function renumber(list) {
  [...list.children].forEach((box, i) => {
    replace(box.querySelector("legend"), `Group ${i + 1}`);
    box.querySelector("button").hidden = list.children.length === 1;
    if (box.closest("form")) box.closest("form").dataset.typed = "";
  });
}

const EMPTY = {keywords: [], reply: ""};

function panelOf([kind, title, example], now) {
  const groups = (now && now[kind] && now[kind].length) ? now[kind] : [EMPTY];
  const list = h("div", {class: "textgroups"}, groups.map((g, i) => groupView(kind, example, g, i + 1)));
  const more = h("button", {type: "button", class: "more", onclick: () => {
    list.append(groupView(kind, example, EMPTY, list.children.length + 1));
    renumber(list);
    list.lastElementChild.querySelector("input").focus();
  }}, "Add a group (another language)");
  renumber(list);
  return {name: kind, title, panel: h("div", {class: "panel", "data-field": `compliance.${kind}`}, list, more, kind === "optOut" ? otherOptOuts(now) : null, h("p", {class: "fault"}))};
}

// What else of a text is an opt-out.
function otherOptOuts(now) {
  const loose = now && now.optOutLoose !== undefined ? String(now.optOutLoose) : "";
  return h("details", {class: "more", open: Boolean(now && (now.optOutPatterns || loose))}, h("summary", null, "Opt-outs that are no keyword"),
    field({name: "optOutPatterns", label: "Patterns", type: "textarea", rows: 2, code: true, wide: true, value: ((now && now.optOutPatterns) || []).join("\n"), help: "Regular expressions (PCRE2), one a line. They need an opt-out group above."}),
    field({name: "optOutLoose", label: "By any reasonable means", type: "select", value: loose, options: [["", "as byobox.conf says"], ["true", "yes"], ["false", "no"]], help: "\"Please stop texting me\" counts, too."}));
}

// now: the texts there are.
export function textFields(now) {
  const panels = KINDS.map((kind) => panelOf(kind, now));
  return h("div", {class: "texttabs"}, tabbed(panels), panels.map((p) => p.panel));
}

const valueIn = (box, name) => box.querySelector(`[name="${box.dataset.kind}.${name}"]`).value;

// The request's texts; null: none of their own.
export function textsOf(form) {
  const out = {};
  for (const [kind] of KINDS) {
    const groups = [...form.querySelectorAll(`.textgroup[data-kind="${kind}"]`)].map((box) => ({keywords: words(valueIn(box, "keywords")), reply: valueIn(box, "reply").trim()}))
      .filter((g) => g.keywords.length || g.reply);
    if (groups.length) out[kind] = groups;
  }
  const patterns = form.querySelector("[name=optOutPatterns]").value.split("\n").filter((p) => p.trim()), loose = form.querySelector("[name=optOutLoose]").value;
  if (patterns.length) out.optOutPatterns = patterns;
  if (loose) out.optOutLoose = loose === "true";
  return Object.keys(out).length ? out : null;
}

const FOLD = (text) => text.normalize("NFKC").toLowerCase();

// Which of the groups a fault is of: the answer names the kind, its sentence the word or the length.
function groupOf(boxes, part, message) {
  const used = boxes.filter((b) => words(valueIn(b, "keywords")).length || valueIn(b, "reply").trim());
  if (used.length < 2) return used[0] || boxes[0];
  const quoted = /"([^"]+)"/.exec(message), long = /has (\d+) bytes/.exec(message);
  if (quoted) return used.find((b) => words(valueIn(b, "keywords")).some((w) => FOLD(w) === FOLD(quoted[1])));
  if (long) return used.find((b) => new TextEncoder().encode(valueIn(b, "reply").trim()).length === Number(long[1]));
  return used.find((b) => !(part === "reply" ? valueIn(b, "reply").trim() : words(valueIn(b, "keywords")).length));
}

// A fault of the texts is shown at its field, in its tab, which comes to the front.
export function placeTextFault(form, e) {
  const found = /^compliance\.(help|optOut|optIn)(Patterns|Loose)?(?:\[(\d+)\])?(?:\.(keywords|reply))?/.exec(e.field || "");
  if (!found) return e;
  const [, kind, special, at, part] = found, boxes = [...form.querySelectorAll(`.textgroup[data-kind="${kind}"]`)];
  form.querySelector("[role=tablist]").show(KINDS.findIndex(([k]) => k === kind));
  if (special) e.field = `optOut${special}`;
  else if (part) {
    const box = at === undefined ? groupOf(boxes, part, e.message) : boxes[Number(at)];
    if (box) e.place = box.querySelector(`[data-field="${kind}.${part}"]`);
  }
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
      const body = {number: values.number.trim(), integration: values.integration.trim(), type: values.type, country: values.country.trim().toUpperCase() || null, compliance: short ? textsOf(form) : null};
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
