// SPDX-License-Identifier: BSD-3-Clause
// What the browser tests share: one chromium; a person with a page; everything the page did that it must not do.

import {createRequire} from "node:module";
import {readFileSync} from "node:fs";
import {connect, createServer} from "node:net";

export const site = JSON.parse(process.env.BYO_SITE);
const require = createRequire(`${site.modules}/node_modules/`);
const {chromium} = require("playwright-core");
const axe = readFileSync(`${site.modules}/node_modules/axe-core/axe.min.js`, "utf8");

const tests = [];
// reads: it changes nothing of the installation, and may run beside others that do not.
export function test(name, body, reads = false) { tests.push({name, body, reads}); }

export function equal(got, wanted, what) {
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what || "not equal"}: ${a}, wanted ${b}`);
}

export function ok(value, what) { if (!value) throw new Error(what); }

// Asks the process that runs the installation.
export async function ask(what, more = {}) {
  const answer = await fetch(`http://127.0.0.1:${site.control}/`, {method: "POST", body: JSON.stringify({do: what, ...more})});
  const value = await answer.json();
  if (!answer.ok) throw new Error(`${what}: ${value}`);
  return value;
}

export const api = (method, path, body = null) => ask("api", {method, path, body});

// Asks until it is so.
export async function until(holds, what, most = 30000) {
  for (const end = Date.now() + most; Date.now() < end;) {
    if (await holds()) return;
    await new Promise((then) => { setTimeout(then, 200); });
  }
  throw new Error(`never: ${what}`);
}

// A line to byobox that can be cut and mended: its port stays.
export async function line() {
  const open = new Set(), to = new URL(site.url);
  let whole = true;
  const server = createServer((near) => {
    if (!whole) return near.destroy();
    const far = connect(to.port, to.hostname);
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one);
      one.on("error", () => {}).on("close", () => { open.delete(one); other.destroy(); }).pipe(other);
    }
  });
  await new Promise((then) => { server.listen(0, "127.0.0.1", then); });
  const cut = () => { whole = false; open.forEach((s) => s.destroy()); };
  return {url: `http://127.0.0.1:${server.address().port}`, cut, mend: () => { whole = true; }, close: () => { cut(); server.close(); }};
}

let browser = null;

export class Person {
  // more: {width, height, dark, url (a line's)}
  static async open(user, more = {}) {
    const p = new Person();
    p.context = await browser.newContext({viewport: {width: more.width || 1280, height: more.height || 900}, colorScheme: more.dark ? "dark" : "light",
                                          locale: "en-GB", timezoneId: "Europe/Vienna", acceptDownloads: true});
    p.page = await p.context.newPage();
    p.page.setDefaultTimeout(20000);
    p.url = more.url || site.url;
    p.faults = [];
    p.asked = 0; // how often it was asked before it was left
    p.watch();
    await p.page.goto(`${p.url}/`);
    if (user) await p.login(user);
    return p;
  }

  watch() {
    this.page.on("console", (m) => {
      // A refused or failed request is logged by the browser itself; each test looks at what the page makes of it.
      if (m.type() === "error" && !/^Failed to load resource/.test(m.text())) this.faults.push(m.text());
      if (/Content.Security.Policy/i.test(m.text())) this.faults.push(m.text());
    });
    this.page.on("pageerror", (e) => this.faults.push(`exception: ${e.stack || e}`));
    this.page.on("dialog", (d) => {
      if (d.type() === "beforeunload") { this.asked++; d.accept(); return; }
      this.faults.push(`a script ran: ${d.message()}`);
      d.dismiss();
    });
    this.page.on("response", (r) => { if (r.status() === 403 && !this.mayRefuse) this.faults.push(`asked for what is not allowed: ${r.url()}`); });
    this.page.on("request", (r) => { if (!r.url().startsWith(`${this.url}/`) && !/^blob:/.test(r.url())) this.faults.push(`request to elsewhere: ${r.url()}`); });
    this.context.on("page", (other) => { if (other !== this.page) this.faults.push("a window opened"); });
  }

  async login(user) {
    const password = user === "admin" ? site.adminPassword : user === "status" ? site.statusPassword : site.password;
    await this.page.getByLabel("Name").fill(user);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", {name: "Log in"}).click();
    await this.page.locator("main#page h1").first().waitFor();
  }

  // Over what somebody typed, when the session is over.
  async loginAgain(user) {
    const box = this.page.locator("dialog.door");
    await box.getByLabel("Name").fill(user);
    await box.getByLabel("Password").fill(site.password);
    await box.getByRole("button", {name: "Log in"}).click();
    await box.waitFor({state: "detached"});
  }

  async go(path, heading) {
    // The page draws when it is told of its new address, a moment after that changed.
    await this.page.evaluate((to) => new Promise((then) => {
      const before = location.hash;
      addEventListener("hashchange", then, {once: true});
      location.hash = to;
      if (location.hash === before) then();
    }), `#${path}`);
    await this.settled();
    if (heading) await this.page.locator("main#page h1", {hasText: heading}).first().waitFor();
  }

  // Something is drawn, which it is not yet right behind a reload, and no "Loading…" is left.
  async settled() {
    await this.page.waitForFunction(() => document.querySelector("#app > :not(noscript)") && !document.querySelector("p.busy"));
  }

  // By Tab alone to what the locator names, which must be one.
  async reach(locator, most = 160) {
    await locator.waitFor();
    const there = () => locator.evaluate((e) => e === document.activeElement);
    for (let i = 0; i < most; i++) {
      if (await there()) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`no way by keyboard to ${locator}`);
  }

  async press(locator, key = "Enter") {
    await this.reach(locator);
    await this.page.keyboard.press(key);
  }

  async type(locator, text) {
    await this.reach(locator);
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.insertText(text);
  }

  text() { return this.page.locator("main#page").innerText(); }

  async has(text) { await this.page.locator("#app, dialog").getByText(text).first().waitFor({state: "attached"}); }

  async nav() { return this.page.locator("nav.main a").allInnerTexts(); }

  // No fault that keeps people out (axe: serious, critical), and nothing wider than the page.
  async accessible(what, rules) {
    if (!await this.page.evaluate(() => "axe" in window)) await this.page.evaluate(axe);
    const options = {resultTypes: ["violations"], ...(rules ? {runOnly: rules} : {})};
    const found = await this.page.evaluate(async (how) => (await window.axe.run(document, how)).violations
      .filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`), options);
    equal(found, [], `axe, ${what}`);
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    ok(wide <= 0, `${what}: ${wide} px wider than the page`);
    const out = await this.page.evaluate(() => [...document.querySelectorAll("main .card *, main .notice *, dialog[open] form *")].filter((e) => {
      const place = e.closest("dialog[open], .card, .notice");
      return !e.closest("svg, .scroll, pre, option") && e.getBoundingClientRect().right > place.getBoundingClientRect().right + 1;
    }).slice(0, 3).map((e) => e.outerHTML.slice(0, 160)));
    equal(out, [], `${what}: beyond its card`);
  }

  async close() {
    const faults = this.faults;
    await this.context.close();
    equal(faults, [], "what the page must not do");
  }
}

export async function as(user, more, body) {
  const p = await Person.open(user, more);
  try { await body(p, p.page); } catch (e) {
    await p.page.screenshot({path: `${site.work}/failed-${Date.now()}.png`}).catch(() => {});
    e.message += `\n    at ${p.page.url()}; ${JSON.stringify(p.faults)}; screenshots: ${site.work}`;
    await p.context.close();
    throw e;
  }
  await p.close();
}

export async function runAll() {
  browser = await chromium.launch({executablePath: site.chromium, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]});
  let failed = 0, passed = 0;
  const run = async (t) => {
    const begun = Date.now();
    try {
      await t.body();
      passed++;
      console.log(`ok      ${t.name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
    } catch (e) {
      failed++;
      console.log(`FAILED  ${t.name}\n    ${e.stack || e}`);
    }
  };
  const wanted = tests.filter((t) => !site.names.length || site.names.some((n) => t.name.includes(n)));
  const readers = wanted.filter((t) => t.reads);
  const lane = async () => { while (readers.length) await run(readers.shift()); };
  await Promise.all([lane(), lane()]); // first: what is there is as it was filled
  for (const t of wanted) if (!t.reads) await run(t);
  await browser.close();
  console.log(`${passed} passed, ${failed} failed`);
  return failed ? 1 : 0;
}
