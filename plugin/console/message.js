// SPDX-License-Identifier: BSD-3-Clause
// One message: its life as a line of steps, its segments, where it came from and went.

import {get, idPath} from "./api.js";
import {badge, h, none, number, orNone, said, time} from "./dom.js";
import {pairs, table} from "./parts.js";

const WORDS = {
  taken: "Taken", written: "Written", handed: "Handed over", answered: "The carrier answered", receipt: "Receipt", reported: "Report delivered",
  "report-delivered": "Report delivered", retried: "To be sent again", cancelled: "Cancelled", ended: "Ended", delivered: "Delivered", failed: "Failed", accepted: "Accepted",
};
const KNOWN = new Set(["time", "step", "what", "kind", "segment", "cause", "code", "text", "why", "description", "carrierCode", "smsbox", "state"]);

// The steps the API tells; from an API that does not tell them, what the segments remember.
function stepsOf(m) {
  const told = m.life || m.steps;
  if (Array.isArray(told)) return told;
  const out = [{time: m.created, step: "taken", smsbox: m.smsbox}];
  for (const s of m.segments || []) {
    if (s.firstHanded) out.push({time: s.firstHanded, step: "handed", segment: s.segment});
    if (s.handed && s.handed !== s.firstHanded) out.push({time: s.handed, step: "handed", segment: s.segment, text: `try ${s.tries}`});
    if (s.ended) out.push({time: s.ended, step: s.state, segment: s.segment, cause: s.cause, carrierCode: s.carrierCode});
  }
  if (m.ended) out.push({time: m.ended, step: "ended", cause: m.cause});
  return out.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

function toneOf(step) {
  const text = `${step.step || step.what || ""} ${step.state || ""}`;
  if (/deliver|ended.*deliver/.test(text)) return "good";
  if (/fail|refus|expired/.test(text) || (step.code && ![0, 5, 6, 8].includes(step.code))) return "bad";
  return /retr|cancel/.test(text) ? "warn" : "busy";
}

function stepView(step) {
  const name = step.step || step.what || step.kind || "";
  const more = Object.entries(step).filter(([k, v]) => !KNOWN.has(k) && v !== null && typeof v !== "object");
  return h("li", {class: toneOf(step)}, h("div", {class: "when"}, time(step.time)), h("div", {class: "what"},
    h("strong", null, WORDS[name] || name), step.segment ? h("span", {class: "sub"}, ` segment ${step.segment}`) : null,
    step.smsbox ? [" smsbox ", said(step.smsbox)] : null, step.state && step.state !== name ? [" ", badge(step.state)] : null,
    step.cause ? [" ", said(step.cause)] : null, step.carrierCode ? h("span", {class: "sub"}, " carrier's code ", said(step.carrierCode)) : null,
    [step.text, step.why, step.description].filter(Boolean).map((t) => h("div", {class: "sub"}, said(t))),
    more.map(([k, v]) => h("span", {class: "sub"}, ` ${k} `, said(v)))));
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
    inbound ? card : h("div", {class: "cards two"}, h("section", {class: "card"}, h("h2", null, "What happened"), h("ol", {class: "life"}, stepsOf(m).map(stepView))), card),
    inbound ? null : h("section", null, h("h2", null, "Segments"), table(SEGMENTS, m.segments, "Segments"))];
}
