// SPDX-License-Identifier: BSD-3-Clause
// The pictures of the README, of the console as it is: run.py --images docs/images images

import {api, as, site, test} from "./lib.mjs";

if (site.images) {
  test("images: the status", () => as("admin", {width: 1280, height: 800}, async (p, page) => {
    const carrier = {smscAddress: "127.0.0.1", smscPort: site.carrierPort, allowCustomPort: true, useTls: false, activationTimeout: "2s"};
    await api("PUT", "/v1/integrations/eu-transit", {...carrier, name: "Transit, Europe", credentials: {systemId: "second", password: "secret2"}});
    await api("PUT", "/v1/integrations/backup", {...carrier, name: "Backup carrier", credentials: {systemId: "second", password: "expired"}});
    await page.locator(".card.integration .badge.bad").waitFor({timeout: 60000});
    await page.reload();
    await page.locator(".spark").first().waitFor();
    await page.locator(".facts", {hasText: "0 of 20"}).first().waitFor();
    await page.screenshot({path: `${site.images}/console-status.png`});
  }));
  test("images: a message", () => as("admin", {width: 1280, height: 800, dark: true}, async (p, page) => {
    const {items} = (await api("GET", "/v1/messages"))[1];
    await p.go(`/messages/${items.find((m) => m.tally.segments > 1).id}`, "Message");
    await page.screenshot({path: `${site.images}/console-message.png`});
  }));
}
