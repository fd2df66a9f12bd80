// SPDX-License-Identifier: BSD-3-Clause
// Each screen as each kind of person, at each width, light and dark: what it shows, whom it lets in.

import {readFileSync} from "node:fs";
import {api, as, equal, ok, site, test} from "./lib.mjs";

const SCREENS = [
  ["/status", "Status", "carrier-a"], ["/integrations", "Integrations", "carrier-a"], ["/integrations/carrier-a", "carrier-a", "Online"],
  ["/integrations/carrier-a/properties", "carrier-a", "SMSC Address"], ["/integrations/carrier-a/advanced", "carrier-a", "THROTTLED"],
  ["/integrations/carrier-a/credentials", "carrier-a", "System ID"], ["/integrations/carrier-a/events", "carrier-a", "integration-state"],
  ["/numbers", "Numbers", site.number], [`/numbers/${encodeURIComponent(site.short)}`, site.short, "STOP"], ["/messages", "Messages", "failed"],
  ["/messages/inbound", "Messages", "+12025550150"],
  ["/messages/encode", "Messages", "Encode a text"], ["/integrations/carrier-a/statistics", "carrier-a", "Messages taken"], ["/messages/test", "Messages", "Send a test message"],
  ["/opt-outs", "Opt-outs", "+12025550151"], ["/opt-outs/history", "Opt-outs", "STOP"], ["/events", "Operational console", "BYO-0101"], ["/audit", "Audit", "number import"],
];

for (const [width, dark] of [[1280, false], [360, true]])
  test(`every screen as admin, ${width} px, ${dark ? "dark" : "light"}`, () => as("admin", {width, dark}, async (p) => {
    equal(await p.nav(), ["Status", "Integrations", "Numbers", "Messages", "Opt-outs", "Events", "Audit"]);
    for (const [path, heading, text] of SCREENS) {
      await p.go(path, heading);
      await p.has(text);
      await p.accessible(`${path} at ${width}`);
    }
  }));

test("one with numbers only sees the numbers and is told of the rest", () => as("numbers", {}, async (p, page) => {
  equal(await p.nav(), ["Numbers"]);
  await p.has(site.number);
  for (const path of ["/status", "/integrations", "/integrations/carrier-a", "/messages", "/opt-outs", "/events", "/audit"]) {
    await p.go(path, "Not for you");
  }
  await p.go("/numbers", "Numbers");
  await page.getByRole("button", {name: "Import a number"}).click();
  await page.getByLabel("Integration").last().fill("carrier-a");
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({state: "detached"});
}));

test("a reader changes nothing and is offered nothing to change", () => as("reader", {}, async (p, page) => {
  equal(await p.nav(), ["Status", "Integrations", "Messages", "Events"]);
  await p.go("/integrations", "Integrations");
  equal(await page.getByRole("link", {name: "Add an integration"}).count(), 0);
  await p.go("/integrations/carrier-a", "carrier-a");
  for (const name of ["Activate", "Deactivate", "Delete"]) equal(await page.getByRole("button", {name}).count(), 0, name);
  equal(await page.getByRole("link", {name: "Edit", exact: true}).count(), 0);
  await p.go("/integrations/carrier-a/edit");
  await p.has("This needs the permission edit.");
  await p.go("/messages/test");
  await p.has("This needs the permission send-test.");
}));

test("the status user sees status and integrations", () => as("status", {}, async (p) => {
  equal(await p.nav(), ["Status", "Integrations"]);
  await p.has("carrier-a");
}));

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

test("an ended session leads to the login, and back", () => as("ops", {}, async (p, page) => {
  await p.go("/numbers", "Numbers");
  await p.context.clearCookies();
  await page.evaluate(() => { location.hash = "#/numbers?type=local"; });
  await p.has("Your session is over");
  await p.login("ops");
  equal(await page.locator("select[name=type]").inputValue(), "local");
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

test("by keyboard alone: skip link, screens, dialog and out of it again", () => as("ops", {}, async (p, page) => {
  await p.go("/opt-outs", "Opt-outs");
  await page.reload();
  await p.settled();
  await page.keyboard.press("Tab");
  equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  equal(await page.evaluate(() => document.activeElement.id), "page");
  await page.keyboard.press("Tab");
  equal(await page.evaluate(() => document.activeElement.textContent), "Opt a recipient out");
  await page.keyboard.press("Enter");
  await page.locator("dialog[open]").waitFor();
  await page.keyboard.press("Escape");
  equal(await page.evaluate(() => document.activeElement.textContent), "Opt a recipient out");
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

test("several definitions and a text", () => as("ops", {}, async (p, page) => {
  await p.go("/events?definition=integration-state&definition=BYO-0602", "Operational console");
  const kinds = new Set(await page.locator("tbody td:nth-child(2) .mono").allInnerTexts());
  ok([...kinds].every((k) => ["BYO-0101", "BYO-0602"].includes(k)), [...kinds].join());
  await p.go("/events?text=no-such-text-anywhere", "Operational console");
  await p.has("No event fits.");
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
