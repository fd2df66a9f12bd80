// SPDX-License-Identifier: BSD-3-Clause
// What a person typed and what a page shows when the session ends, the connection breaks or the page is loaded again in
// the middle of it.

import {api, as, ask, equal, line, ok, site, test} from "./lib.mjs";

const dialogOf = (page) => page.locator("dialog[open]:not(.door)");

async function openImport(p, page) {
  await p.go("/numbers", "Numbers");
  await page.getByRole("button", {name: "Import a number"}).click();
  const box = dialogOf(page);
  await box.locator("select[name=integration]").selectOption("carrier-a");
  await box.getByLabel("Type").selectOption("short-code");
  await box.getByLabel("Sender ID").fill("55667");
  await box.getByLabel("Country").fill("US");
  for (const [k, word] of ["help", "optOut", "optIn"].entries()) {
    await box.getByRole("tab").nth(k).click();
    await box.locator(`[name="${word}.keywords"]`).fill(["HELP", "STOP", "START"][k]);
    await box.locator(`[name="${word}.reply"]`).fill(`Answer ${k}`);
  }
  return box;
}

// The session is taken away on the server's side, as by its end after an idle hour.
async function endSession(p) {
  await p.page.evaluate(() => fetch("/v1/session", {method: "DELETE", headers: {"X-Byobox-Console": "1"}}));
}

// Its end is found out by what the person does next: what the page asks by itself, when its stream ends, waits for release().
async function endSessionUnseen(p) {
  let release, seen;
  const late = new Promise((then) => { release = then; }), question = new Promise((then) => { seen = then; });
  await p.page.route("**/v1/session", async (route) => {
    if (route.request().headers()["x-byobox-console"] !== "watch") { await route.fallback(); return; }
    const answer = await route.fetch();
    seen(answer.status());
    await late;
    await route.fulfill({response: answer});
  });
  await endSession(p);
  equal(await question, 401);
  return release;
}

test("a session that ends in the middle of an edit: nothing typed is lost", () => as("ops", {}, async (p, page) => {
  const box = await openImport(p, page);
  const release = await endSessionUnseen(p);
  await box.getByRole("button", {name: "Import", exact: true}).click();
  const door = page.locator("dialog.door");
  await door.getByText("what you typed is kept").waitFor();
  ok(!(await page.locator("#app").isVisible()) && !(await box.isVisible()), "what was on the page can be seen without a session");
  await p.accessible("a login over a dialog");
  for (let i = 0; i < 3; i++) await page.keyboard.press("Escape");
  ok(await door.isVisible(), "the login can be waved away");
  await door.getByLabel("Name").fill("ops");
  await door.getByLabel("Password").fill("wrong");
  await door.getByRole("button", {name: "Log in"}).click();
  await door.getByText("do not belong together").waitFor();
  await p.loginAgain("ops");
  const answered = page.waitForResponse((r) => r.status() === 401);
  release();
  await (await answered).finished();
  await page.locator(".live.live").waitFor();
  ok(!(await door.isVisible()), "an answer from before the login ended the new session");
  equal(await box.locator('[name="optIn.reply"]').inputValue(), "Answer 2");
  equal(await box.getByLabel("Sender ID").inputValue(), "55667");
  equal((await api("GET", "/v1/numbers/55667"))[0], 404);
  await box.getByRole("button", {name: "Import", exact: true}).click();
  await page.getByRole("link", {name: "55667"}).waitFor();
  await page.locator(".live.live").waitFor();
}));

test("a session that ends in the middle of an integration's form: saved after a login", () => as("ops", {}, async (p, page) => {
  await p.go("/integrations/from-folder/edit", "Edit from-folder");
  await page.locator("[name=notes]").fill("typed before the session ended");
  await page.getByRole("button", {name: "Check and show the difference"}).click();
  await page.locator(".difference").waitFor();
  await ask("restart"); // sessions are gone with it
  await page.locator("dialog.door").waitFor();
  await p.loginAgain("ops");
  await page.getByRole("button", {name: "Save"}).click();
  await page.waitForFunction(() => location.hash === "#/integrations/from-folder");
  equal((await api("GET", "/v1/integrations/from-folder"))[1].properties.notes, "typed before the session ended");
}));

test("what was typed is not for the next person", () => as("ops", {}, async (p, page) => {
  await p.go("/opt-outs", "Opt-outs");
  await page.getByRole("button", {name: "Opt a recipient out"}).click();
  await dialogOf(page).getByLabel("Reason").fill("a secret of ops");
  await endSession(p); // the page finds out by itself
  const door = page.locator("dialog.door");
  await door.waitFor();
  await door.getByLabel("Name").fill("numbers");
  await door.getByLabel("Password").fill(site.password);
  await door.getByRole("button", {name: "Log in"}).click();
  await page.locator("h1", {hasText: "Not for you"}).waitFor();
  equal(await page.locator("dialog").count(), 0);
  equal(await p.nav(), ["Numbers"]);
  ok(!(await page.content()).includes("a secret of ops"), "it is still in the page");
}));

test("without anything typed an ended session leads to the login alone", () => as("ops", {}, async (p, page) => {
  await p.go("/numbers", "Numbers");
  await page.locator("input[name=number]").fill("+1"); // a filter is an address, no work
  await p.context.clearCookies();
  await page.evaluate(() => { location.hash = "#/numbers?type=local"; });
  await p.has("Your session is over");
  equal(await page.locator("dialog").count(), 0);
  await p.login("ops");
  equal(await page.locator("select[name=type]").inputValue(), "local");
}));

test("the connection is lost and comes back: the page says so, nothing typed is lost, lists are read anew", async () => {
  const wire = await line();
  try {
    await as("ops", {url: wire.url}, async (p, page) => {
      await page.locator(".live.live").waitFor();
      wire.cut();
      await page.locator(".lost", {hasText: "does not answer since"}).waitFor();
      await p.accessible("a lost connection");
      await p.go("/opt-outs");
      await page.locator(".results .notice.bad").waitFor();
      await page.getByRole("button", {name: "Opt a recipient out"}).click();
      const box = dialogOf(page);
      await box.getByLabel("Our number").fill(site.number);
      await box.getByLabel("Recipient").fill("+12025550143");
      await box.getByLabel("Reason").fill("while the line was cut");
      await box.getByRole("button", {name: "Opt out"}).click();
      await box.locator(".faults .notice", {hasText: "does not answer"}).waitFor();
      equal(await box.getByLabel("Reason").inputValue(), "while the line was cut");
      wire.mend();
      await page.locator(".live.live").waitFor({timeout: 30000});
      await page.waitForFunction(() => document.querySelector(".lost").childNodes.length === 0);
      await page.locator(".results tbody", {hasText: "+12025550151"}).waitFor(); // read anew by itself
      await box.getByRole("button", {name: "Opt out"}).click();
      await page.locator(".results tbody", {hasText: "while the line was cut"}).waitFor();
    });
  } finally {
    wire.close();
  }
});

// -- a reload in the middle of everything ------------------------------------------------------------------

// Each dialog and form: how to come to it, what is typed.
const OPEN = [
  ["/numbers", "Import a number", "[name=number]"], ["/numbers", "Import a CSV", "[name=text]"], [`/numbers/${site.short}`, "Change the texts", '[name="help.reply"]'],
  [`/numbers/${site.short}`, "Delete", null], ["/opt-outs", "Opt a recipient out", "[name=reason]"], ["/opt-outs", "Import a CSV", "[name=text]"],
  ["/opt-outs", "Remove the opt-out of +12025550151", "[name=reason]"], ["/integrations/from-folder", "Deactivate", null], ["/integrations/from-folder", "Delete", "[name=id]"],
  ["/events", "What the events mean", null], ["/events", "BYO-0101 integration-state", null], ["/integrations/+", null, "[name=id]"], ["/integrations/from-folder/edit", null, "[name=notes]"],
  ["/messages/test", null, "[name=text]"], ["/messages/encode", null, "[name=text]"], ["/integrations/from-folder/advanced", null, "form [name=text] >> nth=1"]];

test("a reload with each dialog and form open: asked when something is typed, nothing taken, the page comes back", () => as("ops", {}, async (p, page) => {
  const before = JSON.stringify([(await api("GET", "/v1/numbers"))[1].items, (await api("GET", "/v1/opt-outs"))[1].items, (await api("GET", "/v1/integrations/from-folder"))[1].properties]);
  for (const [path, button, into] of OPEN) {
    await p.go(path);
    if (button) await page.getByRole("button", {name: button, exact: true}).first().click();
    const place = button ? dialogOf(page) : page.locator("main#page");
    await place.waitFor();
    if (into) await place.locator(into).first().pressSequentially("x");
    const asked = p.asked;
    await page.reload();
    await p.settled();
    equal(p.asked - asked, into ? 1 : 0, `${path}, ${button}: asked`);
    equal(await page.locator("dialog").count(), 0, path);
    equal(await page.evaluate(() => location.hash), `#${path}`);
  }
  equal(JSON.stringify([(await api("GET", "/v1/numbers"))[1].items, (await api("GET", "/v1/opt-outs"))[1].items, (await api("GET", "/v1/integrations/from-folder"))[1].properties]), before);
}));

const exists = async (path) => (await api("GET", path))[0] === 200;

// Each action: what begins it, the request it makes, whether it was done, what the page shows when it was.
const ACTIONS = [
  {name: "import", at: "/numbers", path: "**/v1/numbers", begin: async (page) => {
    await page.getByRole("button", {name: "Import a number"}).click();
    const box = dialogOf(page);
    await box.locator("select[name=integration]").selectOption("carrier-a");
    await box.getByLabel("Sender ID").fill("+12025550161");
    await box.getByRole("button", {name: "Import", exact: true}).click();
  }, done: () => exists("/v1/numbers/+12025550161"), shows: ["tbody", "+12025550161"]},
  {name: "delete a number", at: "/numbers/%2B12025550161", path: "**/v1/numbers/*", begin: async (page) => {
    await page.getByRole("button", {name: "Delete"}).click();
    await dialogOf(page).getByRole("button", {name: "Delete"}).click();
  }, done: async () => !await exists("/v1/numbers/+12025550161"), shows: ["main", "not in the inventory"]},
  {name: "opt out", at: "/opt-outs", path: "**/v1/opt-outs", begin: async (page) => {
    await page.getByRole("button", {name: "Opt a recipient out"}).click();
    const box = dialogOf(page);
    await box.getByLabel("Our number").fill(site.number);
    await box.getByLabel("Recipient").fill("+12025550162");
    await box.getByLabel("Reason").fill("in the middle");
    await box.getByRole("button", {name: "Opt out"}).click();
  }, done: async () => (await api("GET", "/v1/opt-outs?recipient=%2B12025550162"))[1].items.length === 1, shows: ["tbody", "+12025550162"]},
  {name: "save an integration", at: "/integrations/from-folder/edit", path: "**/v1/integrations/from-folder", begin: async (page) => {
    await page.locator("[name=notes]").fill("reloaded in the middle");
    await page.getByRole("button", {name: "Check and show the difference"}).click();
    await page.getByRole("button", {name: "Save"}).click();
  }, done: async () => (await api("GET", "/v1/integrations/from-folder"))[1].properties.notes === "reloaded in the middle",
   shows: ["main", ""], then: async (page) => equal(await page.locator("[name=notes]").inputValue(), "reloaded in the middle")},
  {name: "deactivate", at: "/integrations/from-folder", path: "**/deactivate", begin: async (page) => {
    await page.getByRole("button", {name: "Deactivate"}).click();
    await dialogOf(page).getByRole("button", {name: "Deactivate"}).click();
  }, done: async () => (await api("GET", "/v1/integrations/from-folder"))[1].wanted === false, shows: ["h1 .badge", "inactive"]},
  {name: "activate", at: "/integrations/from-folder", path: "**/activate", begin: async (page) => {
    await page.getByRole("button", {name: "Activate", exact: true}).click();
    await dialogOf(page).getByRole("button", {name: "Activate", exact: true}).click();
  }, done: async () => (await api("GET", "/v1/integrations/from-folder"))[1].wanted === true, shows: ["h1 .badge", "active"]},
];

test("a reload while an action runs: it was done or it was not, and the page shows which", () => as("ops", {}, async (p, page) => {
  for (const a of ACTIONS)
    for (const arrives of [false, true]) {
      await p.go(a.at);
      let came;
      const request = new Promise((then) => { came = then; });
      const hold = async (route) => {
        if (route.request().method() === "GET" || route.request().url().includes("check=true")) { await route.fallback(); return; }
        if (arrives) await route.fetch(); // done, and the answer never comes
        came();
        await route.abort().catch(() => {});
      };
      await page.route(a.path, hold);
      const begun = a.begin(page);
      await request;
      await page.reload();
      await begun;
      await page.unroute(a.path, hold);
      await p.settled();
      equal(await a.done(), arrives, `${a.name}, the request ${arrives ? "arrives" : "is lost"}`);
      if (!arrives) continue;
      await page.locator(a.shows[0], {hasText: a.shows[1]}).first().waitFor();
      if (a.then) await a.then(page);
    }
}));
