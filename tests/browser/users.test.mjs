// SPDX-License-Identifier: BSD-3-Clause
// One table of every page of the console: what it is, which permissions it needs, what it shows, what may be done on it.
// Each kind of person is led to each of them, by an address typed by hand; a page or a button that is not in the table
// fails the test.

import {api, as, equal, ok, site, test} from "./lib.mjs";

// needs: of a list among them one. do: the name of a button or link, and the permissions without which it is not there.
const PAGES = [
  {page: "/status", heading: "Status", needs: ["status"], shows: "carrier-a", do: {}},
  {page: "/integrations", heading: "Integrations", needs: [["status", "edit"]], shows: "carrier-a", do: {"Add an integration": ["add"]}},
  {page: "/integrations/+", heading: "Add an integration", needs: ["add"], shows: "SMSC Address",
   do: {"Check and show the difference": [], Cancel: [["status", "edit"]]}},
  {page: "/integrations/:/edit", go: "/integrations/from-folder/edit", heading: "Edit from-folder", needs: ["edit"], shows: "SMSC Address",
   do: {"Check and show the difference": [], Cancel: []}},
  ...[["", ["status"], "Online", {}], ["/properties", ["status"], "SMSC Address", {}], ["/advanced", ["view"], "THROTTLED", {Encode: [], Check: []}],
      ["/credentials", ["status"], "System ID", {"Change them": ["edit"]}], ["/statistics", ["view"], "Messages taken", {}],
      ["/events", ["status", "events"], "integration-state", {"BYO-0101 integration-state": []}]].map(([tab, needs, shows, more]) => (
    {page: `/integrations/:${tab}`, go: `/integrations/from-folder${tab}`, heading: "from-folder", needs, shows,
     do: {Edit: ["edit"], Deactivate: ["deactivate"], Delete: ["delete"], ...more}})),
  {page: "/numbers", heading: "Numbers", needs: ["numbers"], shows: site.number, do: {"Import a number": [], "Import a CSV": []}},
  {page: "/numbers/:", go: `/numbers/${site.short}`, heading: site.short, needs: ["numbers"], shows: "STOP",
   do: {"Change the texts": [], "Its opt-outs": ["opt-outs"], "Its messages": ["view"], Delete: []}},
  {page: "/messages", heading: "Messages", needs: ["view"], shows: "failed", do: {"Save as CSV": []}},
  {page: "/messages/inbound", heading: "Messages", needs: ["view"], shows: "+12025550150", do: {"Save as CSV": []}},
  {page: "/messages/encode", heading: "Messages", needs: ["view"], shows: "Encode a text", do: {Encode: []}},
  {page: "/messages/test", heading: "Messages", needs: ["send-test"], shows: "Send a test message", do: {Send: []}},
  {page: "/messages/:", go: "/messages/ID", heading: "Message", needs: ["view"], shows: "What happened", do: {"Opt-outs of this person": ["opt-outs"]}},
  {page: "/opt-outs", heading: "Opt-outs", needs: ["opt-outs"], shows: "+12025550151", do: {"Opt a recipient out": [], "Import a CSV": [], "Save as CSV": [], "Remove the opt-out of +12025550151": []}},
  {page: "/opt-outs/history", heading: "Opt-outs", needs: ["opt-outs"], shows: "STOP", do: {"Save as CSV": []}},
  {page: "/events", heading: "Operational console", needs: ["events"], shows: "BYO-0101", do: {"Save as CSV": [], "What the events mean": [], "BYO-0101 integration-state": []}},
  {page: "/audit", heading: "Audit", needs: ["audit"], shows: "integration", do: {}},
];

const NAV = [["Status", "/status"], ["Integrations", "/integrations"], ["Numbers", "/numbers"], ["Messages", "/messages"], ["Opt-outs", "/opt-outs"],
             ["Events", "/events"], ["Audit", "/audit"]];
const ALL = ["view", "status", "activate", "deactivate", "delete", "numbers", "opt-outs", "events", "add", "edit", "send-test"];
const USERS = {
  admin: [...ALL, "audit"], ops: ALL, reader: ["view", "status", "events"], numbers: ["numbers"], tester: ["send-test"], status: ["status"],
  support: ["view", "status", "opt-outs", "numbers", "send-test"], adder: ["add"], editor: ["edit"], nobody: ["deactivate"]};
const WIDTHS = {numbers: 360, tester: 360, editor: 360, reader: 768, support: 768};

const may = (user, needs) => needs.every((n) => (Array.isArray(n) ? n.some((one) => USERS[user].includes(one)) : USERS[user].includes(n)));
const addressOf = (entry, id) => (entry.go || entry.page).replace("ID", id);

// What can be pressed on the page: no tabs, no filters, of a table only what is not the like of another row.
const CONTROLS = () => [...document.querySelectorAll("main#page button, main#page a.button")]
  .filter((e) => !e.closest("form.filters, nav") && !e.hidden && e.offsetParent !== null)
  .map((e) => e.getAttribute("aria-label") || e.textContent.replace(/\s+/g, " ").trim());

// A message, to have an address of one.
async function aMessage() {
  const [, {items}] = await api("GET", "/v1/messages");
  return items[0].id;
}

test("every page of the console stands in the table", () => as("admin", {}, async (p, page) => {
  const pages = await page.evaluate(async () => (await import("/assets/app.js")).SCREENS.flatMap((s) => s.pages.map((e) => s.path + (e.at ? `/${e.at}` : ""))));
  equal([...pages].sort(), PAGES.map((e) => e.page).sort());
}), true);

// Of a table's rows what stands there only sometimes, too.
const SOMETIMES = /^BYO-\d+ |^Remove the opt-out of |^Activate$|^Next page$|^First page$/;

async function allowedPage(p, page, user, entry) {
  await p.has(entry.shows);
  equal(await page.locator("main .notice.bad").allInnerTexts(), [], `faults on ${entry.page}`);
  const shown = new Set(await page.evaluate(CONTROLS));
  const wanted = Object.entries(entry.do).filter(([, needs]) => may(user, needs)).map(([name]) => name);
  equal(wanted.filter((name) => !shown.has(name)), [], `${user} lacks on ${entry.page}`);
  equal([...shown].filter((name) => !wanted.includes(name) && !SOMETIMES.test(name)), [], `${user} has on ${entry.page}, and it is not in the table`);
}

for (const user of Object.keys(USERS))
  test(`what ${user} sees, is offered and is refused`, () => as(user, {width: WIDTHS[user]}, async (p, page) => {
    const id = await aMessage();
    equal(await p.nav(), NAV.filter(([, path]) => PAGES.some((e) => e.page.startsWith(path) && !e.page.includes(":") && may(user, e.needs))).map(([title]) => title), "screens");
    const asked = [];
    page.on("request", (r) => { if (!/\/assets\/|\/v1\/(stream|session|status|statistics)$/.test(new URL(r.url()).pathname)) asked.push(r.url()); });
    for (const entry of PAGES) {
      await p.go(may(user, ["status"]) ? "/status" : "/nowhere");
      asked.length = 0;
      await p.go(addressOf(entry, id));
      if (may(user, entry.needs)) {
        await page.locator("main#page h1", {hasText: entry.heading}).first().waitFor();
        await allowedPage(p, page, user, entry);
      } else {
        await page.locator("main#page h1", {hasText: USERS[user].length === 1 && user === "nobody" ? "Nothing here is for you" : "Not for you"}).waitFor();
        if (user !== "nobody") for (const n of entry.needs.filter((x) => !may(user, [x]))) ok((await p.text()).includes([n].flat().join(" or ")), `${entry.page} does not name ${n}`);
        equal(asked, [], `asked for ${entry.page}`);
      }
      // No link leads to a page that is not for this person.
      const links = await page.locator("main#page a[href^='#/']").evaluateAll((all) => all.map((a) => a.getAttribute("href").slice(1).split("?")[0]));
      for (const link of new Set(links)) {
        const to = PAGES.find((e) => e.page === link) || PAGES.find((e) => new RegExp(`^${e.page.replace("+", "\\+").replace(/:/g, "[^/]+")}$`).test(link));
        ok(to, `${entry.page} has a link to ${link}`);
        ok(may(user, to.needs), `${entry.page} leads ${user} to ${link}`);
      }
    }
  }), true);

// axe at each width in both schemes; where a scheme repeats a width only colours differ.
const LOOKS = [[360, "light", null], [360, "dark", ["color-contrast"]], [768, "dark", null], [768, "light", ["color-contrast"]], [1280, "light", null], [1280, "dark", ["color-contrast"]]];

for (const half of [0, 1])
  test(`every page at 360, 768 and 1280 px, light and dark (${half + 1} of 2)`, () => as("admin", {}, async (p, page) => {
    const id = await aMessage();
    for (const [k, entry] of PAGES.entries()) {
      if (k % 2 !== half) continue;
      await p.go(addressOf(entry, id), entry.heading);
      await p.has(entry.shows);
      for (const [width, scheme, rules] of LOOKS) {
        await page.setViewportSize({width, height: 900});
        await page.emulateMedia({colorScheme: scheme});
        await p.accessible(`${entry.page}, ${width} px, ${scheme}`, rules);
      }
    }
  }), true);
