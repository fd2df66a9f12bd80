// SPDX-License-Identifier: BSD-3-Clause
// Messages: search; one message: message.js; CSV; a text encoded; a test message.

import {api, csv} from "./api.js";
import {encodePart} from "./encode.js";
import {badge, h, none, orNone, replace, said, time} from "./dom.js";
import {messagePage, stateBadge} from "./message.js";
import {asked, csvButton, list, makeForm, notice, save, tabs} from "./parts.js";

const at = (id) => `#/messages/${encodeURIComponent(id)}`;

const party = (value) => (value === null || value === undefined ? none() : h("span", {class: "mono"}, said(value)));

const COLUMNS = [
  {title: "Time", cell: (m) => h("a", {href: at(m.id)}, time(m.created))},
  {title: "Number", cell: (m) => party(m.number)}, {title: "Recipient", cell: (m) => party(m.recipient)},
  {title: "State", cell: (m) => stateBadge(m.state)},
  {title: "Segments", class: "num", cell: (m) => (m.tally ? h("span", {title: `${m.tally.delivered} delivered, ${m.tally.failed} failed`}, `${m.tally.delivered} of ${m.tally.segments}`) : "–")},
  {title: "Cause", cell: (m) => [orNone(m.cause), m.carrierCode ? h("span", {class: "sub"}, " carrier ", said(m.carrierCode)) : null, m.possibleDuplicate ? badge("possible duplicate", "warn") : null]},
  {title: "Integration", cell: (m) => orNone(m.integration)}, {title: "Charset", cell: (m) => orNone(m.charset)},
];

const INBOUND = [
  {title: "Time", cell: (m) => h("a", {href: at(m.id)}, time(m.created))},
  {title: "From", cell: (m) => party(m.sender)}, {title: "To our number", cell: (m) => party(m.number)}, {title: "Keyword", cell: (m) => (m.keyword ? badge(m.keyword, "warn") : none())},
  {title: "Integration", cell: (m) => orNone(m.integration)}, {title: "smsbox", cell: (m) => orNone(m.smsbox)},
  {title: "Text", class: "long", cell: (m) => orNone(m.text)},
];

const TIMES = [{name: "from", label: "From (UTC)", type: "datetime-local"}, {name: "to", label: "Before (UTC)", type: "datetime-local"}];
const OUT = [
  {name: "recipient", label: "Recipient", placeholder: "+12025550199"}, {name: "number", label: "Our number"}, {name: "integration", label: "Integration"},
  {name: "state", label: "State", type: "select", options: [["", "any"], "active", "delivered", "failed"]},
  {name: "cause", label: "Cause", placeholder: "THROTTLED"}, {name: "carrierCode", label: "Carrier's code"}, ...TIMES,
  {name: "possibleDuplicate", label: "Possible duplicate", type: "select", options: [["", "any"], ["true", "yes"], ["false", "no"]]}];
const IN = [{name: "recipient", label: "From", placeholder: "+12025550199"}, {name: "number", label: "Our number"}, {name: "integration", label: "Integration"}, ...TIMES];

function tabsFor(ctx, current) {
  const all = ctx.can("view") ? [["#/messages", "Outbound"], ["#/messages/inbound", "Inbound"], ["#/messages/encode", "Encode a text"]] : [];
  if (ctx.can("send-test")) all.push(["#/messages/test", "Test message"]);
  return tabs("Messages", all, current);
}

async function listPage(ctx, inbound) {
  const filters = inbound ? IN : OUT, path = inbound ? "/messages/inbound" : "/messages", fixed = inbound ? {direction: "inbound"} : {};
  const query = asked(ctx.query, filters.map((f) => f.name));
  delete query.page;
  const section = await list({ctx, path, from: "/v1/messages", filters, fixed, columns: inbound ? INBOUND : COLUMNS, caption: inbound ? "Inbound messages" : "Messages", empty: "No message fits.",
    more: h("div", {class: "buttons"}, csvButton("Save as CSV", async () => save(inbound ? "inbound.csv" : "messages.csv", await csv("/v1/messages", {...query, ...fixed, limit: undefined}))))});
  return [h("h1", null, "Messages"), tabsFor(ctx, `#${path}`), section];
}

function encodePage(ctx) {
  return [h("h1", null, "Messages"), tabsFor(ctx, "#/messages/encode"), h("section", {class: "card"}, h("h2", null, "Encode a text"),
            h("p", {class: "sub"}, "How it would leave, without sending it: by the encoder messages go through."), encodePart(ctx, null))];
}

function testPage(ctx) {
  const done = h("div", {"aria-live": "polite"});
  const form = makeForm({button: "Send", fields: [
    {name: "number", label: "Our number", required: true, value: ctx.query.get("number") || ""}, {name: "recipient", label: "Recipient", required: true, value: ctx.query.get("recipient") || ""},
    {name: "text", label: "Text", type: "textarea", rows: 4, wide: true, required: true}],
  submit: async (values) => {
    replace(done);
    try {
      const m = await api("POST", "/v1/test-messages", {body: {number: values.number.trim(), recipient: values.recipient.trim(), text: values.text}});
      if (ctx.can("view")) location.hash = at(m.id);
      else replace(done, notice("good", "It was taken, as message ", h("span", {class: "mono"}, said(m.id)), ". What becomes of it, a person with the permission view can see."));
    } catch (e) {
      // Refused as any message may be: it was stored all the same.
      const id = ctx.can("view") && e.body && e.body.id;
      if (id) form.querySelector(".faults").append(notice("warn", h("a", {href: at(id)}, "The message, and why it was refused")));
      throw e;
    }
  }});
  return [h("h1", null, "Messages"), tabsFor(ctx, "#/messages/test"), h("section", {class: "card"}, h("h2", null, "Send a test message"),
            h("p", {class: "sub"}, "It really goes to the carrier and the recipient, obeys opt-outs, queue and rate as every message, and stands in the audit."), form, done)];
}

export const screen = {path: "/messages", title: "Messages", pages: [
  {at: "", needs: ["view"], render: (ctx) => listPage(ctx, false)}, {at: "inbound", needs: ["view"], render: (ctx) => listPage(ctx, true)},
  {at: "encode", needs: ["view"], render: encodePage}, {at: "test", needs: ["send-test"], render: testPage}, {at: ":", needs: ["view"], render: messagePage}]};
