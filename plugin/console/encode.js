// SPDX-License-Identifier: BSD-3-Clause
// How a text would leave (/v1/encode): charset and segments, what each other charset would give, and the characters that
// make it dearer with what could stand for them. byobox changes no text; whoever writes it may.

import {api} from "./api.js";
import {badge, h, number, replace, said, visible} from "./dom.js";
import {makeForm, notice, table} from "./parts.js";

const UNITS = {septet: "septets", octet: "octets", "utf-16": "UTF-16 units"};

function characterColumns() {
  return [
    {title: "Character", cell: (c) => [h("span", {class: "glyph"}, said(c.character)), h("span", {class: "sub mono"}, ` ${[...c.character].map((x) => `U+${x.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`).join(" ")}`)]},
    {title: "At", class: "num", cell: (c) => number(c.offset)},
    {title: "Missing in", cell: (c) => c.missingIn.map((m) => `${m.charset} (${m.dcs})`).join(", ")},
    {title: "Could stand for it", cell: (c) => (c.standIns.length ? c.standIns.map((s) => h("span", {class: "glyph"}, s === "" ? "leave it out" : s === " " ? "a blank" : said(s))) : "nothing")}];
}

function result(e) {
  const units = UNITS[e.unit] || "units";
  const head = e.charset ? [h("p", {class: "answer"}, badge(`${e.segments.length} segment${e.segments.length === 1 ? "" : "s"}`, "good"), " ", h("strong", null, said(e.charset)),
                             h("span", {class: "sub"}, ` dcs ${e.dcs}, of integration `), said(e.integration))] :
                           [notice("bad", "It would be refused: ", said(e.cause), e.description ? [". ", said(e.description)] : null)];
  return [head,
    h("ol", {class: "segments"}, e.segments.map((s) => h("li", null, h("div", {class: "said text"}, visible(s.text)),
      h("span", {class: "sub"}, `${s.units} ${units}, ${s.octets} octets`)))),
    e.characters.length ? [h("h3", null, `What the first charset lacks: ${number(e.charactersTotal)} character${e.charactersTotal === 1 ? "" : "s"}`),
                           table(characterColumns(), e.characters, "Characters that make it dearer")] : null,
    e.others.length ? [h("h3", null, "The other charsets"), table([
      {title: "Charset", cell: (o) => [said(o.charset), h("span", {class: "sub"}, ` dcs ${o.dcs}`)]},
      {title: "Segments", class: "num", cell: (o) => (o.fits ? number(o.segments) : "–")},
      {title: "Octets", class: "num", cell: (o) => (o.fits ? number(o.octets) : "–")},
      {title: "Why not", class: "long", cell: (o) => (o.fits ? "it would fit" : said(o.why || "it does not fit"))}], e.others, "The other charsets")] : null];
}

// who: {integration} or {number}; without both the form asks.
export function encodePart(ctx, who) {
  const answer = h("div", {class: "encoded", "aria-live": "polite"});
  const fields = [{name: "text", label: "Text", type: "textarea", rows: 4, wide: true}];
  if (!who) fields.unshift({name: "of", label: "Number or integration", help: "One of our numbers, or the id of an integration.", required: true, value: ctx.query.get("of") || ""});
  const form = makeForm({button: "Encode", fields, submit: async ({of, text}) => {
    const whose = who || (/^[+\d][\d\s()-]*$/.test(of.trim()) ? {number: of.trim()} : {integration: of.trim()});
    try {
      replace(answer, result(await api("POST", "/v1/encode", {body: {text, ...whose}})));
    } catch (e) {
      replace(answer);
      if (e.field === "number" || e.field === "integration") e.field = "of";
      throw e;
    }
  }});
  return h("div", null, form, answer);
}
