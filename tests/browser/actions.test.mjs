// SPDX-License-Identifier: BSD-3-Clause
// What the article's administrator does, each as a person with a browser does it.

import {api, as, ask, equal, site, test} from "./lib.mjs";

test("STOP is seen arriving, live", () => as("ops", {}, async (p, page) => {
  await p.go("/events?definition=opt-out", "Operational console");
  const before = await page.locator("tbody tr").count();
  await page.locator(".live.live").waitFor();
  await ask("mo", {source: "+12025550177", text: "Stop"});
  await page.locator("tr.fresh", {hasText: "+12025550177"}).waitFor();
  equal(await page.locator("tbody tr").count(), before + 1);
  await p.go("/opt-outs?recipient=%2B12025550177", "Opt-outs");
  await p.has("Stop");
}));

test("a long number is imported, shown and deleted", () => as("numbers", {}, async (p, page) => {
  await p.go("/numbers", "Numbers");
  await page.getByRole("button", {name: "Import a number"}).click();
  const box = page.locator("dialog[open]");
  await box.getByRole("button", {name: "Import", exact: true}).click();
  await box.locator(".fault").filter({hasText: /./}).first().waitFor();
  await box.getByLabel("Integration").fill("carrier-a");
  await box.getByLabel("Sender ID").fill("+442079460000");
  await box.getByLabel("Country").fill("us");
  await box.getByRole("button", {name: "Import", exact: true}).click();
  await box.locator('[data-field="country"] .fault, [data-field="number"] .fault').filter({hasText: /US/}).first().waitFor();
  await box.getByLabel("Country").fill("");
  await box.getByRole("button", {name: "Import", exact: true}).click();
  await page.locator("tbody", {hasText: "+442079460000"}).waitFor();
  await page.getByRole("link", {name: "+442079460000"}).click();
  await page.getByRole("button", {name: "Delete"}).click();
  await page.locator("dialog[open]").getByRole("button", {name: "Delete"}).click();
  await page.waitForFunction(() => location.hash === "#/numbers");
  equal((await api("GET", "/v1/numbers/+442079460000"))[0], 404);
}));

test("a short code is imported with its three tabs, and only with them", () => as("ops", {}, async (p, page) => {
  await p.go("/numbers", "Numbers");
  await page.getByRole("button", {name: "Import a number"}).click();
  const box = page.locator("dialog[open]");
  await box.locator("select[name=integration]").selectOption("carrier-a");
  await box.getByLabel("Type").selectOption("short-code");
  await box.getByLabel("Sender ID").fill("44556");
  await box.getByLabel("Country").fill("US");
  await box.locator('[name="help.keywords"]').fill("HELP, INFO");
  await box.locator('[name="help.reply"]').fill("Acme: call 1.");
  await box.getByRole("button", {name: "Import", exact: true}).click();
  await box.locator('[role=tab][aria-selected=true]', {hasText: "Opt-out"}).waitFor();
  await box.locator('[name="optOut.keywords"]').fill("STOP");
  await box.locator('[name="optOut.reply"]').fill("You are out.");
  await page.keyboard.press("Escape");
  equal((await api("GET", "/v1/numbers/44556"))[0], 404);
  await page.getByRole("button", {name: "Import a number"}).click();
  await box.locator("select[name=integration]").selectOption("carrier-a");
  await box.getByLabel("Type").selectOption("short-code");
  await box.getByLabel("Sender ID").fill("44556");
  await box.getByLabel("Country").fill("US");
  for (const [kind, words] of [["Help", "HELP"], ["Opt-out", "STOP"], ["Opt-in", "START"]]) {
    await box.getByRole("tab", {name: kind, exact: true}).click();
    await box.getByLabel("Keywords").locator("visible=true").fill(words);
    await box.getByLabel("Message").locator("visible=true").fill(`Answer to ${words}.`);
  }
  await p.accessible("the import dialog");
  await box.getByRole("button", {name: "Import", exact: true}).click();
  await page.getByRole("link", {name: "44556"}).click();
  await p.has("Answer to STOP.");
  equal((await api("GET", "/v1/numbers/44556"))[1].compliance.optIn[0].keywords, ["START"]);
}));

test("texts of a number: all groups and languages, patterns, and a fault in its own group", () => as("ops", {}, async (p, page) => {
  const texts = {help: [{keywords: ["HELP"], reply: "Call 1."}], optOut: [{keywords: ["STOP", "END"], reply: "Out."}, {keywords: ["ARRÊT"], reply: "Fini."}], optIn: [{keywords: ["START"], reply: "In."}],
                 optOutPatterns: ["^no more"], optOutLoose: false};
  equal((await api("POST", "/v1/numbers", {number: "78901", integration: "carrier-a", type: "short-code", country: "US", compliance: texts}))[0], 201);
  await p.go("/numbers/78901", "78901");
  await p.has("Fini.");
  await page.getByRole("button", {name: "Change the texts"}).click();
  const box = page.locator("dialog[open]"), group = (kind, k) => box.locator(`.textgroup[data-kind=${kind}]`).nth(k);
  await box.getByRole("tab", {name: "Opt-out"}).click();
  equal(await box.locator('[name="optOut.keywords"]').evaluateAll((all) => all.map((i) => i.value)), ["STOP, END", "ARRÊT"]);
  equal([await box.locator("[name=optOutPatterns]").inputValue(), await box.locator("[name=optOutLoose]").inputValue()], ["^no more", "false"]);
  await box.getByRole("button", {name: "Add a group (another language)"}).locator("visible=true").click();
  await group("optOut", 2).getByLabel("Keywords").fill("ALTO");
  await box.getByRole("tab", {name: "Help"}).click();
  await box.getByRole("button", {name: "Save"}).click();
  await group("optOut", 2).locator(".fault", {hasText: "message to send is needed"}).waitFor(); // its tab comes to the front
  await p.accessible("a fault in a group");
  await group("optOut", 2).getByLabel("Message").fill("Se acabó.");
  await group("optOut", 1).getByLabel("Keywords").fill("HELP");
  await box.getByRole("button", {name: "Save"}).click();
  await group("optOut", 1).locator(".fault", {hasText: "HELP"}).waitFor();
  await group("optOut", 1).getByRole("button", {name: "Remove this group"}).click();
  await box.locator("[name=optOutPatterns]").fill("(");
  await box.getByRole("button", {name: "Save"}).click();
  await box.locator('[data-field="optOutPatterns"] .fault').filter({hasText: /./}).waitFor();
  await box.locator("[name=optOutPatterns]").fill("");
  await box.getByRole("button", {name: "Save"}).click();
  await p.has("Se acabó.");
  const now = (await api("GET", "/v1/numbers/78901"))[1].compliance;
  equal(now.optOut, [{keywords: ["STOP", "END"], reply: "Out."}, {keywords: ["ALTO"], reply: "Se acabó."}]);
  equal([now.help, now.optIn, now.optOutPatterns || [], now.optOutLoose], [texts.help, texts.optIn, [], false]);
}));

test("a recipient is opted out and in again, with a reason", () => as("support", {}, async (p, page) => {
  await p.go("/opt-outs", "Opt-outs");
  await page.getByRole("button", {name: "Opt a recipient out"}).click();
  const box = page.locator("dialog[open]");
  await box.getByLabel("Our number").fill(site.number);
  await box.getByLabel("Recipient").fill("+12025550188");
  await box.getByRole("button", {name: "Opt out"}).click();
  await box.locator('[data-field="reason"] .fault').filter({hasText: /./}).waitFor();
  await box.getByLabel("Reason").fill("asked by phone <b>");
  await box.getByRole("button", {name: "Opt out"}).click();
  await page.locator("tbody", {hasText: "asked by phone <b>"}).waitFor();
  await page.getByRole("button", {name: "Remove the opt-out of +12025550188"}).click();
  await box.getByLabel("Reason").fill("asked again");
  await box.getByRole("button", {name: "Remove the opt-out"}).click();
  await page.waitForFunction(() => document.querySelector("tbody")?.textContent.includes("+12025550188") === false);
  await p.go("/opt-outs/history?recipient=%2B12025550188", "Opt-outs");
  await p.has("asked again");
}));

test("deactivated and activated again; both say what will happen", () => as("ops", {}, async (p, page) => {
  await p.go("/integrations/carrier-a", "carrier-a");
  await page.getByRole("button", {name: "Deactivate"}).click();
  const box = page.locator("dialog[open]");
  await box.getByText("nothing is lost").waitFor();
  await box.getByRole("button", {name: "Deactivate"}).click();
  await page.locator("h1 .badge", {hasText: /^inactive$/}).waitFor();
  await page.reload();
  await page.locator("h1 .badge", {hasText: /^inactive$/}).waitFor();
  await page.getByRole("button", {name: "Activate", exact: true}).click();
  await box.getByRole("button", {name: "Activate", exact: true}).click();
  await page.locator("h1 .badge", {hasText: /^active$/}).waitFor();
}));

test("a test message goes out and its life is told", () => as("support", {}, async (p, page) => {
  await p.go("/messages/test", "Messages");
  await page.getByLabel("Our number").fill(site.number);
  await page.getByLabel("Recipient").fill("+12025550166");
  await page.getByRole("button", {name: "Send"}).click();
  await page.locator(".fault").filter({hasText: /./}).first().waitFor();
  await page.getByLabel("Text").fill("Is this heard?");
  await page.getByRole("button", {name: "Send"}).click();
  await page.locator("h1 .mono").waitFor();
  const id = await page.locator("h1 .mono").innerText();
  const [status, message] = await api("GET", `/v1/messages/${id}`);
  equal([status, message.recipient], [200, "+12025550166"], JSON.stringify(message));
  await p.has("Taken");
}));
