// SPDX-License-Identifier: BSD-3-Clause
// What the screens have in common: login, addresses, times, live. Who sees which: users.test.mjs.

import {readFileSync} from "node:fs";
import {api, as, ask, equal, ok, site, test} from "./lib.mjs";

test("a wrong password is told, a right one leads to the page that was asked for", () => as(null, {}, async (p, page) => {
  await page.goto(`${site.url}/#/events?entity=carrier-a`);
  await page.getByLabel("Name").fill("ops");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", {name: "Log in"}).click();
  await p.has("do not belong together");
  await p.accessible("login");
  await page.getByLabel("Password").fill(site.password);
  await page.keyboard.press("Enter");
  await page.locator("h1", {hasText: "Operational console"}).waitFor();
  equal(await page.locator("input[name=entity]").inputValue(), "carrier-a");
}));

test("a search is an address; reload and back keep it", () => as("ops", {}, async (p, page) => {
  await p.go("/messages", "Messages");
  await page.locator("select[name=state]").selectOption("failed");
  await page.locator("input[name=recipient]").fill(` ${site.unknown} `);
  await page.getByRole("button", {name: "Search"}).click();
  await page.waitForFunction(() => location.hash.includes("state=failed"));
  await page.reload();
  await p.settled();
  await p.has("DEST_ADDR_INVALID");
  equal(await page.locator("tbody tr").count(), 1);
  await page.locator("tbody a").first().click();
  await page.locator("h1", {hasText: "Message"}).waitFor();
  await p.has("What happened");
  await page.goBack();
  await page.waitForFunction(() => location.hash.includes("state=failed"));
}));

test("a list that comes while something is pressed or marked stands there when that is over", () => as("ops", {}, async (p, page) => {
  await p.go("/numbers", "Numbers");
  await page.locator("h1").hover();
  for (const [type, shows, on, off] of [
    ["short-code", site.short, () => page.mouse.down(), () => page.mouse.up()],
    ["local", site.number, () => page.evaluate(() => getSelection().selectAllChildren(document.querySelector(".results"))), () => page.evaluate(() => getSelection().removeAllRanges())],
  ]) {
    let release;
    const late = new Promise((then) => { release = then; });
    await page.route("**/v1/numbers?*", async (route) => { await late; await route.fallback(); });
    await page.evaluate((to) => { location.hash = to; }, `#/numbers?type=${type}`);
    await page.locator(".results p.busy").waitFor();
    await on();
    const came = page.waitForEvent("requestfinished", (r) => r.url().includes("/v1/numbers?"));
    release();
    await came;
    await off();
    await page.locator(".results tbody", {hasText: shows}).waitFor();
    await page.unroute("**/v1/numbers?*");
  }
}));

test("times are UTC with the reader's own beside", () => as("ops", {}, async (p, page) => {
  await p.go("/events", "Operational console");
  const [utc, local] = await page.locator("tbody time").first().evaluate((t) => [...t.children].map((c) => c.textContent));
  ok(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/.test(utc), utc);
  ok(/^\d\d:\d\d:\d\d (CET|CEST|GMT\+[12])$|^\d{4}-/.test(local), local);
}));

test("an event's page of the catalogue", () => as("ops", {}, async (p, page) => {
  await p.go("/events?definition=integration-state", "Operational console");
  await page.locator("tbody button").first().click();
  await page.locator("dialog", {hasText: "An integration's state changed"}).waitFor();
  await p.accessible("a dialog");
}));

test("several definitions, a text and the CSV are one search of the server's", () => as("ops", {}, async (p, page) => {
  const asked = [];
  page.on("request", (r) => { if (new URL(r.url()).pathname === "/v1/events") asked.push(new URL(r.url()).searchParams); });
  await p.go("/events?definition=integration-state&definition=BYO-0602&text=CARRIER-A", "Operational console");
  await page.locator("tbody tr").first().waitFor();
  equal(asked.map((q) => [q.getAll("definition"), q.get("text")]), [[["integration-state", "BYO-0602"], "CARRIER-A"]]);
  const rows = await page.locator("tbody tr").allInnerTexts();
  ok(rows.every((r) => /BYO-0101|BYO-0602/.test(r) && r.includes("carrier-a")), rows.join("\n"));
  const file = page.waitForEvent("download");
  await page.getByRole("button", {name: "Save as CSV"}).click();
  const lines = readFileSync(await (await file).path(), "utf8").trim().split("\r\n");
  equal(lines.length - 1, rows.length, lines.join("\n"));
  await p.go("/events?text=no-such-text-anywhere", "Operational console");
  await p.has("No event fits.");
  await p.go("/events?definition=none-of-these", "Operational console");
  await page.locator(".notice.bad", {hasText: "catalogue of events"}).waitFor();
  // Live, too: what does not fit does not come in.
  await p.go("/events?text=2025550144", "Operational console");
  await page.locator(".live.live").waitFor();
  await ask("mo", {source: "+12025550145", text: "STOP"});
  await ask("mo", {source: "+12025550144", text: "STOP"});
  await page.locator("tbody tr", {hasText: "+12025550144"}).first().waitFor();
  equal(await page.locator("tbody tr", {hasText: "+12025550145"}).count(), 0);
}));

test("a message's life: each step of the API has words, what was tried before and the reports stand in it", () => as("ops", {}, async (p, page) => {
  const spec = readFileSync(new URL("../../docs/openapi.yaml", import.meta.url), "utf8");
  const kinds = /\n    Step:[^]*?step: \{type: string, enum: \[([^\]]*)\]/.exec(spec)[1].split(", ");
  equal(await page.evaluate(async () => Object.keys((await import("/assets/message.js")).STEPS)), kinds);
  const {items} = (await api("GET", `/v1/messages?recipient=${encodeURIComponent(site.busy)}`))[1];
  await p.go(`/messages/${items[0].id}`, "Message");
  const life = await page.locator(".life").innerText();
  for (const word of ["Taken", "Written", "Handed over", "Handed over again", "Accepted by the carrier", "Delivered", "try 2"]) ok(life.includes(word), `${word} is missing in ${life}`);
}));

test("a text is encoded, and what makes it dearer is told", () => as("reader", {}, async (p, page) => {
  await p.go("/messages/encode", "Messages");
  await page.locator("input[name=of]").fill(site.number);
  await page.locator("textarea[name=text]").fill("It’s 5 o’clock");
  await page.getByRole("button", {name: "Encode"}).click();
  await p.has("1 segment");
  await p.has("U+2019");
  equal((await api("GET", "/v1/audit"))[1].items.some((r) => r.who === "reader"), false);
}));

// A session left alone ends an hour later, however long its page stands open.
test("what a page that is left open asks is no use of the session", () => as("ops", {}, async (p, page) => {
  const alone = (path) => page.waitForRequest((r) => new URL(r.url()).pathname === path && r.headers()["x-byobox-console"] === "watch");
  await page.clock.install();
  for (const screen of ["/integrations/carrier-a/statistics", "/status"]) {
    await p.go(screen);
    await p.has(screen === "/status" ? "last hour" : "Messages taken");
    const asked = alone("/v1/statistics");
    await page.clock.fastForward(61000);
    await asked;
  }
  await page.route("**/v1/stream", (route) => route.fulfill({status: 503, body: ""}));
  const asked = [alone("/v1/session"), alone("/v1/status")];
  await page.reload();
  await Promise.all(asked);
}));

// The rows of tests/unit/test_error_map.c that are plain text: what the server compares codes by.
const KEYS = [...readFileSync(new URL("../unit/test_error_map.c", import.meta.url), "utf8").matchAll(/^ {4}\{"([^"\\]*)",\s*"([^"\\]*)"\},$/gm)].map((row) => row.slice(1));

test("rows of the error map are put together as the server compares codes", () => as("ops", {}, async (p, page) => {
  ok(KEYS.length >= 15, `only ${KEYS.length} rows`);
  const prefixed = KEYS.flatMap(([code, key]) => [[code, key], [`receipt:${code}`, `receipt:${key}`], [`SUBMIT:${code}`, `submit:${key}`]]);
  const got = await page.evaluate(async (codes) => {
    const {keyForm} = await import("/assets/advanced.js");
    return codes.map(keyForm);
  }, prefixed.map(([code]) => code));
  equal(got, prefixed.map(([, key]) => key));
}));
