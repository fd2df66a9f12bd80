// SPDX-License-Identifier: BSD-3-Clause
// Several byoboxes on one database. The site has one: what the others are is put into its answers on their way.

import {as, equal, ok, test} from "./lib.mjs";

const all = [{node: "n1", self: true, up: true}, {node: "n2", self: false, up: true}, {node: "n3", self: false, up: false}];

async function several(page) {
  const here = (i) => i.nodes[0];
  const spread = (i) => Object.assign(i, {nodes: all.map((n, k) => ({...here(i), ...n, policy: k === 1 ? "00000000deadbeef" : here(i).policy})),
    binds: {...i.binds, onlineAllNodes: 2 * i.binds.online, wantedAllNodes: 2 * i.binds.wanted}});
  await page.route("**/v1/stream", (route) => route.fulfill({status: 503, body: ""}));
  await page.route("**/v1/status", async (route) => {
    const answer = await route.fetch(), st = await answer.json();
    st.nodes = all.map((n, k) => ({...n, host: `host${k + 1}`, quietSeconds: n.up ? 0 : 75}));
    st.integrations.forEach(spread);
    await route.fulfill({response: answer, json: st});
  });
  await page.route("**/v1/integrations/carrier-a", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({response: answer, json: spread(await answer.json())});
  });
}

const rows = (page, name) => page.locator(`section:has(> h2:text-is("${name}")) tbody tr`);

test("several nodes: who is there, and what an integration is at each", () => as("ops", {width: 1280, height: 1000}, async (p, page) => {
  await several(page);
  await p.go("/events", "Operational console"); // the status that came by the stream is forgotten with the page
  await page.reload();
  await p.go("/status", "Status");
  await rows(page, "Nodes").first().waitFor();
  const there = await rows(page, "Nodes").allInnerTexts();
  equal(there.length, 3);
  ok(there[0].includes("n1") && there[0].includes("this one") && there[2].includes("missing"), there.join("\n"));
  ok((await page.locator(".card.integration").first().innerText()).includes("at all nodes"), "the binds of all");
  await p.accessible("nodes in the status");
  await p.go("/integrations/carrier-a", "carrier-a");
  await rows(page, "At each node").first().waitFor();
  const at = await rows(page, "At each node").allInnerTexts();
  equal(at.length, 3);
  ok(!at[0].includes("differs") && at[1].includes("differs") && at[2].includes("missing") && at[2].includes("last active"), at.join("\n"));
  await p.accessible("an integration at each node");
}));

test("one node: nothing of them is shown", () => as("ops", {}, async (p, page) => {
  await p.go("/status", "Status");
  equal(await rows(page, "Nodes").count(), 0);
  await p.go("/integrations/carrier-a", "carrier-a");
  equal(await rows(page, "At each node").count(), 0);
}));
