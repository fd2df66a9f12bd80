// SPDX-License-Identifier: BSD-3-Clause
// Integrations: the list; one with its tabs; activate, deactivate, delete. Adding and editing: integration_form.js.

import {advancedTab} from "./advanced.js";
import {api, get, idPath, watch} from "./api.js";
import {badge, h, none, number, orNone, redraw, replace, said, seconds, time} from "./dom.js";
import {eventColumns} from "./events.js";
import {formPage} from "./integration_form.js";
import * as live from "./live.js";
import {confirm, errorNotice, notice, pairs, table, tabs, toast} from "./parts.js";
import {GROUPS, articleName, label, shown} from "./properties.js";
import {statisticsTab} from "./statistics.js";
import {bindsText, nodeName, presence, rateText} from "./status.js";

const at = (id, tab) => `#/integrations/${encodeURIComponent(id)}${tab ? `/${tab}` : ""}`;

// -- the list ----------------------------------------------------------------------------------------------

const COLUMNS = [
  {title: "Integration", cell: (i) => [h("a", {href: at(i.id)}, said(i.id)), i.name ? h("div", {class: "sub"}, said(i.name)) : null]},
  {title: "State", cell: (i) => [badge(i.degraded ? "degraded" : i.state), i.reason ? h("span", {class: "sub"}, ` ${i.reason}`) : null,
                                 i.pendingChanges ? h("span", {class: "sub"}, " pending changes") : null]},
  {title: "SMSC", cell: (i) => (i.config ? said(`${i.config.smscAddress}:${i.config.smscPort}`) : none())},
  {title: "Binds", class: "num", cell: (i) => (i.binds.known ? `${i.binds.online} of ${i.binds.wanted}` : "–")},
  {title: "Rate", class: "num", cell: (i) => rateText(i)},
  {title: "Queue", class: "num", cell: (i) => number(i.queue ? i.queue.queued : null)},
  {title: "Numbers", class: "num", cell: (i) => number(i.numbers)},
  {title: "Since", cell: (i) => time(i.since)},
];

// For who may edit, and not look on: what can be changed, and nothing of what it does.
const TO_EDIT = [
  {title: "Integration", cell: (i) => [h("a", {href: at(i.id, "edit")}, said(i.id)), i.properties && i.properties.name ? h("div", {class: "sub"}, said(i.properties.name)) : null]},
  {title: "SMSC", cell: (i) => (i.properties ? said(`${i.properties.smscAddress}:${i.properties.smscPort}`) : none())},
];

async function listPage(ctx) {
  const {items} = await get("/v1/integrations", {}, ctx.signal);
  return [h("div", {class: "head"}, h("h1", null, "Integrations"),
            ctx.can("add") ? h("a", {class: "button primary", href: "#/integrations/+"}, "Add an integration") : null),
          items.length ? table(ctx.can("status") ? COLUMNS : TO_EDIT, items, "Integrations") : h("p", {class: "empty"}, "There is none yet.")];
}

// -- what may be done to one -------------------------------------------------------------------------------

function along(i) {
  return i.goesAlong.length ? h("p", null, "Along with it: ", said(i.goesAlong.join(", ")), ", which receive for it.") : null;
}

async function act(i, verb, then) {
  const done = verb === "delete" ? await api("DELETE", idPath("/v1/integrations", i.id)) :
                                   await api("POST", `${idPath("/v1/integrations", i.id)}/${verb}`);
  toast({activate: "Activation has begun.", deactivate: "Deactivation has begun.", delete: "Deletion has begun."}[verb]);
  then(done);
}

function askActivate(i, then) {
  confirm({title: `Activate ${i.id}?`, button: "Activate", act: () => act(i, "activate", then), text: [
    h("p", null, "byobox binds to the carrier with the configuration as it is now, and goes on trying for the activation timeout",
      i.properties ? ` (${i.properties.activationTimeout})` : "", ". What became of it shows here and among the events."),
    i.pendingChanges ? h("p", null, "Changes that wait for an activation take effect.") : null, along(i)]});
}

function askDeactivate(i, then) {
  confirm({title: `Deactivate ${i.id}?`, button: "Deactivate", danger: true, act: () => act(i, "deactivate", then), text: [
    h("p", null, "Handing over stops, answers of the carrier are waited for, at most 30 seconds, then the binds are closed. ",
      `Messages of its ${number(i.numbers)} number${i.numbers === 1 ? "" : "s"} are taken and queue here until it is active again; nothing is lost.`),
    along(i)]});
}

function askDelete(i, then) {
  const waits = i.queue ? i.queue.queued + i.queue.handed : 0;
  confirm({title: `Delete ${i.id}?`, button: "Delete", danger: true, fields: [
    {name: "id", label: `To be sure, type its id: ${i.id}`, required: true}],
  act: async () => {
    const typed = document.querySelector("dialog[open] input[name=id]").value.trim();
    if (typed !== i.id) throw Object.assign(new Error("This is not its id."), {faults: [{field: "id", message: "This is not its id."}]});
    await act(i, "delete", then);
  }, text: [
    h("p", null, "This will happen:"),
    h("ul", null, h("li", null, "Its binds are shut down."),
      h("li", null, i.numbers === 1 ? "1 number leaves" : `${number(i.numbers)} numbers leave`, " the inventory here. The carrier is not touched."),
      h("li", null, waits ? `${number(waits)} segments that wait end as failed.` : "Nothing waits for it now."),
      i.goesAlong.length ? h("li", null, said(i.goesAlong.join(", ")), " are deleted along with it.") : null,
      i.editable ? h("li", null, "Its file is taken out of the folder and kept beside it; the id can be added again.") :
                   h("li", null, "Its group stays in ", i.file ? h("code", null, said(i.file)) : "the configuration", ": take it out there. Until then the id stays deleted."),
      h("li", null, "Opt-outs and the history of messages stay."))]});
}

function buttons(i, ctx, then) {
  const out = [];
  const button = (text, ask, kind) => h("button", {type: "button", class: kind, onclick: () => ask(i, then)}, text);
  if (ctx.can("edit") && i.editable) out.push(h("a", {class: "button", href: at(i.id, "edit")}, "Edit"));
  if (ctx.can("activate") && i.state !== "deleted" && (i.state !== "active" || i.pendingChanges)) out.push(button("Activate", askActivate, "primary"));
  if (ctx.can("deactivate") && ["active", "activating", "error"].includes(i.state)) out.push(button("Deactivate", askDeactivate));
  if (ctx.can("delete") && (i.state !== "deleted" || i.editable)) out.push(button("Delete", askDelete, "danger"));
  return out;
}

// -- its tabs ----------------------------------------------------------------------------------------------

function trouble(i) {
  const b = i.binds, out = [];
  if (i.state === "error")
    out.push(notice("bad", h("strong", null, i.reason === "bind-refused" ? "The carrier refused the bind. " : "No bind came up. "),
      b.logError ? ["What bearerbox's log says: ", said(b.logError), ". "] :
      b.lastStatusText || b.lastStatus !== null ? ["Its answer: ", said(b.lastStatusText || `command_status ${b.lastStatus}`), ". "] : null,
      "Check address, port, TLS and credentials, and that the carrier's allow list holds ",
      b.localAddress ? said(b.localAddress) : "the address the binds come from", ". Then activate."));
  else if (i.degraded)
    out.push(notice("warn", `Active with ${b.online} of ${b.wanted} binds. Traffic flows. Ask the carrier how many binds it allows. `, b.logError ? said(b.logError) : null));
  if (i.pendingChanges)
    out.push(notice("warn", "The file differs from what is bound. The next activation applies it."));
  return out;
}

function deletedNotice(i, ctx) {
  return notice("warn", i.config ? ["It is deleted, but its group still stands in ", i.file ? h("code", null, said(i.file)) : "the configuration", ". Take it out and reload; then the id is free again. "] :
                                   "It was deleted, and no file names it any more: its id is free. ",
                "What it sent and what happened to it is kept: ",
                ctx.can("view") ? h("a", {href: `#/messages?integration=${encodeURIComponent(i.id)}`}, "its messages") : "its messages", ", ",
                ctx.can("events") ? h("a", {href: `#/events?entity=${encodeURIComponent(i.id)}`}, "its events") : "its events", ".");
}

function detailsTab(i, ctx) {
  const q = i.queue || {}, c = i.counters || {}, b = i.binds;
  return [trouble(i), i.state === "deleted" ? deletedNotice(i, ctx) : null, h("div", {class: "cards two"},
    h("section", {class: "card"}, h("h2", null, "Details"), pairs([
      ["Name", orNone(i.name)], ["Notes", i.config && i.config.notes ? said(i.config.notes) : none()], ["State", badge(i.degraded ? "degraded" : i.state)],
      ["Since", time(i.since)], ["Wanted active", i.wanted ? "yes" : "no"], i.file ? ["Stands in", said(i.file)] : null, ["Numbers", ctx.can("numbers") ? h("a", {href: `#/numbers?integration=${encodeURIComponent(i.id)}`}, number(i.numbers)) : number(i.numbers)],
      i.goesAlong.length ? ["Receives for it", said(i.goesAlong.join(", "))] : null])),
    h("section", {class: "card"}, h("h2", null, "Binds"), pairs([
      ["Online", b.known ? bindsText(i) : "not known: bearerbox's page could not be read"],
      ["They come from", orNone(b.localAddress)], ["Last refusal", b.lastStatus === null ? none() : said(`${b.lastStatus}${b.lastStatusText ? `, ${b.lastStatusText}` : ""}`)],
      ["What the log says", orNone(b.logError)], ["Log", orNone(b.log)]])),
    h("section", {class: "card"}, h("h2", null, "Traffic now"), pairs([
      ["Rate", rateText(i)], ["Queued", number(q.queued)],
      ["Oldest", q.oldest ? [time(q.oldest), ` (${seconds(q.oldestSeconds)})`] : none()], ["Handed over", number(q.handed)],
      ["Awaiting receipts", number(q.waitingForReceipts)], ["Last accepted", time(i.lastSubmitOk)],
      ["Last error", i.lastError ? [time(i.lastError.time), " ", said(i.lastError.text)] : none()]])),
    h("section", {class: "card"}, h("h2", null, "Since the start"), pairs([
      ["Messages", number(c.messages)], ["Refused", number(c.refused)], ["Segments out", number(c.segmentsOut)], ["Delivered", number(c.segmentsDelivered)],
      ["Failed", number(c.segmentsFailed)], ["Retries", number(c.retries)], ["Possible duplicates", number(c.possibleDuplicates)],
      ["Receipts", number(c.receipts)], ["Receipts missing", number(c.receiptsMissing)], ["Inbound", number(c.inbound)]]))), atNodes(i)];
}

// What it is at each of several byoboxes; another policy than here stands out.
function atNodes(i) {
  const here = i.nodes.find((n) => n.self);
  const columns = [
    {title: "Node", cell: nodeName}, {title: "Now", cell: presence}, {title: "State", cell: (n) => (n.state === null ? none() : [n.up ? badge(n.state) : h("span", {class: "sub"}, `last ${n.state}`), n.reason ? ` ${n.reason}` : null])},
    {title: "Since", cell: (n) => time(n.since)}, {title: "Binds", class: "num", cell: (n) => (!n.up ? none() : n.binds.known ? `${n.binds.online} of ${n.binds.wanted}` : "not known")},
    {title: "Policy", cell: (n) => (n.policy === null ? badge("no group", "warn") : [h("code", null, n.policy), n.policy === here.policy ? null : [" ", badge("differs", "warn")]])}];
  return i.nodes.length > 1 ? h("section", {class: "card full"}, h("h2", null, "At each node"), table(columns, i.nodes, "At each node")) : null;
}

async function propertiesTab(i, ctx) {
  if (!i.properties) return notice("warn", "It has no group in the configuration.");
  const all = (await get("/v1/properties", {}, ctx.signal)).items;
  const columns = [
    {title: "Property", cell: (p) => [h("span", null, label(p)), articleName(p) ? h("div", {class: "sub"}, `article: ${articleName(p)}`) : null]},
    {title: "Key", cell: (p) => h("code", null, p.key)}, {title: "Value", class: "long", cell: (p) => shown(p, i.properties[p.name])},
    {title: "What it does", class: "long", cell: (p) => h("span", {class: "sub"}, p.help)}];
  return GROUPS.filter((g) => g.id !== "credentials").map((g) => {
    const rows = all.filter((p) => p.name && !p.credential && g.has(p.name));
    return rows.length ? h("section", null, h("h2", null, g.title), table(columns, rows, g.title)) : null;
  });
}

function credentialsTab(i, ctx) {
  const c = i.config;
  if (!c) return notice("warn", "It has no group in the configuration.");
  return h("section", {class: "card"}, h("h2", null, "Credentials"),
           pairs([["System ID", said(c.systemId)], ["Password", c.passwordPlain ? badge("in clear in the file", "warn") : "kept; it is never shown"]]),
           c.passwordPlain ? notice("warn", "The password stands in clear in the file. ", h("code", null, "byoctl seal"), " seals it; saving new credentials here seals them, too.") : null,
           h("p", {class: "sub"}, "Changed credentials take effect at the next activation."),
           ctx.can("edit") && i.editable ? h("a", {class: "button", href: `${at(i.id, "edit")}?part=credentials`}, "Change them") : null);
}

async function eventsTab(i, ctx) {
  const page = await get("/v1/events", {entity: i.id, limit: 50}, ctx.signal);
  return [h("p", {class: "links"}, h("a", {href: `#/events?entity=${encodeURIComponent(i.id)}`}, "All of its events")),
          page.items.length ? table(eventColumns, page.items, `Events of ${i.id}`) : h("p", {class: "empty"}, "Nothing happened yet.")];
}

const TABS = [
  {id: "", title: "Details", needs: ["status"], render: detailsTab},
  {id: "properties", title: "Properties", needs: ["status"], render: propertiesTab},
  {id: "advanced", title: "Advanced", needs: ["view"], render: advancedTab},
  {id: "credentials", title: "Credentials", needs: ["status"], render: credentialsTab},
  {id: "statistics", title: "Statistics", needs: ["view"], render: statisticsTab},
  {id: "events", title: "Events", needs: ["status", "events"], render: eventsTab},
];

function gone(head, body, id, ctx) {
  replace(head, h("p", {class: "path"}, h("a", {href: "#/integrations"}, "Integrations")), h("h1", null, said(id)));
  replace(body, deletedNotice({id}, ctx));
}

async function onePage(ctx, id, tab) {
  let i = await get(idPath("/v1/integrations", id), {}, ctx.signal);
  const head = h("div"), body = h("div");
  const drawHead = () => redraw(head, h("p", {class: "path"}, h("a", {href: "#/integrations"}, "Integrations")),
    h("div", {class: "head"}, h("h1", null, said(i.id), " ", badge(i.degraded ? "degraded" : i.state)), h("div", {class: "buttons"}, buttons(i, ctx, taken))),
    tabs("Parts", TABS.filter((t) => t.needs.every(ctx.can)).map((t) => [at(id, t.id), t.title]), at(id, tab.id)));
  const drawBody = async () => redraw(body, await tab.render(i, ctx));
  function taken(now) { i = now; drawHead(); if (tab.id === "") drawBody(); }
  const start = async () => {
    try { await drawBody(); } catch (e) { if (e.name === "AbortError") throw e; replace(body, errorNotice(e, start)); }
  };
  drawHead();
  await start();
  // A change of state shows by itself; what else changes by the second only on Details.
  live.listen("status", async (st) => {
    const now = st.integrations.find((x) => x.id === id);
    if (document.querySelector("dialog[open]")) return;
    if (!now) return gone(head, body, id, ctx);
    const other = now.state !== i.state || now.degraded !== i.degraded || now.pendingChanges !== i.pendingChanges || now.reason !== i.reason;
    const before = i;
    try {
      i = other ? await watch(idPath("/v1/integrations", id), {}, ctx.signal) : {...i, ...now};
    } catch { return; } // the next one tells
    if (other && !drawHead()) { i = before; return; } // the next one draws it
    if (tab.id === "") drawBody();
  }, ctx.signal);
  return [head, body];
}

// "+" is no id.
export const screen = {path: "/integrations", title: "Integrations", pages: [
  {at: "", needs: [["status", "edit"]], render: listPage}, {at: "+", needs: ["add"], render: (ctx) => formPage(ctx, null)},
  {at: ":/edit", needs: ["edit"], render: formPage},
  ...TABS.map((tab) => ({at: tab.id ? `:/${tab.id}` : ":", needs: tab.needs, render: (ctx, id) => onePage(ctx, id, tab)}))]};
