// SPDX-License-Identifier: BSD-3-Clause
// One message: its life as a line of steps, its segments, where it came from and went.

import {get, idPath} from "./api.js";
import {badge, h, none, number, orNone, said, time} from "./dom.js";
import {pairs, table} from "./parts.js";

const WORDS = {
  taken: ["Taken", "busy"], written: ["Written", "busy"], handed: ["Handed over", "busy"], retried: ["Handed over again", "warn"], "next-try": ["Next try", "warn"],
  answered: ["Refused", "bad"], "no-answer": ["No answer", "warn"], "not-sent": ["bearerbox had no link", "warn"], "interim-receipt": ["Interim receipt", "busy"],
  "report-delivered": ["Report taken", "good"], "report-refused": ["Report refused", "bad"], receipt: ["Receipt", "busy"], cancelled: ["Cancelled", "warn"], failed: ["Failed", "bad"]};

function stepView(step) {
  const accepted = step.step === "answered" && step.cause === "CARRIER_ACCEPTED";
  const [name, tone] = accepted ? ["Accepted by the carrier", "busy"] : WORDS[step.step] || [step.step, "busy"];
  const ended = step.step === "receipt" ? (step.cause === "DELIVERED" ? "good" : "bad") : tone;
  return h("li", {class: ended}, h("div", {class: "when"}, time(step.time)), h("div", {class: "what"},
    h("strong", null, name), step.segment ? h("span", {class: "sub"}, ` segment ${step.segment}`) : null, step.try > 1 ? h("span", {class: "sub"}, `, try ${step.try}`) : null,
    step.smsbox ? [step.dlrType ? " by smsbox " : " from smsbox ", said(step.smsbox)] : null, step.dlrType ? ` (${mask(step.dlrType)})` : null, step.text ? [" as ", said(step.text)] : null, step.cause ? [" ", said(step.cause)] : null,
    step.carrierCode ? h("span", {class: "sub"}, " carrier's code ", said(step.carrierCode)) : null,
    step.description ? h("div", {class: "sub"}, said(step.description)) : null));
}

const SEGMENTS = [
  {title: "Segment", class: "num", cell: (s) => number(s.segment)}, {title: "State", cell: (s) => [badge(s.state), s.possibleDuplicate ? badge("possible duplicate", "warn") : null]},
  {title: "Tries", class: "num", cell: (s) => number(s.tries)}, {title: "Cause", cell: (s) => [orNone(s.cause), s.description ? h("div", {class: "sub"}, said(s.description)) : null]},
  {title: "Carrier's code", cell: (s) => orNone(s.carrierCode)}, {title: "Carrier's id", cell: (s) => h("span", {class: "mono"}, orNone(s.foreignId))},
  {title: "First handed over", cell: (s) => time(s.firstHanded)}, {title: "Ended", cell: (s) => time(s.ended)}, {title: "Due", cell: (s) => time(s.due)},
  {title: "Octets", class: "num", cell: (s) => number(s.octets)}];

function mask(bits) {
  const names = [[1, "delivered"], [2, "failed"], [4, "interim"], [8, "accepted"], [16, "refused"]].filter(([b]) => bits & b).map(([, n]) => n);
  return names.length ? names.join(", ") : "none";
}

function inboundFacts(m) {
  return [["From", said(m.sender)], ["To our number", orNone(m.number)], ["Integration", orNone(m.integration)], ["Taken", time(m.created)],
          ["Keyword", m.keyword ? badge(m.keyword, "warn") : none()], ["For smsbox", m.smsbox ? said(m.smsbox) : "any anonymous one"],
          ["Text", m.text === null ? "not kept (keep-inbound-text), or it was none" : said(m.text)], ["UUID", h("span", {class: "mono"}, said(m.uuid))]];
}

function facts(m) {
  return [["Our number", orNone(m.number)], ["Recipient", said(m.recipient)], ["Integration", orNone(m.integration)], ["Taken", time(m.created)],
          ["Ended", time(m.ended)], ["Expires", time(m.expires)],
          ["Result", m.cause ? [`${m.code} `, said(m.cause), m.description ? h("div", {class: "sub"}, said(m.description)) : null] : none()],
          ["Carrier's code", orNone(m.carrierCode)], ["Charset", m.charset ? said(`${m.charset}, dcs ${m.dcs}`) : none()],
          ["smsbox", m.smsbox ? said(m.smsbox) : "anonymous"], ["Reports", `${m.reports}; asked for: ${mask(m.dlrMask)}`],
          m.keyword ? ["Reply to", badge(m.keyword, "warn")] : null, ["UUID", h("span", {class: "mono"}, said(m.uuid))]];
}

export async function messagePage(ctx, id) {
  const m = await get(idPath("/v1/messages", id), {}, ctx.signal);
  const inbound = m.direction === "inbound", person = inbound ? m.sender : m.recipient;
  const card = h("section", {class: "card"}, h("h2", null, "Message"), pairs(inbound ? inboundFacts(m) : facts(m)));
  return [h("p", {class: "path"}, h("a", {href: inbound ? "#/messages/inbound" : "#/messages"}, inbound ? "Inbound messages" : "Messages")),
    h("div", {class: "head"}, h("h1", null, "Message ", h("span", {class: "mono"}, said(m.id)), " ", inbound ? badge("inbound") : badge(m.state),
                               m.possibleDuplicate ? badge("possible duplicate", "warn") : null),
      ctx.can("opt-outs") ? h("a", {class: "button", href: `#/opt-outs/history?recipient=${encodeURIComponent(person)}`}, "Opt-outs of this person") : null),
    inbound ? card : h("div", {class: "cards two"}, h("section", {class: "card"}, h("h2", null, "What happened"), h("ol", {class: "life"}, m.steps.map(stepView))), card),
    inbound ? null : h("section", null, h("h2", null, "Segments"), table(SEGMENTS, m.segments, "Segments"))];
}
