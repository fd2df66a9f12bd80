// SPDX-License-Identifier: BSD-3-Clause
// Parts every screen is made of: notices, dialogs, fields with their faults, lists whose filters are their address.

import {address, get} from "./api.js";
import {h, redraw, replace, said} from "./dom.js";

let counter = 0;
const newId = () => `f${++counter}`;

// -- notices -----------------------------------------------------------------------------------------------

export function notice(tone, ...children) {
  return h("div", {class: `notice ${tone}`, role: tone === "bad" ? "alert" : "status"}, children);
}

// again: what is done anew, by its button or when the connection or the session is back (tryAgain).
export function errorNotice(e, again) {
  const wait = e.retryAfter ? ` Try again in ${e.retryAfter} s.` : "";
  return notice("bad", said(e.message || String(e)), wait, again ? [" ", h("button", {type: "button", class: "again", onclick: () => again()}, "Try again")] : null);
}

export function tryAgain() {
  document.querySelectorAll("button.again").forEach((b) => b.click());
}

// A word at the edge of the page, read aloud, gone after a while.
export function toast(text) {
  const place = document.getElementById("toasts");
  const item = h("div", {class: "toast"}, said(text));
  if (place) place.append(item);
  setTimeout(() => item.remove(), 6000);
}

export function busy() {
  return h("p", {class: "busy", role: "status"}, "Loading…");
}

// -- dialogs -----------------------------------------------------------------------------------------------

// content(close) gives the elements. Escape closes; the focus goes back where it was.
export function dialog(title, content, more = {}) {
  const from = document.activeElement, label = newId();
  const box = h("dialog", {"aria-labelledby": label, class: more.wide ? "wide" : null});
  const close = () => { box.close(); };
  append(box, h("header", null, h("h2", {id: label}, title),
                h("button", {type: "button", class: "quiet", "aria-label": "Close", onclick: close}, "✕")),
         content(close));
  box.addEventListener("close", () => {
    box.remove();
    const page = document.getElementById("page");
    if (from && from.isConnected) from.focus();
    else if (page) page.focus({preventScroll: true}); // it was drawn anew
  });
  document.body.append(box);
  box.showModal();
  return box;
}

function append(element, ...children) {
  children.flat(Infinity).forEach((c) => c && element.append(c));
}

// Asks before something is done. act() may throw an ApiError, which is shown; then it closes.
export function confirm({title, text, button, danger, fields = [], act}) {
  dialog(title, (close) => {
    const form = makeForm({fields, button, danger, cancel: close, submit: async (values) => { await act(values); close(); }});
    return [h("div", {class: "prose"}, text), form];
  });
}

// -- fields ------------------------------------------------------------------------------------------------

function control(f, id, described) {
  const common = {id, name: f.name, required: f.required, "aria-describedby": described, disabled: f.disabled,
                  autocomplete: f.autocomplete || "off"};
  if (f.type === "select")
    return h("select", {...common, value: f.value === undefined || f.value === null ? undefined : String(f.value), onchange: f.onchange},
             f.options.map((o) => (Array.isArray(o) ? h("option", {value: o[0]}, o[1]) : h("option", {value: o}, o))));
  if (f.type === "textarea")
    return h("textarea", {...common, rows: f.rows || 4, value: f.value || "", spellcheck: "false", class: f.code ? "code" : null, dir: "auto"});
  if (f.type === "check")
    return h("input", {...common, type: "checkbox", checked: Boolean(f.value)});
  if (f.type === "file")
    return h("input", {...common, type: "file", accept: f.accept});
  return h("input", {...common, type: f.type || "text", value: f.value === undefined || f.value === null ? "" : String(f.value),
                     placeholder: f.placeholder, min: f.min, max: f.max, list: f.list, dir: f.type === "search" ? "auto" : null,
                     inputmode: f.inputmode, spellcheck: "false"});
}

// f: {name, label, also (the article's name), help, type, value, options, required}
export function field(f) {
  const id = newId(), help = newId(), fault = newId();
  const input = control(f, id, `${f.help ? help : ""} ${fault}`.trim());
  const label = h("label", {for: id}, f.label, f.required ? h("span", {class: "must", title: "required"}, " *") : null,
                  f.also && f.also.toLowerCase() !== f.label.toLowerCase() ? h("span", {class: "also"}, f.also) : null);
  const check = f.type === "check";
  return h("div", {class: `field${check ? " check" : ""}${f.wide ? " full" : ""}`, "data-field": f.name},
           check ? [input, label] : [label, input],
           f.help ? h("p", {class: "help", id: help}, f.help) : null,
           h("p", {class: "fault", id: fault, "aria-live": "polite"}));
}

export function clearFaults(form) {
  form.querySelectorAll(".fault").forEach((p) => replace(p));
  form.querySelectorAll("[aria-invalid]").forEach((i) => i.removeAttribute("aria-invalid"));
  const all = form.querySelector(".faults");
  if (all) replace(all);
}

// Each fault at its field; those of no field here, above the buttons. The first faulty field gets the focus.
export function showFaults(form, e) {
  const faults = e.faults && e.faults.length ? e.faults : [{field: e.field, message: e.message, place: e.place}];
  const others = [];
  let first = null;
  for (const fault of faults) {
    const name = fault.field || "";
    const place = fault.place || [...form.querySelectorAll("[data-field]")].find((d) => d.dataset.field === name) ||
      [...form.querySelectorAll("[data-field]")].find((d) => name.startsWith(`${d.dataset.field}.`) || name.startsWith(`${d.dataset.field}/`) || name.startsWith(`${d.dataset.field}[`));
    if (!place) { others.push(fault); continue; }
    const said_ = place.querySelector(":scope > .fault"), input = place.querySelector("input, select, textarea");
    said_.append(said_.childNodes.length ? h("br") : "", said(fault.message));
    input.setAttribute("aria-invalid", "true");
    first = first || input;
  }
  const all = form.querySelector(".faults");
  if (all && others.length)
    replace(all, others.map((o) => notice("bad", o.field ? [h("code", null, o.field), " "] : null, said(o.message))));
  form.querySelectorAll("[aria-invalid]").forEach((i) => { const closed = i.closest("details"); if (closed) closed.open = true; });
  if (first) first.focus();
  else if (all) all.scrollIntoView({block: "nearest"});
}

export function valuesOf(form) {
  const values = {};
  for (const input of form.querySelectorAll("[name]"))
    values[input.name] = input.type === "checkbox" ? input.checked : input.type === "file" ? input.files[0] : input.value;
  return values;
}

// submit(values, form) may throw an ApiError: its faults are shown at the fields.
export function makeForm({fields, button, danger, cancel, submit, more, className}) {
  const send = h("button", {type: "submit", class: danger ? "danger" : "primary"}, button);
  const form = h("form", {class: className || "form", novalidate: true},
                 fields.map((f) => (f instanceof Node ? f : field(f))), h("div", {class: "faults"}),
                 h("div", {class: "buttons"}, send, more, cancel ? h("button", {type: "button", onclick: cancel}, "Cancel") : null));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearFaults(form);
    send.disabled = true;
    try {
      await submit(valuesOf(form), form);
      if (!more) delete form.dataset.typed; // with a second button it is not done yet
    } catch (e) {
      if (!e.faults) console.error(e);
      showFaults(form, e.faults ? e : {message: String(e.message || e)});
    } finally {
      send.disabled = false;
    }
  });
  return form;
}

// -- tables and lists --------------------------------------------------------------------------------------

// columns: [{title, cell(row), class}]; on a narrow page each row is a card, its cells named.
export function table(columns, rows, caption) {
  return h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": caption},
           h("table", null,
             h("thead", null, h("tr", null, columns.map((c) => h("th", {scope: "col", class: c.class}, c.title)))),
             h("tbody", null, rows.map((row) => h("tr", null, columns.map((c) =>
               h("td", {class: c.class, "data-title": c.title}, h("div", null, c.cell(row)))))))));
}

export function pairs(list) {
  return h("dl", {class: "pairs"}, list.filter(Boolean).map(([name, value]) =>
    h("div", null, h("dt", null, name), h("dd", null, value instanceof Node || Array.isArray(value) ? value : said(value ?? "–")))));
}

const here = (path, query) => address(`#${path}`, query);

// On a narrow page what is found comes before many filters; those in use are shown.
function few(fields, elements) {
  if (fields.length < 4 || !matchMedia("(max-width: 47.99rem)").matches) return elements;
  return [elements.slice(0, 2), h("details", {open: fields.slice(2).some((f) => f.value)}, h("summary", null, "More filters"), h("div", null, elements.slice(2)))];
}

function filterForm(path, filters, query) {
  const fields = filters.map((f) => {
    const value = query.getAll(f.name).join(" ");
    return {...f, value: f.type === "datetime-local" ? value.replace(/(:00)?(\.\d+)?Z$/, "") : value,
            type: f.type || "search"};
  });
  const form = h("form", {class: "filters", role: "search", "aria-label": "Filters"},
                 few(fields, fields.map(field)), h("div", {class: "buttons"}, h("button", {type: "submit", class: "primary"}, "Search"),
                                     h("a", {class: "button", href: here(path)}, "Clear")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = valuesOf(form);
    for (const f of filters)
      if (f.type === "datetime-local" && values[f.name]) values[f.name] = `${values[f.name].slice(0, 16)}:00Z`;
      else if (f.several) values[f.name] = values[f.name].split(/[\s,]+/).filter(Boolean);
      else if (typeof values[f.name] === "string") values[f.name] = values[f.name].trim();
      else if (values[f.name] === false) delete values[f.name];
    const next = here(path, values);
    if (location.hash === next) window.dispatchEvent(new HashChangeEvent("hashchange"));
    else location.hash = next;
  });
  return form;
}

// The query of the API: what the address says, pages of a size for people.
export function asked(query, names) {
  const out = {limit: 50};
  for (const name of [...names, "page"]) {
    const all = query.getAll(name).filter(Boolean);
    if (all.length) out[name] = all.length > 1 ? all : all[0];
  }
  return out;
}

// A list with its filters and pages. what: {ctx, path (of the screen), from (of the API), filters, columns, caption,
// empty, emptyPage (nothing, and there is a next), fixed (more of the query), more (buttons)}
export async function list(what) {
  const {ctx, path, filters = [], columns, caption} = what;
  const body = h("div", {class: "results"}, busy());
  const section = h("section", null, filters.length ? filterForm(path, filters, ctx.query) : null, what.more, body);
  const load = async () => {
    try {
      const query = {...asked(ctx.query, filters.map((f) => f.name)), ...(what.fixed || {})};
      const page = await get(what.from, query, ctx.signal);
      redraw(body, page.items.length ? table(columns, page.items, caption) : h("p", {class: "empty"}, (page.next && what.emptyPage) || what.empty || "Nothing."),
              pager(path, ctx.query, page.next));
    } catch (e) {
      if (e.name !== "AbortError") replace(body, errorNotice(e, load));
    }
  };
  load();
  section.reload = load;
  return section;
}

function pager(path, query, next) {
  const params = (page) => {
    const out = {};
    for (const name of new Set(query.keys())) out[name] = query.getAll(name);
    out.page = page;
    return out;
  };
  if (!next && !query.get("page")) return null;
  return h("nav", {class: "pager", "aria-label": "Pages"},
           query.get("page") ? h("a", {class: "button", href: here(path, params(null))}, "First page") : null,
           next ? h("a", {class: "button", href: here(path, params(next))}, "Next page") : null);
}

// -- tabs: each is an address -------------------------------------------------------------------------------

export function tabs(label, items, current) {
  return h("nav", {class: "tabs", "aria-label": label}, items.map(([href, title]) =>
    h("a", {href, "aria-current": href === current ? "page" : null}, title)));
}

// -- files --------------------------------------------------------------------------------------------------

export function save(name, text, type = "text/csv") {
  const url = URL.createObjectURL(new Blob([text], {type: `${type};charset=utf-8`}));
  const link = h("a", {href: url, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export function csvButton(label, make) {
  const button = h("button", {type: "button", onclick: async () => {
    button.disabled = true;
    try { await make(); } catch (e) { toast(e.message); } finally { button.disabled = false; }
  }}, label);
  return button;
}

