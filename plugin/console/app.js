// SPDX-License-Identifier: BSD-3-Clause
// The console: who is there, which screen the address names, what may be seen. Each screen is a file of its own that
// exports `screen`: {path, title, needs (a permission, or several of which one is enough), render(ctx)}. ctx: {segments,
// query, signal (aborted when the screen is left), can(permission)}; render gives the elements of the page.

import {api, onSessionEnd} from "./api.js";
import {h, replace, said} from "./dom.js";
import * as live from "./live.js";
import {busy, errorNotice, field, notice, showFaults, valuesOf} from "./parts.js";
import {screen as status} from "./status.js";
import {screen as integrations} from "./integrations.js";
import {screen as numbers} from "./numbers.js";
import {screen as messages} from "./messages.js";
import {screen as optOuts} from "./opt_outs.js";
import {screen as events} from "./events.js";
import {screen as audit} from "./audit.js";

const SCREENS = [status, integrations, numbers, messages, optOuts, events, audit];
const root = document.getElementById("app");
let session = null, leaving = null, page = null;

const can = (permission) => session.permissions.has(permission);
const allowed = (screen) => [].concat(screen.needs).some(can);

// -- login -------------------------------------------------------------------------------------------------

function loginPage(why) {
  live.stop();
  if (leaving) leaving.abort();
  document.querySelectorAll("dialog").forEach((d) => d.close());
  session = page = null;
  document.title = "Log in – byobox";
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
      await begin();
    } catch (e) {
      const wrong = e.status === 401 ? "This name and password do not belong together." : null;
      const wait = e.retryAfter ? ` Try again in ${e.retryAfter} s.` : "";
      showFaults(form, {message: (wrong || e.message) + wait, field: "*"});
    } finally {
      send.disabled = false;
    }
  });
  replace(root, h("main", {class: "door"}, form));
  form.querySelector("input").focus();
}

async function logout() {
  try { await api("DELETE", "/v1/session"); } catch { /* it is over all the same */ }
  loginPage();
}

// -- the page ----------------------------------------------------------------------------------------------

function frame() {
  const light = h("span", {class: "live waiting", role: "status"}, "connecting");
  const words = {live: "live", waiting: "connecting", off: "not live", none: ""};
  live.listen("state", (state) => { light.className = `live ${state}`; replace(light, words[state]); }, session.over.signal);
  const nav = h("nav", {class: "main", "aria-label": "Screens"}, SCREENS.filter(allowed).map((s) =>
    h("a", {href: `#${s.path}`, "data-path": s.path}, s.title)));
  page = h("main", {id: "page", tabindex: -1});
  replace(root, h("a", {class: "skip", href: "#", onclick: (e) => { e.preventDefault(); page.focus(); }}, "To the content"),
          h("header", {class: "top"}, h("a", {class: "brand", href: "#/"}, h("img", {src: "/assets/icon.svg", alt: "", width: 24, height: 24}), "byobox"),
            nav, h("div", {class: "who"}, light, said(session.username), h("button", {type: "button", class: "quiet", onclick: logout}, "Log out"))),
          page, h("div", {id: "toasts", role: "status", "aria-live": "polite"}));
}

function target() {
  const [path, text] = location.hash.replace(/^#/, "").split(/\?(.*)/s);
  let segments;
  try { segments = path.split("/").filter(Boolean).map(decodeURIComponent); } catch { segments = ["?"]; }
  return {segments, query: new URLSearchParams(text || "")};
}

async function show() {
  if (!session) return;
  if (leaving) leaving.abort();
  leaving = new AbortController();
  const signal = leaving.signal;
  document.querySelectorAll("dialog").forEach((d) => d.close());
  const {segments, query} = target();
  const screen = segments.length ? SCREENS.find((s) => s.path === `/${segments[0]}`) : SCREENS.find(allowed);
  root.querySelectorAll("nav.main a").forEach((a) => {
    if (screen && a.dataset.path === screen.path) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  });
  if (!screen || !allowed(screen)) {
    document.title = "byobox";
    replace(page, h("h1", null, screen ? "Not for you" : "No such page"),
            notice("warn", screen ? "Your permissions do not cover this screen. Who runs byobox can give them to you." :
                                    "This address leads nowhere. The screens stand above."));
    return;
  }
  document.title = `${screen.title} – byobox`;
  replace(page, h("h1", null, screen.title), busy());
  try {
    const content = await screen.render({segments: segments.slice(1), query, signal, can, username: session.username});
    if (!signal.aborted) replace(page, content);
  } catch (e) {
    if (e.name !== "AbortError" && !signal.aborted) {
      replace(page, h("h1", null, screen.title), errorNotice(e));
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
  if (!session) return;
  session.over.abort();
  loginPage("Your session is over. Log in again; the page you were on comes back.");
}

onSessionEnd(sessionOver);
window.addEventListener("session-ended", sessionOver);
window.addEventListener("hashchange", () => { show().then(() => { if (page) { page.focus({preventScroll: true}); window.scrollTo(0, 0); } }); });
begin().catch((e) => loginPage(e.status === 401 ? null : e.message));
