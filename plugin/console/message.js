// SPDX-License-Identifier: BSD-3-Clause
// One message: its life as a line of steps, its segments, where it came from and went.

import {get, idPath} from "./api.js";
import {badge, h, none, number, orNone, said, seconds, time} from "./dom.js";
import {pairs, table} from "./parts.js";

// Every step of the API (docs/openapi.yaml, Step), as people say it, and how it bodes.
export const STEPS = {
  taken: ["Taken", "busy"], written: ["Written", "busy"], handed: ["Handed over", "busy"], retried: ["Handed over again", "warn"], "next-try": ["Next try", "warn"],
  answered: ["Answered by the carrier", "bad"], "no-answer": ["No answer; it goes out again", "warn"], "not-sent": ["Not sent: bearerbox had no link for it", "warn"],
  "interim-receipt": ["Interim receipt", "busy"], receipt: ["Receipt", "bad"], cancelled: ["Cancelled", "warn"], failed: ["Failed before it was handed over", "bad"],
  "report-delivered": ["Report delivered", "good"], "report-refused": ["Report refused for good", "bad"]};

const WELL = {CARRIER_ACCEPTED: ["Accepted by the carrier", "busy"], DELIVERED: ["Delivered", "good"]};
const REPORTS = {1: "delivered", 2: "failed", 4: "interim", 8: "accepted", 16: "refused"};

function wordsOf(step) {
  const [name, tone] = STEPS[step.step] || [step.step, "busy"];
  if (step.step === "answered" || step.step === "receipt") return WELL[step.cause] || [step.step === "answered" ? "Refused" : name, tone];
  return [name, tone];
}

const boxOf = (step) => (step.smsbox ? ["smsbox ", said(step.smsbox)] : "an anonymous smsbox");

// How long after the message was taken.
function after(step, first) {
  const passed = (new Date(step.time) - new Date(first)) / 1000;
  return passed > 0 ? h("span", {class: "sub nowrap"}, ` +${seconds(passed)}`) : null;
}

function stepView(step, first) {
  const [name, tone] = wordsOf(step), report = step.step.startsWith("report-");
  return h("li", {class: tone}, h("div", {class: "when"}, time(step.time), after(step, first)), h("div", {class: "what"},
    h("strong", null, name), step.segment ? h("span", {class: "sub"}, ` segment ${step.segment}`) : null, step.try > 1 ? h("span", {class: "sub"}, `, try ${step.try}`) : null,
    report ? [` “${REPORTS[step.dlrType] || step.dlrType}” `, step.step === "report-delivered" ? "to " : "by ", boxOf(step)] : step.smsbox ? [" from ", boxOf(step)] : null,
    step.text ? [" as ", said(step.text)] : null, step.cause && !WELL[step.cause] ? [" ", said(step.cause)] : null,
    step.carrierCode ? h("span", {class: "sub"}, " carrier's code ", said(step.carrierCode)) : null,
    step.description && !WELL[step.cause] ? h("div", {class: "sub"}, said(step.description)) : null));
}

const SEGMENTS = [
  {title: "Segment", class: "num", cell: (s) => number(s.segment)}, {title: "State", cell: (s) => [badge(s.state), s.possibleDuplicate ? badge("possible duplicate", "warn") : null]},
  {title: "Tries", class: "num", cell: (s) => number(s.tries)}, {title: "Cause", cell: (s) => [orNone(s.cause), s.description ? h("div", {class: "sub"}, said(s.description)) : null]},
  {title: "Carrier's code", cell: (s) => orNone(s.carrierCode)}, {title: "Carrier's id", cell: (s) => h("span", {class: "mono"}, orNone(s.foreignId))},
  {title: "First handed over", cell: (s) => time(s.firstHanded)}, {title: "Ended", cell: (s) => time(s.ended)}, {title: "Due", cell: (s) => time(s.due)},
  {title: "Octets", class: "num", cell: (s) => number(s.octets)}];

function mask(bits) {
  const names = Object.entries(REPORTS).filter(([b]) => bits & b).map(([, n]) => n);
  return names.length ? names.join(", ") : "none";
}

function inboundFacts(m) {
  return [["From", said(m.sender)], ["To our number", orNone(m.number)], ["Integration", orNone(m.integration)], ["Taken", time(m.created)],
          ["Keyword", m.keyword ? badge(m.keyword, "warn") : none()], ["For smsbox", m.smsbox ? said(m.smsbox) : "any anonymous one"],
          ["Text", m.text === null ? "not kept (keep-inbound-text), or it was none" : said(m.text)], ["UUID", h("span", {class: "mono"}, said(m.uuid))]];
}

const linked = (may, href, text) => (may && text ? h("a", {href}, said(text)) : orNone(text));

function facts(m, can) {
  return [["Our number", linked(can("numbers"), `#/numbers/${encodeURIComponent(m.number)}`, m.number)],
          ["Recipient", linked(true, `#/messages?recipient=${encodeURIComponent(m.recipient)}`, m.recipient)],
          ["Integration", linked(can("status"), `#/integrations/${encodeURIComponent(m.integration)}`, m.integration)], ["Taken", time(m.created)],
          ["Ended", time(m.ended)], ["Expires", time(m.expires)],
          ["Result", m.cause ? [`${m.code} `, said(m.cause), m.description ? h("div", {class: "sub"}, said(m.description)) : null] : none()],
          ["Carrier's code", orNone(m.carrierCode)], ["Charset", m.charset ? said(`${m.charset}, dcs ${m.dcs}`) : none()],
          ["smsbox", m.smsbox ? said(m.smsbox) : "anonymous"], ["Reports", `${m.reports}; asked for: ${mask(m.dlrMask)}`],
          m.keyword ? ["Reply to", badge(m.keyword, "warn")] : null, ["UUID", h("span", {class: "mono"}, said(m.uuid))]];
}

// Of a message "active" means that it is not over.
export const stateBadge = (state) => badge(state, state === "active" ? "busy" : undefined);

export async function messagePage(ctx, id) {
  const m = await get(idPath("/v1/messages", id), {}, ctx.signal);
  const inbound = m.direction === "inbound", person = inbound ? m.sender : m.recipient;
  const card = h("section", {class: "card"}, h("h2", null, "Message"), pairs(inbound ? inboundFacts(m) : facts(m, ctx.can)));
  return [h("p", {class: "path"}, h("a", {href: inbound ? "#/messages/inbound" : "#/messages"}, inbound ? "Inbound messages" : "Messages")),
    h("div", {class: "head"}, h("h1", null, "Message ", h("span", {class: "mono"}, said(m.id)), " ", inbound ? badge("inbound") : stateBadge(m.state),
                               m.possibleDuplicate ? badge("possible duplicate", "warn") : null),
      ctx.can("opt-outs") ? h("a", {class: "button", href: `#/opt-outs/history?recipient=${encodeURIComponent(person)}`}, "Opt-outs of this person") : null),
    inbound ? card : h("div", {class: "cards two"}, h("section", {class: "card"}, h("h2", null, "What happened"), h("ol", {class: "life"}, m.steps.map((s) => stepView(s, m.created)))), card),
    inbound ? null : h("section", null, h("h2", null, "Segments"), table(SEGMENTS, m.segments, "Segments"))];
}
