// SPDX-License-Identifier: BSD-3-Clause
// Numbers: the inventory; one with its compliance texts; delete. Importing: number_import.js.

import {api, get, idPath} from "./api.js";
import {badge, h, none, orNone, replace, said, time} from "./dom.js";
import {csvDialog, importDialog, placeTextFault, textFields, textsOf} from "./number_import.js";
import {confirm, dialog, list, makeForm, notice, pairs, toast} from "./parts.js";

const TYPES = [["", "any"], ["local", "local"], ["mobile", "mobile"], ["toll-free", "toll-free"], ["short-code", "short code"]];
const KINDS = [["help", "Help"], ["optOut", "Opt-out"], ["optIn", "Opt-in"]];
const COUNTRIES = typeof Intl.DisplayNames === "function" ? new Intl.DisplayNames(["en"], {type: "region"}) : null;

export function country(code) {
  if (!code) return none();
  let name = "";
  try { name = COUNTRIES ? COUNTRIES.of(code) : ""; } catch { /* none of ISO 3166 */ }
  return [said(code), name && name !== code ? h("span", {class: "sub"}, ` ${name}`) : null];
}

const at = (n) => `#/numbers/${encodeURIComponent(n)}`;

const integrationOf = (n, ctx) => [ctx.can("status") ? h("a", {href: `#/integrations/${encodeURIComponent(n.integration)}`}, said(n.integration)) : said(n.integration),
                                   " ", n.state ? badge(n.state) : null];

const columns = (ctx) => [
  {title: "Number", cell: (n) => h("a", {href: at(n.number), class: "mono"}, said(n.number))},
  {title: "Type", cell: (n) => n.type.replace("-", " ")}, {title: "Country", cell: (n) => country(n.country)},
  {title: "Integration", cell: (n) => integrationOf(n, ctx)},
  {title: "Texts", cell: (n) => (n.compliance ? "own" : h("span", {class: "sub"}, "standard set"))},
  {title: "Imported", cell: (n) => time(n.created)},
];

async function listPage(ctx) {
  const ids = (ctx.can("status") ? (await get("/v1/integrations", {}, ctx.signal)).items : []).map((i) => i.id);
  const integration = ids.length ? {name: "integration", label: "Integration", type: "select", options: [["", "any"], ...ids]} : {name: "integration", label: "Integration"};
  const filters = [{name: "number", label: "Number", placeholder: "+12025550100"}, integration, {name: "type", label: "Type", type: "select", options: TYPES}];
  const section = await list({ctx, path: "/numbers", from: "/v1/numbers", filters, columns: columns(ctx), caption: "Numbers", empty: "No number fits."});
  const again = () => section.reload();
  return [h("div", {class: "head"}, h("h1", null, "Numbers"), h("div", {class: "buttons"},
            h("button", {type: "button", class: "primary", onclick: () => importDialog(ids, again)}, "Import a number"),
            h("button", {type: "button", onclick: () => csvDialog(again)}, "Import a CSV"))), section];
}

function groupsOf(n, kind) {
  const groups = n.compliance && n.compliance[kind];
  if (!groups || !groups.length) return h("p", {class: "sub"}, "The standard set.");
  return groups.map((g) => h("div", {class: "texts"}, h("p", null, g.keywords.map((k) => [h("span", {class: "keyword"}, said(k)), " "])),
                                                     h("p", {class: "said reply"}, said(g.reply))));
}

function askTexts(n, then) {
  dialog(`Texts of ${n.number}`, (close) => {
    const form = makeForm({fields: [textFields(n.compliance)], button: "Save", cancel: close, submit: async () => {
      try { await api("PATCH", idPath("/v1/numbers", n.number), {body: {compliance: textsOf(form)}}); } catch (e) { throw placeTextFault(form, e); }
      toast("The texts were changed.");
      close();
      then();
    }});
    const standard = n.type === "short-code" ? null : h("button", {type: "button", onclick: async () => {
      try { await api("PATCH", idPath("/v1/numbers", n.number), {body: {compliance: null}}); toast("It has the standard set now."); close(); then(); } catch (e) { toast(e.message); }
    }}, "Back to the standard set");
    return [h("p", {class: "prose"}, n.type === "short-code" ? "A short code needs all three." : "A kind that is left empty keeps the standard set."), form, standard];
  }, {wide: true});
}

function askDelete(n) {
  confirm({title: `Delete ${n.number}?`, button: "Delete", danger: true, text: [
    h("p", null, "It leaves the inventory here; the carrier is not touched. What waits for it ends as failed (SOURCE_ADDR_INVALID), and applications cannot send from it any more."),
    h("p", null, "Its opt-outs stay.")], act: async () => {
    await api("DELETE", idPath("/v1/numbers", n.number));
    toast(`${n.number} was deleted.`);
    location.hash = "#/numbers";
  }});
}

async function onePage(ctx, id) {
  const page = h("div");
  const draw = async () => {
    const n = await api("GET", idPath("/v1/numbers", id), {signal: ctx.signal});
    const patterns = (n.compliance && n.compliance.optOutPatterns) || [];
    replace(page, h("p", {class: "path"}, h("a", {href: "#/numbers"}, "Numbers")), h("div", {class: "head"}, h("h1", null, said(n.number)), h("div", {class: "buttons"},
      h("button", {type: "button", onclick: () => askTexts(n, draw)}, "Change the texts"),
      ctx.can("opt-outs") ? h("a", {class: "button", href: `#/opt-outs?number=${encodeURIComponent(n.number)}`}, "Its opt-outs") : null,
      ctx.can("view") ? h("a", {class: "button", href: `#/messages?number=${encodeURIComponent(n.number)}`}, "Its messages") : null,
      h("button", {type: "button", class: "danger", onclick: () => askDelete(n)}, "Delete"))),
    h("section", {class: "card"}, pairs([["Type", n.type.replace("-", " ")], ["Country", country(n.country)],
      ["Integration", integrationOf(n, ctx)], ["Imported", time(n.created)]]),
    n.state && n.state !== "active" ? notice("warn", "Its integration is not active: messages of it queue, or are refused when it is gone.") : null),
    h("div", {class: "cards three"}, KINDS.map(([kind, title]) => h("section", {class: "card"}, h("h2", null, title), groupsOf(n, kind)))),
    patterns.length ? h("section", {class: "card"}, h("h2", null, "Patterns of opt-outs"), patterns.map((p) => h("p", null, h("code", null, said(p))))) : null,
    n.compliance && n.compliance.optOutLoose !== undefined ? h("p", null, "Opt-outs by any reasonable means: ", orNone(String(n.compliance.optOutLoose))) : null);
  };
  await draw();
  return page;
}

export const screen = {path: "/numbers", title: "Numbers", pages: [
  {at: "", needs: ["numbers"], render: listPage}, {at: ":", needs: ["numbers"], render: onePage}]};
