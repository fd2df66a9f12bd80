// SPDX-License-Identifier: BSD-3-Clause
// Installing an integration as the article's administrator does, with everything that may be wrong on the way.

import {api, as, ask, equal, ok, site, test, until} from "./lib.mjs";

const field = (page, name) => page.locator(`[name="${name}"]`);
const fault = (page, name) => page.locator(`[data-field="${name}"] .fault`).filter({hasText: /./});

async function openAll(page) {
  await page.evaluate(() => document.querySelectorAll("details.group").forEach((d) => { d.open = true; }));
}

async function check(page) {
  await page.getByRole("button", {name: "Check and show the difference"}).click();
}

async function fillGood(page) {
  await field(page, "smscAddress").fill("127.0.0.1");
  await field(page, "smscPort").fill(String(site.carrierPort));
  await field(page, "allowCustomPort").selectOption("true");
  await field(page, "useTls").selectOption("false");
  await field(page, "credentials.systemId").fill("second");
}

// Each of these is told at its own field, all at once.
const BAD = {smscAddress: "no host", smscPort: "4711", messagesPerSecond: "500", binds: "11", homeCountry: "XX", retryDelay: "soon", receiptTimeout: "1000d",
             retryTries: "0", queueLimit: "-1", activationTimeout: "x", systemType: "longer than twelve", enquireLinkInterval: "0", ourHost: "no host",
             "credentials.systemId": "longer-than-15-octets", receivesFor: "nobody!"};

const nameOf = (q) => (q.credential ? `credentials.${q.name}` : q.name);

async function refused(page, values) {
  for (const [name, value] of Object.entries(values)) await field(page, name).fill(value);
  await page.evaluate(() => document.querySelectorAll("[aria-invalid]").forEach((i) => i.removeAttribute("aria-invalid")));
  await check(page);
  await page.locator("[aria-invalid]").first().waitFor();
  const silent = [];
  for (const name of Object.keys(values)) if (!(await fault(page, name).count())) silent.push(`${name} = ${values[name].slice(0, 20)}`);
  equal(silent, [], "without a fault");
}

test("properties: every fault of the API stands at its field", () => as("ops", {}, async (p, page) => {
  await p.go("/integrations", "Integrations");
  await page.getByRole("link", {name: "Add an integration"}).click();
  await page.locator("h1", {hasText: "Add an integration"}).waitFor();
  await check(page);
  for (const name of ["id", "smscAddress", "credentials.systemId", "credentials.password"]) await fault(page, name).waitFor();
  await field(page, "id").fill("carrier x");
  await fillGood(page);
  await field(page, "credentials.password").fill("a");
  await check(page);
  await fault(page, "id").waitFor();
  await field(page, "id").fill("carrier-x");
  await openAll(page);
  await field(page, "allowCustomPort").selectOption("false");
  await refused(page, BAD);
  // Each property the API has takes what is wrong for its type, and each is told at its own field.
  const all = (await api("GET", "/v1/properties"))[1].items.filter((q) => q.name && q.type !== "file");
  const lacking = [];
  for (const q of all) if (!(await field(page, nameOf(q)).count())) lacking.push(q.name);
  equal(lacking, [], "properties without a field");
  const free = await page.locator("form.integration :is(input, textarea)").evaluateAll((inputs) => inputs.map((i) => i.name));
  const typed = all.filter((q) => free.includes(nameOf(q)));
  ok(typed.length >= 25, `only ${typed.length} properties are typed`);
  const number = (q) => q.type === "integer" && q.max !== undefined;
  const most = (q) => (number(q) ? String(q.max + 1) : typeof q.max === "number" ? "W".repeat(q.max + 1) : "W".repeat(300));
  await refused(page, Object.fromEntries(typed.filter((q) => q.name !== "notes").map((q) => [nameOf(q), most(q)])));
  // What no file can hold is told with what is wrong in one.
  await refused(page, {...Object.fromEntries(typed.filter((q) => !q.secret).map((q) => [nameOf(q), number(q) ? String(q.min - 1) : "a\u0007b"])),
                       notes: "W".repeat(5000)});
  await p.accessible("a form with faults");
  await field(page, "advanced").fill("{");
  await check(page);
  await fault(page, "advanced").waitFor();
  equal((await api("GET", "/v1/integrations/carrier-x"))[0], 404);
}));

test("install, activate with a refusing carrier, mend, edit, delete", () => as("ops", {}, async (p, page) => {
  await ask("accounts", {byo: "secret", second: "secret2"});
  await p.go("/integrations/+", "Add an integration");
  await field(page, "id").fill("second");
  await field(page, "name").fill("Second carrier");
  await fillGood(page);
  await field(page, "binds").fill("1");
  await field(page, "credentials.password").fill("wrong");
  await openAll(page);
  await field(page, "activationTimeout").fill("2s");
  await field(page, "advanced").fill(JSON.stringify({protocolSpecificCodeMapping: {88: {genericErrorCode: 3, genericErrorCause: "RECIPIENT_FLOODED", description: "<i>ours</i>"}}}));
  await check(page);
  await page.locator(".difference", {hasText: "+smsc-address"}).waitFor();
  ok(!(await page.locator(".difference").innerText()).includes("wrong"), "the password in the difference");
  await page.getByRole("button", {name: "Save"}).click();
  await page.locator("h1", {hasText: "second"}).waitFor();
  await page.locator("h1 .badge", {hasText: /^error$/}).waitFor({timeout: 60000});
  await p.has("The carrier refused the bind.");
  await p.accessible("an integration in error");
  // Once more, the carrier still refusing.
  await page.getByRole("button", {name: "Activate", exact: true}).click();
  await page.locator("dialog[open]").getByRole("button", {name: "Activate", exact: true}).click();
  await page.locator("#toasts", {hasText: "Activation has begun."}).waitFor();
  await page.waitForFunction(() => !document.querySelector("dialog[open]"));
  const tries = async () => (await api("GET", "/v1/events?entity=second&definition=bind-refused"))[1].items.reduce((n, e) => n + e.count, 0);
  await until(async () => await tries() >= 2, "an event of the second refusal");
  await page.locator("h1 .badge", {hasText: /^error$/}).waitFor({timeout: 60000});
  await p.go("/status", "Status");
  await page.locator(".problems", {hasText: "second"}).waitFor();

  await p.go("/integrations/second/credentials", "second");
  await page.getByRole("link", {name: "Change them"}).click();
  await field(page, "credentials.password").fill("secret2");
  await check(page);
  await page.getByRole("button", {name: "Save"}).click();
  await page.waitForFunction(() => location.hash === "#/integrations/second");
  await page.reload();
  await page.getByRole("button", {name: "Activate", exact: true}).click();
  await page.locator("dialog[open]").getByRole("button", {name: "Activate", exact: true}).click();
  await page.locator("h1 .badge", {hasText: /^active$/}).waitFor({timeout: 60000});

  await p.go("/integrations/second/advanced", "second");
  const own = page.locator("tr", {hasText: "RECIPIENT_FLOODED"});
  equal(await own.locator(".badge").innerText(), "own");
  await p.has("<i>ours</i>");

  // Somebody else changes it while it is edited.
  await p.go("/integrations/second/edit", "Edit second");
  const {properties} = (await api("GET", "/v1/integrations/second"))[1];
  equal((await api("PUT", "/v1/integrations/second", {...properties, notes: "meanwhile"}))[0], 200);
  await field(page, "messagesPerSecond").fill("50");
  await check(page);
  await page.locator(".notice.bad").waitFor();
  await page.reload();
  await p.settled();
  equal(await field(page, "notes").inputValue(), "meanwhile");
  await field(page, "messagesPerSecond").fill("50");
  await check(page);
  await page.locator(".difference", {hasText: "+messages-per-second"}).waitFor();
  await page.getByRole("button", {name: "Save"}).click();
  await page.waitForFunction(() => location.hash === "#/integrations/second");
  equal((await api("GET", "/v1/integrations/second"))[1].properties.messagesPerSecond, 50);

  await page.getByRole("button", {name: "Delete"}).click();
  const box = page.locator("dialog[open]");
  await box.getByText("This will happen:").waitFor();
  await box.getByLabel("To be sure").fill("carrier-a");
  await box.getByRole("button", {name: "Delete"}).click();
  await box.locator(".fault", {hasText: "not its id"}).waitFor();
  await box.getByLabel("To be sure").fill("second");
  await box.getByRole("button", {name: "Delete"}).click();
  await page.waitForFunction(() => !document.querySelector("dialog[open]"));
  await p.go("/events?entity=second", "Operational console");
  await page.locator("tbody", {hasText: "integration-deleted"}).waitFor();
}));

// Whoever has one permission alone has a form that is of use.
test("one who may add and nothing else adds", () => as("adder", {}, async (p, page) => {
  equal(await p.nav(), ["Integrations"]);
  await page.locator("h1", {hasText: "Add an integration"}).waitFor();
  await field(page, "id").fill("third");
  await fillGood(page);
  await field(page, "binds").fill("0");
  await field(page, "credentials.password").fill("secret2");
  await check(page);
  await fault(page, "binds").waitFor();
  await field(page, "binds").fill("1");
  await check(page);
  await p.has("It is in order.");
  await page.getByRole("button", {name: "Save"}).click();
  await page.locator("#toasts", {hasText: "Added."}).waitFor();
  await page.waitForFunction(() => document.querySelector("form.integration [name=id]")?.value === ""); // the next one's
  await p.settled();
  const [status, third] = await api("GET", "/v1/integrations/third");
  equal([status, third.properties.binds, third.properties.credentials.systemId], [200, 1, "second"]);
  equal((await api("DELETE", "/v1/integrations/third"))[0], 202);
}));

test("one who may edit and nothing else edits what there is", () => as("editor", {}, async (p, page) => {
  const before = (await api("GET", "/v1/integrations/from-folder"))[1].properties;
  equal(await p.nav(), ["Integrations"]);
  await page.getByRole("link", {name: "from-folder"}).click();
  await page.locator("h1", {hasText: "Edit from-folder"}).waitFor();
  equal(await field(page, "name").inputValue(), "Of the folder");
  await field(page, "notes").fill("edited by one who may not look on");
  await check(page);
  await p.has("It is in order.");
  await page.getByRole("button", {name: "Save"}).click();
  await page.waitForFunction(() => location.hash === "#/integrations");
  await p.settled();
  equal((await api("GET", "/v1/integrations/from-folder"))[1].properties, {...before, notes: "edited by one who may not look on"});
  await p.go("/integrations/carrier-a/edit", "carrier-a");
  await p.has("not in integrations-dir");
}));

test("one that stands in another file is not edited, and it says where", () => as("ops", {}, async (p, page) => {
  await p.go("/integrations/carrier-a/edit", "carrier-a");
  await p.has("byobox.conf");
  equal(await page.locator("form").count(), 0);
}));
