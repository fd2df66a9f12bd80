// SPDX-License-Identifier: BSD-3-Clause
// Recipients, applications and other people write what they like. What a page then does that it must not (a script that
// runs, a request, a violation of the policy) fails the test through Person.

import {readFileSync} from "node:fs";
import {api, as, ask, equal, ok, site, test, until} from "./lib.mjs";

const MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)><a href=\"javascript:alert(1)\">x</a>'\"&amp;";
const TURNED = "\u202eevil\u2066\u05d0\u05d1\u05d2";
const LONG = "W".repeat(4096);
const NUL = "a\u0000b\u0007c\u001b[31m";
const FORMULA = "=HYPERLINK(\"http://127.0.0.1/\",\"x\")";
const TEXTS = {MARKUP, TURNED, LONG, NUL, FORMULA};

const OUT = "+12025550191";

// Each form of the console: the page, the button that opens it when it is a dialog's.
const FORMS = [["/opt-outs", "Opt a recipient out"], ["/opt-outs", "Import a CSV"], ["/opt-outs", `Remove the opt-out of ${OUT}`], ["/numbers", "Import a number"],
               ["/numbers", "Import a CSV"], [`/numbers/${site.short}`, "Change the texts"], ["/messages/encode", null], ["/messages/test", null], ["/integrations/+", null],
               ["/integrations/from-folder/edit", null], ["/integrations/from-folder/advanced", null], ["/integrations/from-folder", "Delete"]];

// Into each field at once, whatever the browser would let a person type.
const fill = (form, text) => form.evaluate((f, value) => {
  f.querySelectorAll("details").forEach((d) => { d.open = true; });
  for (const i of f.querySelectorAll("input, textarea"))
    if (!["number", "file", "checkbox"].includes(i.type)) { i.value = value; i.dispatchEvent(new Event("input", {bubbles: true})); }
}, text);

test("hostile texts into every field of every form", () => as("ops", {}, async (p, page) => {
  for (const [path, button] of FORMS)
    for (const [name, text] of Object.entries(TEXTS)) {
      await p.go("/integrations");
      await p.go(path);
      if (button && button.endsWith(OUT)) { // taken by some of these texts
        await api("POST", "/v1/opt-outs", {number: site.number, recipient: OUT, reason: "for the next text"});
        await page.reload();
      }
      if (button) await page.getByRole("button", {name: button, exact: true}).first().click();
      const forms = page.locator(button ? "dialog[open] form" : "main form:not(.filters)");
      await forms.last().waitFor();
      for (const form of await forms.all()) {
        await fill(form, text);
        await form.locator("button[type=submit]").click();
        await page.waitForFunction(() => !document.querySelector("button[type=submit]:disabled"));
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      ok(wide <= 0, `${path}, ${name}: ${wide} px wider than the page`);
      if (button && await page.locator("dialog[open]").count()) await page.keyboard.press("Escape");
    }
  equal((await api("GET", "/v1/integrations/from-folder"))[0], 200, "deleted by a hostile text");
}));

test("hostile texts at the door", () => as(null, {width: 360}, async (p, page) => {
  for (const text of [MARKUP, TURNED, NUL]) {
    await fill(page.locator("form.login"), text);
    await page.getByRole("button", {name: "Log in"}).click();
    await page.locator(".faults .notice, .fault").filter({hasText: /./}).first().waitFor();
    await page.waitForFunction(() => !document.querySelector("button[type=submit]:disabled"));
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

test("what an editor wrote is shown as it was written, in every list and dialog", () => as("ops", {width: 360}, async (p, page) => {
  const {properties} = (await api("GET", "/v1/integrations/from-folder"))[1], long = "N".repeat(200);
  const row = (text) => ({genericErrorCode: 3, genericErrorCause: "RECIPIENT_FLOODED", description: text});
  const put = await api("PUT", "/v1/integrations/from-folder", {...properties, name: MARKUP.slice(0, 150), notes: `${MARKUP} ${TURNED} ${"W".repeat(3000)}`,
    advanced: {protocolSpecificCodeMapping: {88: row(MARKUP.slice(0, 60)), 89: row("W".repeat(60))}}});
  equal(put[0], 200, JSON.stringify(put[1]));
  const groups = [{keywords: ["HELP", "<B>"], reply: MARKUP}, {keywords: ["AYUDA"], reply: `${TURNED} ${"W".repeat(300)}`}];
  const stop = [{keywords: ["STOP"], reply: FORMULA}];
  equal((await api("PATCH", `/v1/numbers/${site.short}`, {compliance: {help: groups, optOut: stop, optIn: [{keywords: ["START"], reply: long}]}}))[0], 200);
  const seen = async (what, wanted) => {
    const text = await page.evaluate(() => [...document.querySelectorAll("main, dialog[open]")].map((e) => e.innerText).join("\n"));
    for (const w of wanted) ok(text.includes(w), `${what} lacks ${w}`);
    ok(!/[\u202a-\u202e\u2066-\u2069]/.test(text), `${what}: a mark of direction turns the page`);
    equal(await page.locator("main script, main img, dialog script, dialog img").count(), 0, what);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    ok(wide <= 0, `${what}: ${wide} px wider than the page`);
  };
  const script = "<script>alert(1)</script>";
  for (const [path, wanted] of [["/status", [script]], ["/integrations", [script]], ["/integrations/from-folder", [script, "[U+202E]evil"]], ["/integrations/from-folder/properties", [script]],
                                ["/integrations/from-folder/advanced", [script]], [`/numbers/${site.short}`, [script, "[U+202E]evil", "<B>", FORMULA]]]) {
    await p.go(path);
    await page.waitForFunction((text) => document.querySelector("main")?.innerText.includes(text), wanted[0]);
    await seen(path, wanted);
  }
  await page.getByRole("button", {name: "Change the texts"}).click();
  equal(await page.locator('dialog[open] [name="help.reply"]').evaluateAll((all) => all.map((t) => t.value.slice(0, 8))), [MARKUP.slice(0, 8), TURNED.slice(0, 8)]);
  await seen("the dialog of the texts", ["Group 2"]);
  await page.keyboard.press("Escape");
  for (const name of ["Deactivate", "Delete"]) {
    await p.go("/integrations/from-folder");
    await page.getByRole("button", {name, exact: true}).click();
    await seen(name, []);
    await page.keyboard.press("Escape");
  }
}));

// A spreadsheet runs what begins so; a phone number is none.
const RUNS = /^[=@\t\r]|^[+-](?!\d+$)/;
const cellsOf = (text) => [...text.matchAll(/(?:^|,|\r\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)].map((m) => (m[1] === undefined ? m[2] : m[1].replace(/""/g, '"')));

test("CSVs are saved, and no cell of them is a formula", () => as("ops", {}, async (p, page) => {
  for (const [k, text] of [FORMULA, "+1+cmd|' /C calc'!A0", "@SUM(1)", "-1+1"].entries()) {
    equal((await api("POST", "/v1/opt-outs", {number: site.number, recipient: `+1202555018${k}`, reason: text}))[0], 201);
    await ask("mo", {source: `+1202555015${k + 5}`, text});
  }
  await ask("mo", {source: "+12025550154", text: "last"});
  await until(async () => (await api("GET", "/v1/messages?direction=inbound&recipient=%2B12025550154"))[1].items.length, "the last inbound message");
  for (const [path, name, holds] of [["/messages", "messages.csv", site.unknown], ["/messages/inbound", "inbound.csv", "HYPERLINK"], ["/opt-outs", "opt-outs.csv", "HYPERLINK"],
                                     ["/opt-outs/history", "opt-out-history.csv", "HYPERLINK"], ["/events", "events.csv", "BYO-0101"]]) {
    await p.go(path);
    const waits = page.waitForEvent("download");
    await page.getByRole("button", {name: "Save as CSV"}).click();
    const file = await waits;
    equal(file.suggestedFilename(), name);
    const text = readFileSync(await file.path(), "utf8");
    ok(text.includes(holds), `${name} lacks ${holds}`);
    equal(cellsOf(text).filter((c) => RUNS.test(c)), [], `${name} has formulas`);
  }
}));
