// SPDX-License-Identifier: BSD-3-Clause
// Elements from values. The only place that makes elements: whatever is given becomes a text node or the value of an
// attribute, never markup, and what would run or lead elsewhere is refused. So a recipient may write what he likes.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "g", "rect", "line", "circle", "text", "polyline", "title"]);

function setAttribute(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith("on")) {
    if (typeof value !== "function") throw new TypeError(`${name} takes a function`);
    element.addEventListener(name.slice(2), value);
  } else if (name === "style" || name === "srcdoc" || name === "innerHTML") {
    throw new TypeError(`${name} is not for elements of the console`);
  } else if ((name === "href" || name === "src" || name === "action") && !/^(#|\/(?!\/)|assets\/|blob:)/.test(value)) {
    throw new TypeError(`${name} leads elsewhere`);
  } else if (name === "value") {
    element.value = value;
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

function append(element, child) {
  if (Array.isArray(child)) child.forEach((c) => append(element, c));
  else if (child instanceof Node) element.append(child);
  else if (child !== undefined && child !== null && child !== false && child !== true) element.append(String(child));
}

// h("p", {class: "note"}, "text", element, [more]); attributes that are null, undefined or false are left out.
export function h(tag, attributes, ...children) {
  // In SVG <title> differs from the page's own, which no screen makes.
  const element = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  append(element, children); // first: a select takes its value from its options
  for (const [name, value] of Object.entries(attributes || {})) setAttribute(element, name, value);
  return element;
}

const waiting = new Map(); // element: what is drawn in it when the reader's hand is off (redraw)

export function replace(element, ...children) {
  waiting.delete(element);
  element.replaceChildren();
  append(element, children);
  return element;
}

const nameOf = (e) => `${e.tagName} ${e.getAttribute("href")} ${e.getAttribute("aria-label") || e.textContent}`;

let pressed = false;

function drawWaiting() {
  const all = [...waiting];
  waiting.clear();
  all.forEach(([element, children]) => redraw(element, children));
}

addEventListener("pointerdown", () => { pressed = true; });
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { setTimeout(() => { pressed = false; drawWaiting(); }); });
document.addEventListener("selectionchange", drawWaiting);

// As replace, for what is drawn anew by itself: what is in focus keeps it, and if it is gone the page has it. False: not drawn yet, for a reader has text
// marked in it, or is pressing something; it is when that is over, if nothing newer was by then.
export function redraw(element, ...children) {
  const marked = document.getSelection(), focused = element.contains(document.activeElement) ? document.activeElement : null;
  if (pressed || (!marked.isCollapsed && marked.containsNode(element, true))) {
    waiting.set(element, children);
    return false;
  }
  const name = focused ? nameOf(focused) : null;
  replace(element, ...children);
  if (focused) {
    const again = [...element.querySelectorAll("a, button, summary, [tabindex]")].find((e) => nameOf(e) === name);
    (again || document.getElementById("page")).focus({preventScroll: true});
  }
  return true;
}

// A control character as its picture, a mark that turns the direction of writing as its number: nothing hides.
export function visible(text) {
  return String(text).replace(/[\u0000-\u0008\u000b-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/\u007f/g, "\u2421")
    .replace(/[\u0080-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
             (c) => `[U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
}

// What somebody else wrote: in its own direction, whatever stands around it.
export function said(text, more) {
  return h("bdi", {class: "said", ...more}, visible(text));
}

export function none() {
  return h("span", {class: "none"}, "–");
}

export function orNone(value) {
  return value === null || value === undefined || value === "" ? none() : said(value);
}

const pad = (n) => String(n).padStart(2, "0");

function localText(at, withDay) {
  const zone = new Intl.DateTimeFormat("en-GB", {timeZoneName: "short"}).formatToParts(at)
    .find((p) => p.type === "timeZoneName");
  const day = withDay ? `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ` : "";
  return `${day}${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())} ${zone ? zone.value : "local"}`;
}

// A time in UTC, the reader's own beside it.
export function time(iso) {
  if (!iso) return none();
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return said(iso);
  const utc = at.toISOString();
  const otherDay = utc.slice(8, 10) !== pad(at.getDate());
  return h("time", {datetime: utc, title: `${utc} = ${localText(at, true)}`},
           h("span", {class: "utc"}, h("span", null, utc.slice(0, 10)), " ", h("span", null, `${utc.slice(11, 19)} UTC`)), " ",
           h("span", {class: "local"}, localText(at, otherDay)));
}

const NUMBERS = new Intl.NumberFormat("en-GB", {maximumFractionDigits: 1});

export function number(value) {
  return value === null || value === undefined ? "–" : NUMBERS.format(value);
}

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 120) return `${NUMBERS.format(value)} s`;
  if (value < 7200) return `${Math.floor(value / 60)} min`;
  if (value < 172800) return `${Math.floor(value / 3600)} h ${Math.floor(value % 3600 / 60)} min`;
  return `${Math.floor(value / 86400)} d ${Math.floor(value % 86400 / 3600)} h`;
}

export function octets(value) {
  if (value === null || value === undefined) return "–";
  if (value < 1024) return `${value} B`;
  const unit = value < 1048576 ? ["kB", 1024] : value < 1073741824 ? ["MB", 1048576] : ["GB", 1073741824];
  return `${NUMBERS.format(value / unit[1])} ${unit[0]}`;
}

// A state as a mark with its word: never by colour alone.
const TONES = {
  active: "good", delivered: "good", ok: "good", accepted: "busy", handed: "busy", queued: "busy", activating: "busy",
  deactivating: "busy", degraded: "warn", inactive: "idle", cancelled: "idle", deleted: "idle", absent: "idle",
  error: "bad", failed: "bad", warning: "warn", "opt-out": "warn", "opt-in": "good",
};

export function badge(state, tone) {
  return h("span", {class: `badge ${tone || TONES[state] || "idle"}`}, state || "unknown");
}
