// SPDX-License-Identifier: BSD-3-Clause
// The console: who is there, which page the address names, what may be seen. Each screen is a file of its own that exports
// `screen`: {path, title, pages: [{at, needs, render(ctx, ...)}]}. at: what stands behind the screen's path, ":" for a part
// that is any, given to render; needs: the permissions a person must have, all of them; of a list among them one. ctx: {query, signal (aborted when
// the page is left), can(permission)}; render gives the elements. Nothing is asked of the server for a page that is not allowed.

import {api, onSessionEnd} from "./api.js";
import {h, replace, said, time} from "./dom.js";
import * as live from "./live.js";
import {busy, errorNotice, field, notice, showFaults, tryAgain, valuesOf} from "./parts.js";
import {screen as status} from "./status.js";
import {screen as integrations} from "./integrations.js";
import {screen as numbers} from "./numbers.js";
import {screen as messages} from "./messages.js";
import {screen as optOuts} from "./opt_outs.js";
import {screen as events} from "./events.js";
import {screen as audit} from "./audit.js";

export const SCREENS = [status, integrations, numbers, messages, optOuts, events, audit];
const root = document.getElementById("app");
let session = null, leaving = null, page = null, locked = null;

const can = (permission) => session.permissions.has(permission);
const missing = (entry) => entry.needs.filter((n) => !(Array.isArray(n) ? n.some(can) : can(n)));
// Where a screen begins for this person; undefined: nowhere.
const firstPage = (screen) => screen.pages.find((entry) => !entry.at.includes(":") && !missing(entry).length);
const addressOf = (screen, entry) => `#${screen.path}${entry.at ? `/${entry.at}` : ""}`;

// -- login -------------------------------------------------------------------------------------------------

function loginForm(why, then) {
  const form = h("form", {class: "login", novalidate: true},
                 h("h1", null, h("img", {src: "/assets/icon.svg", alt: "", width: 32, height: 32}), "byobox"),
                 why ? notice("warn", why) : null,
                 field({name: "username", label: "Name", autocomplete: "username"}),
                 field({name: "password", label: "Password", type: "password", autocomplete: "current-password"}),
                 h("div", {class: "faults"}), h("div", {class: "buttons"}, h("button", {type: "submit", class: "primary"}, "Log in")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const send = form.querySelector("button");
    send.disabled = true;
    try {
      await api("POST", "/v1/session", {body: valuesOf(form)});
      await then();
    } catch (e) {
      const wrong = e.status === 401 ? "This name and password do not belong together." : null;
      const wait = e.retryAfter ? ` Try again in ${e.retryAfter} s.` : "";
      showFaults(form, {message: (wrong || e.message) + wait, field: "*"});
    } finally {
      send.disabled = false;
    }
  });
  return form;
}

function loginPage(why) {
  live.stop();
  if (leaving) leaving.abort();
  unlock();
  document.querySelectorAll("dialog").forEach((d) => d.close());
  session = page = null;
  document.title = "Log in – byobox";
  replace(root, h("main", {class: "door"}, loginForm(why, begin)));
  root.querySelector("input").focus();
}

// Over what somebody was typing: it stays, hidden, until the same person is back with the same permissions.
function lock() {
  live.stop();
  const box = h("dialog", {class: "door", "aria-label": "Log in", closedby: "none"},
                loginForm("Your session is over. Log in again; what you typed is kept.", comeBack));
  locked = {box, title: document.title, hash: location.hash};
  box.addEventListener("cancel", (e) => e.preventDefault());
  box.addEventListener("close", () => { if (locked) box.showModal(); });
  document.body.classList.add("locked");
  document.body.append(box);
  document.title = "Log in – byobox";
  box.showModal();
}

function unlock() {
  if (!locked) return;
  const {box, title} = locked;
  locked = null;
  box.close();
  box.remove();
  document.body.classList.remove("locked");
  document.title = title;
}

async function comeBack() {
  const who = await api("GET", "/v1/session");
  const same = who.username === session.username && who.permissions.length === session.permissions.size && who.permissions.every(can);
  if (!same) {
    session.over.abort();
    loginPage();
    return begin();
  }
  const elsewhere = location.hash !== locked.hash;
  unlock();
  live.start(session.permissions);
  if (elsewhere) await show();
  else tryAgain();
}

// Else a second Escape closes the login, and a third what stands under it.
addEventListener("keydown", (e) => { if (locked && e.key === "Escape") e.preventDefault(); }, true);

// What is typed in a form is work; a filter is an address.
const typed = () => document.querySelector("form[data-typed]") !== null;

document.addEventListener("input", (e) => {
  const form = e.target.form;
  if (form && form.matches(".form")) form.dataset.typed = "";
});
window.addEventListener("beforeunload", (e) => { if (session && typed()) e.preventDefault(); });

async function logout() {
  try { await api("DELETE", "/v1/session"); } catch { /* it is over all the same */ }
  loginPage();
}

// -- the page ----------------------------------------------------------------------------------------------

// Whoever reads an old status must see that it is old.
function connection() {
  const light = h("span", {class: "live waiting", role: "status"}, "connecting"), bar = h("div", {class: "lost", role: "alert"});
  const words = {live: "live", waiting: "connecting", lost: "no connection", off: "not live", none: ""};
  let since = null;
  live.listen("state", (state) => {
    light.className = `live ${state}`;
    replace(light, words[state]);
    if (state === "lost" && !since) {
      since = new Date().toISOString();
      replace(bar, "byobox does not answer since ", time(since), ". What stands here is from before. It is tried again all the time.");
    } else if (since && (state === "live" || state === "off")) {
      since = null;
      replace(bar);
      tryAgain();
    }
  }, session.over.signal);
  return {light, bar};
}

function frame() {
  const {light, bar} = connection();
  const nav = h("nav", {class: "main", "aria-label": "Screens"}, SCREENS.filter(firstPage).map((s) =>
    h("a", {href: addressOf(s, firstPage(s)), "data-path": s.path}, s.title)));
  page = h("main", {id: "page", tabindex: -1});
  replace(root, h("a", {class: "skip", href: "#", onclick: (e) => { e.preventDefault(); page.focus(); }}, "To the content"),
          h("header", {class: "top"}, h("a", {class: "brand", href: "#/"}, h("img", {src: "/assets/icon.svg", alt: "", width: 24, height: 24}), "byobox"),
            nav, h("div", {class: "who"}, light, said(session.username), h("button", {type: "button", class: "quiet", onclick: logout}, "Log out"))),
          bar, page, h("div", {id: "toasts", role: "status", "aria-live": "polite"}));
}

function target() {
  const [path, text] = location.hash.replace(/^#/, "").split(/\?(.*)/s);
  let segments;
  try { segments = path.split("/").filter(Boolean).map(decodeURIComponent); } catch { segments = ["?"]; }
  return {segments, query: new URLSearchParams(text || "")};
}

// The page of these segments: {screen, entry, given}; without entry there is none.
function find(segments) {
  if (!segments.length) {
    const screen = SCREENS.find(firstPage);
    return {screen, entry: screen && firstPage(screen), given: []};
  }
  const screen = SCREENS.find((s) => s.path === `/${segments[0]}`), rest = segments.slice(1);
  const fits = (at) => {
    const parts = at ? at.split("/") : [];
    return parts.length === rest.length && parts.every((p, i) => p === ":" || p === rest[i]);
  };
  const entry = screen && screen.pages.find((e) => fits(e.at));
  return {screen, entry, given: entry ? rest.filter((_, i) => entry.at.split("/")[i] === ":") : []};
}

function refusal(entry) {
  const names = entry ? missing(entry).map((n) => (Array.isArray(n) ? n.join(" or ") : n)) : [];
  if (!SCREENS.some(firstPage)) return [h("h1", null, "Nothing here is for you"), notice("warn", "None of the screens is covered by your permissions. Who runs byobox can give you some.")];
  if (!entry) return [h("h1", null, "No such page"), notice("warn", "This address leads nowhere. The screens stand above.")];
  return [h("h1", null, "Not for you"), notice("warn", `This needs the permission${names.length > 1 ? "s" : ""} ${names.join(", ")}. Who runs byobox can give `,
                                               names.length > 1 ? "them" : "it", " to you.")];
}

async function show() {
  if (!session || locked) return;
  if (leaving) leaving.abort();
  leaving = new AbortController();
  const signal = leaving.signal;
  document.querySelectorAll("dialog:not(.door)").forEach((d) => d.close());
  const {segments, query} = target();
  const {screen, entry, given} = find(segments);
  root.querySelectorAll("nav.main a").forEach((a) => {
    if (screen && a.dataset.path === screen.path) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  });
  if (!entry || missing(entry).length) {
    document.title = "byobox";
    replace(page, refusal(entry));
    return;
  }
  document.title = `${screen.title} – byobox`;
  if (page.contains(document.activeElement)) page.focus({preventScroll: true}); // what had it goes
  replace(page, h("h1", null, screen.title), busy());
  try {
    const content = await entry.render({query, signal, can, username: session.username}, ...given);
    if (!signal.aborted) replace(page, content);
  } catch (e) {
    if (e.name !== "AbortError" && !signal.aborted) {
      replace(page, h("h1", null, screen.title), e.status === 404 ? [notice("warn", e.message), h("p", null, h("a", {href: addressOf(screen, firstPage(screen))}, `All ${screen.title.toLowerCase()}`))] : errorNotice(e, show));
      if (!e.faults) console.error(e); // no answer is shown, and no fault of the page
    }
  }
  if (signal.aborted) return;
  const heading = page.querySelector("h1");
  if (heading && segments.length) document.title = `${heading.textContent} – byobox`;
}

async function begin() {
  const who = await api("GET", "/v1/session");
  session = {username: who.username, permissions: new Set(who.permissions), over: new AbortController()};
  frame();
  live.start(session.permissions);
  await show();
}

function sessionOver() {
  if (!session || locked) return;
  if (typed()) return lock();
  session.over.abort();
  loginPage("Your session is over. Log in again; the page you were on comes back.");
}

onSessionEnd(sessionOver);
window.addEventListener("session-ended", sessionOver);
// The focus goes along at once: what comes late takes it from nobody who went on meanwhile.
window.addEventListener("hashchange", () => {
  if (page) {
    page.focus({preventScroll: true});
    window.scrollTo(0, 0);
  }
  show();
});
begin().catch((e) => loginPage(e.status === 401 ? null : e.message));
