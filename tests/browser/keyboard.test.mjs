// SPDX-License-Identifier: BSD-3-Clause
// Every action by keyboard alone: Tab to it, Enter or the arrows. No test here moves a mouse or focuses anything itself.

import {api, as, equal, ok, site, test} from "./lib.mjs";

const box = (page) => page.locator("dialog[open]");
const button = (within, name) => within.getByRole("button", {name, exact: true});

// A choice of a select, as its first letters choose it.
async function choose(p, locator, text) {
  await p.reach(locator);
  await p.page.keyboard.type(text);
  ok((await locator.locator("option:checked").innerText()).toLowerCase().startsWith(text.toLowerCase()), `${text} was not chosen`);
}

// Focus is in the page again when a dialog is over, not at its very top.
async function focusIsKept(page, what) {
  await page.waitForFunction(() => !document.querySelector("dialog[open]"));
  ok(await page.evaluate(() => document.activeElement !== document.body), `${what}: the focus is lost`);
}

test("by keyboard: the skip link, a screen, a dialog and out of it again", () => as("ops", {}, async (p, page) => {
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
  await box(page).waitFor();
  await page.keyboard.press("Escape");
  equal(await page.evaluate(() => document.activeElement.textContent), "Opt a recipient out");
}));

test("by keyboard: log in, every screen, log out", () => as(null, {}, async (p, page) => {
  await p.type(page.getByLabel("Name"), "ops");
  await p.type(page.getByLabel("Password"), site.password);
  await page.keyboard.press("Enter");
  await page.locator("main#page h1").waitFor();
  for (const name of ["Status", "Integrations", "Numbers", "Messages", "Opt-outs", "Events"]) {
    await p.press(page.locator("nav.main a", {hasText: name}));
    await page.locator("nav.main a[aria-current]", {hasText: name}).waitFor();
  }
  await p.press(button(page, "Log out"));
  await page.getByLabel("Password").waitFor();
}));

test("by keyboard: a page whose content comes late takes the focus from nobody", () => as("ops", {}, async (p, page) => {
  const nav = (name) => page.locator("nav.main a", {hasText: name});
  let release;
  const late = new Promise((then) => { release = then; });
  await page.route("**/v1/integrations", async (route) => { await late; await route.fallback(); });
  await p.press(nav("Integrations"));
  await page.locator("p.busy").waitFor();
  equal(await page.evaluate(() => document.activeElement.id), "page");
  await p.reach(nav("Numbers"));
  release();
  await page.getByRole("link", {name: "Add an integration"}).waitFor();
  await page.keyboard.press("Enter");
  await page.locator("h1", {hasText: "Numbers"}).waitFor();
  equal(await page.evaluate(() => document.activeElement.id), "page");
}));

test("by keyboard: an integration is added, its tabs, edited, deactivated, activated, deleted", () => as("ops", {}, async (p, page) => {
  await p.go("/integrations", "Integrations");
  await p.press(page.getByRole("link", {name: "Add an integration"}));
  await page.locator("h1", {hasText: "Add an integration"}).waitFor();
  const field = (name) => page.locator(`[name="${name}"]`);
  await p.type(field("id"), "by-keys");
  await p.type(field("smscAddress"), "127.0.0.1");
  await p.type(field("smscPort"), String(site.carrierPort));
  await choose(p, field("allowCustomPort"), "yes");
  await choose(p, field("useTls"), "no");
  await p.type(field("binds"), "1");
  await p.type(field("credentials.systemId"), "second");
  await p.type(field("credentials.password"), "secret2");
  await p.press(page.locator("summary", {hasText: "Reports, retries, queue"})); // opens it
  await p.type(field("retryTries"), "7");
  await p.press(button(page, "Check and show the difference"));
  await page.locator(".difference", {hasText: "+retry-tries"}).waitFor();
  await p.press(button(page, "Save"));
  await page.locator("h1 .badge", {hasText: /^active$/}).waitFor({timeout: 60000});
  for (const tab of ["Properties", "Advanced", "Credentials", "Statistics", "Events", "Details"]) {
    await p.press(page.locator("nav.tabs a", {hasText: tab}));
    await page.locator("nav.tabs a[aria-current]", {hasText: tab}).waitFor();
    await p.settled();
  }
  await p.press(page.getByRole("link", {name: "Edit", exact: true}));
  await page.locator("h1", {hasText: "Edit by-keys"}).waitFor();
  await p.type(field("messagesPerSecond"), "30");
  await p.press(button(page, "Check and show the difference"));
  await p.press(button(page, "Save"));
  await page.waitForFunction(() => location.hash === "#/integrations/by-keys");
  for (const [verb, state] of [["Deactivate", "inactive"], ["Activate", "active"]]) {
    await p.press(button(page, verb));
    await p.press(button(box(page), verb));
    await page.locator("h1 .badge", {hasText: new RegExp(`^${state}$`)}).waitFor({timeout: 60000});
    await focusIsKept(page, verb);
  }
  await p.press(button(page, "Delete"));
  await p.type(box(page).getByLabel("To be sure"), "by-keys");
  await page.keyboard.press("Enter");
  await focusIsKept(page, "Delete");
  await p.has("It was deleted, and no file names it any more");
}));

test("by keyboard: numbers are imported, a short code by its tabs and arrows, texts changed, CSV, deleted", () => as("ops", {}, async (p, page) => {
  await p.go("/numbers", "Numbers");
  await p.press(button(page, "Import a number"));
  await choose(p, box(page).locator("[name=integration]"), "carrier-a");
  await choose(p, box(page).locator("[name=type]"), "short");
  await p.type(box(page).getByLabel("Sender ID"), "66778");
  await p.type(box(page).getByLabel("Country"), "US");
  for (const [k, words] of ["HELP", "STOP", "START"].entries()) {
    await p.reach(box(page).locator("[role=tab][aria-selected=true]"));
    if (k) await page.keyboard.press("ArrowRight");
    await p.type(box(page).getByLabel("Keywords").locator("visible=true"), words);
    await p.type(box(page).getByLabel("Message", {exact: true}).locator("visible=true"), `Answer to ${words}.`);
  }
  await p.press(button(box(page), "Import"));
  await focusIsKept(page, "Import");
  await p.press(page.getByRole("link", {name: "66778"}));
  await p.has("Answer to STOP.");
  await p.press(button(page, "Change the texts"));
  await p.press(button(box(page), "Add a group (another language)").locator("visible=true"));
  await page.keyboard.insertText("AYUDA");
  await p.type(box(page).locator(".panel:not([hidden]) .textgroup").last().getByLabel("Message"), "Llame al 1.");
  await p.press(button(box(page), "Save"));
  await p.has("Llame al 1.");
  await p.press(button(page, "Delete"));
  await p.press(button(box(page), "Delete"));
  await page.waitForFunction(() => location.hash === "#/numbers");
  await p.press(button(page, "Import a CSV"));
  await p.type(box(page).getByLabel("Or its text"), "number,integration,type\n+12025550133,carrier-a,local\n");
  await p.press(button(box(page), "Check every line"));
  await page.locator("button", {hasText: "Import all 1"}).waitFor();
  await p.press(button(box(page), "Import all 1"));
  await box(page).getByText("1 imported, 0 refused.").waitFor();
  await p.press(button(box(page), "Close"));
  await focusIsKept(page, "CSV");
  equal((await api("GET", "/v1/numbers/66778"))[0], 404);
  equal((await api("GET", "/v1/numbers/+12025550133"))[0], 200);
}));

test("by keyboard: opt-outs, messages, a text encoded, a test message, events", () => as("ops", {}, async (p, page) => {
  await p.go("/opt-outs", "Opt-outs");
  await p.press(button(page, "Opt a recipient out"));
  await p.type(box(page).getByLabel("Our number"), site.number);
  await p.type(box(page).getByLabel("Recipient"), "+12025550147");
  await p.type(box(page).getByLabel("Reason"), "by keys");
  await page.keyboard.press("Enter");
  await page.locator("tbody", {hasText: "by keys"}).waitFor();
  await focusIsKept(page, "Opt out");
  await p.press(button(page, "Remove the opt-out of +12025550147"));
  await p.type(box(page).getByLabel("Reason"), "by keys, too");
  await p.press(button(box(page), "Remove the opt-out"));
  await focusIsKept(page, "Remove the opt-out");
  await p.press(button(page, "Import a CSV"));
  await p.type(box(page).getByLabel("Or its text"), `number,recipient,reason\n${site.number},+12025550148,by CSV\n`);
  await p.press(button(box(page), "Opt all of them out"));
  await box(page).getByText("1 opted out").waitFor();
  await page.keyboard.press("Escape");
  const file = page.waitForEvent("download");
  await p.press(button(page, "Save as CSV"));
  equal((await file).suggestedFilename(), "opt-outs.csv");

  await p.go("/messages", "Messages");
  await p.type(page.locator("form.filters [name=recipient]"), site.unknown);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash.includes("recipient="));
  await p.press(page.locator("tbody a").first());
  await page.locator("h1", {hasText: "Message"}).waitFor();
  await p.go("/messages/encode", "Messages");
  await p.type(page.getByLabel("Number or integration"), site.number);
  await p.type(page.locator("textarea[name=text]"), "It’s 5");
  await p.press(button(page, "Encode"));
  await p.has("U+2019");
  await p.go("/messages/test", "Messages");
  await p.type(page.getByLabel("Our number"), site.number);
  await p.type(page.getByLabel("Recipient"), "+12025550149");
  await p.type(page.locator("textarea[name=text]"), "By keys.");
  await p.press(button(page, "Send"));
  await page.locator("h1 .mono").waitFor();
  await p.go("/events?entity=carrier-a", "Operational console");
  await p.press(page.locator("tbody button").first());
  await p.press(button(box(page), "Close"));
  await focusIsKept(page, "an event's page");
}));

test("by keyboard: the status goes on under a focus, which it keeps", () => as("ops", {}, async (p, page) => {
  await p.go("/status", "Status");
  const link = page.locator(".card.integration h3 a", {hasText: "carrier-a"});
  await p.reach(link);
  const stamp = () => page.locator(".stamp").innerText();
  for (let i = 0; i < 2; i++) {
    const was = await stamp();
    await page.waitForFunction((before) => (document.querySelector(".stamp")?.innerText ?? before) !== before, was);
    ok(await link.evaluate((e) => e === document.activeElement), "the focus was drawn away");
  }
  await page.keyboard.press("Enter");
  await page.locator("h1", {hasText: "carrier-a"}).waitFor();
}));
