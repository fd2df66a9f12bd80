// SPDX-License-Identifier: BSD-3-Clause
// Recipients, applications and other people write what they like. What a page then does that it must not (a script that
// runs, a request, a violation of the policy) fails the test through Person.

import {api, as, ask, equal, ok, site, test} from "./lib.mjs";

const MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)><a href=\"javascript:alert(1)\">x</a>'\"&amp;";
const TURNED = "\u202eevil\u2066\u05d0\u05d1\u05d2";
const LONG = "W".repeat(4096);
const NUL = "a\u0000b\u0007c\u001b[31m";
const TEXTS = {MARKUP, TURNED, LONG, NUL};

test("hostile texts into every field of every form", () => as("ops", {}, async (p, page) => {
  const pages = [["/opt-outs", "Opt a recipient out"], ["/numbers", "Import a number"], ["/numbers", "Import a CSV"], ["/messages/encode", null], ["/messages/test", null],
                 ["/integrations/new", null], ["/integrations/carrier-a/advanced", null], [`/numbers/${site.short}`, "Change the texts"], ["/opt-outs", "Import a CSV"]];
  for (const [path, button] of pages)
    for (const [name, text] of Object.entries(TEXTS)) {
      await p.go("/audit");
      await p.go(path);
      if (button) await page.getByRole("button", {name: button, exact: true}).first().click();
      const form = page.locator(button ? "dialog[open] form" : "main form:not(.filters)").last();
      await form.waitFor();
      await form.evaluate((f, value) => {
        f.querySelectorAll("details").forEach((d) => { d.open = true; });
        for (const i of f.querySelectorAll("input, textarea"))
          if (!["number", "file", "checkbox"].includes(i.type)) { i.value = value; i.dispatchEvent(new Event("input", {bubbles: true})); }
      }, text);
      await form.locator("button[type=submit]").click();
      await page.waitForFunction(() => !document.querySelector("button[type=submit]:disabled"));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      ok(wide <= 0, `${path}, ${name}: ${wide} px wider than the page`);
      await page.keyboard.press("Escape");
    }
}));

test("hostile texts into every filter, and as addresses", () => as("admin", {width: 360}, async (p, page) => {
  for (const path of ["/numbers", "/messages", "/messages/inbound", "/opt-outs", "/opt-outs/history", "/events"])
    for (const [name, text] of Object.entries(TEXTS)) {
      await p.go(path);
      const names = await page.locator("form.filters input[type=search], form.filters input:not([type])").evaluateAll((all) => all.map((i) => i.name));
      await p.go(`${path}?${new URLSearchParams(names.map((n) => [n, text]))}`);
      await page.locator(".results").waitFor();
      await p.go(`${path}/${encodeURIComponent(text)}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      ok(wide <= 0, `${path}, ${name}: ${wide} px wider than the page`);
    }
  for (const path of ["/integrations/%", "/%ZZ", `/${encodeURIComponent(MARKUP)}`, "/integrations/..%2F..", "/messages?page=%00"]) {
    await p.go(path);
    await page.locator("main h1").first().waitFor();
  }
}));

test("what people wrote is shown as they wrote it", () => as("admin", {}, async (p, page) => {
  for (const [k, text] of [MARKUP, TURNED, "b\u0007c"].entries())
    await api("POST", "/v1/opt-outs", {number: site.number, recipient: `+1202555017${k}`, reason: text.slice(0, 190)});
  const done = await api("POST", "/v1/opt-outs", {number: site.number, recipient: "+12025550179", reason: "R".repeat(200)});
  equal(done[0], 201);
  await ask("send", {to: "+12025550150", text: MARKUP});
  await p.go("/opt-outs/history", "Opt-outs");
  await p.has("<script>alert(1)</script>");
  const history = await p.text();
  ok(history.includes("[U+202E]evil"), "a mark of direction is shown as its number");
  ok(!/[\u202a-\u202e\u2066-\u2069]/.test(history), "no mark of direction turns the page");
  await p.accessible("history with hostile texts");
  await p.go("/messages/inbound", "Messages");
  await p.has("<img src=x onerror=alert(1)>");
  await p.has("[U+202E]evil");
  await page.locator("tbody a").first().click();
  await page.locator("h1 .badge", {hasText: "inbound"}).waitFor();
  await p.go("/events", "Operational console");
  await p.go("/audit", "Audit");
  await p.has("<script>alert(1)</script>");
  equal(await page.locator("main script, main img").count(), 0);
}));

test("a reload in the middle of everything", () => as("ops", {}, async (p, page) => {
  // In the middle of a form: nothing was taken, the page comes back. byobox restarts: the session is over, and said so.
  await p.go("/numbers", "Numbers");
  await page.getByRole("button", {name: "Import a number"}).click();
  await page.locator("dialog[open]").getByLabel("Sender ID").fill("+12025550123");
  await page.reload();
  await p.settled();
  equal(await page.locator("dialog").count(), 0);
  equal((await api("GET", "/v1/numbers/+12025550123"))[0], 404);
  for (const path of ["/status", "/integrations/carrier-a/statistics", "/messages", "/events", "/integrations/new"]) {
    await p.go(path);
    await page.reload({waitUntil: "commit"}); // before it is there
    await page.reload();
    await page.locator("main h1").first().waitFor();
  }
  await p.go("/events?entity=carrier-a", "Operational console");
  await ask("restart");
  await p.has("Your session is over");
  await p.login("ops");
  await page.locator("h1", {hasText: "Operational console"}).waitFor();
  equal(await page.locator("input[name=entity]").inputValue(), "carrier-a");
}));

test("a CSV is answered line by line before anything is taken", () => as("numbers", {}, async (p, page) => {
  await p.go("/numbers", "Numbers");
  await page.getByRole("button", {name: "Import a CSV"}).click();
  const box = page.locator("dialog[open]");
  await box.locator("textarea").fill(`number,integration,type\n+12025550131,carrier-a,local\n+12025550131,carrier-a,local\n${MARKUP.replace(/[",]/g, "")},carrier-a,local\n+12025550132,none,local\n`);
  await box.getByRole("button", {name: "Check every line"}).click();
  await box.getByText("1 good, 3 refused.").waitFor();
  equal((await api("GET", "/v1/numbers/+12025550131"))[0], 404);
  await p.accessible("the answers to a CSV");
  await box.getByRole("button", {name: "Import the 1 that are good"}).click();
  await box.getByText("1 imported, 3 refused.").waitFor();
  equal((await api("GET", "/v1/numbers/+12025550131"))[0], 200);
}));

test("CSVs are saved", () => as("ops", {}, async (p, page) => {
  for (const [path, name] of [["/messages", "messages.csv"], ["/opt-outs", "opt-outs.csv"], ["/events", "events.csv"]]) {
    await p.go(path);
    const waits = page.waitForEvent("download");
    await page.getByRole("button", {name: "Save as CSV"}).click();
    equal((await waits).suggestedFilename(), name);
  }
}));
