// SPDX-License-Identifier: BSD-3-Clause
// Curves, drawn as SVG with the colours of the style sheet. Beside every chart stands what a reader without eyes for it
// needs: a sentence, and the numbers as a table.

import {h} from "./dom.js";

const HEIGHT = 190, WIDE = 640, NARROW = 320, LEFT = 52, BOTTOM = 24, TOP = 10, RIGHT = 8;
let WIDTH = WIDE; // of the chart that is drawn: its letters keep their size on a narrow page

function niceTop(most) {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 2.5, 5, 10].map((m) => m * power).find((v) => v >= most) || most;
}

// Points with a null between them are not joined.
function pathOf(values, x, y) {
  let text = "", pen = "M";
  values.forEach((v, i) => {
    if (v === null || v === undefined) { pen = "M"; return; }
    text += `${pen}${x(i).toFixed(1)} ${y(v).toFixed(1)}`;
    pen = "L";
  });
  return text;
}

// A value without neighbours has no line: it is a dot.
function dots(values, x, y, tone) {
  const has = (i) => values[i] !== null && values[i] !== undefined;
  return values.map((v, i) => (has(i) && !has(i - 1) && !has(i + 1) ?
    h("circle", {class: `dot ${tone}`, cx: x(i).toFixed(1), cy: y(v).toFixed(1), r: 2.5}) : null));
}

const FEW = new Intl.NumberFormat("en-GB", {maximumSignificantDigits: 3});

const clock = (iso, long) => (long ? iso.slice(5, 10) : iso.slice(11, 16));

function axes(times, top, x, y, format) {
  const parts = [];
  for (let i = 0; i <= 4; i++) {
    const v = top * i / 4;
    parts.push(h("line", {class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(v), y2: y(v)}),
               h("text", {class: "tick", x: LEFT - 6, y: y(v) + 4, "text-anchor": "end"}, format(v)));
  }
  const long = times.length > 1 && new Date(times[times.length - 1]) - new Date(times[0]) > 2 * 86400000;
  const step = Math.max(1, Math.ceil(times.length / (WIDTH === NARROW ? 4 : 6)));
  for (let i = 0; i < times.length; i += step)
    parts.push(h("text", {class: "tick", x: x(i), y: HEIGHT - 6, "text-anchor": "middle"}, clock(times[i], long)));
  return parts;
}

function numbers(times, series, format) {
  return h("details", {class: "numbers"}, h("summary", null, "The numbers"),
           h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "The numbers of this chart"},
             h("table", {class: "plain"},
               h("thead", null, h("tr", null, h("th", {scope: "col"}, "Time (UTC)"),
                                  series.map((s) => h("th", {scope: "col"}, s.name)))),
               h("tbody", null, times.map((t, i) => h("tr", null, h("th", {scope: "row"}, t.slice(0, 16).replace("T", " ")),
                 series.map((s) => h("td", {class: "num"}, s.values[i] === null ? "–" : format(s.values[i])))))))));
}

// series: [{name, values}], a value for each time or null; format: a value as text.
export function chart({title, times, series, format = FEW.format}) {
  WIDTH = matchMedia("(max-width: 47.99rem)").matches ? NARROW : WIDE;
  const most = Math.max(0, ...series.flatMap((s) => s.values.map((v) => v || 0)));
  const top = niceTop(most);
  const x = (i) => LEFT + (WIDTH - LEFT - RIGHT) * (times.length > 1 ? i / (times.length - 1) : 0.5);
  const y = (v) => HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * v / top;
  const what = `${title}: ${series.map((s) => s.name).join(", ")}; at most ${format(most)}.`;
  return h("figure", {class: "chart"},
           h("figcaption", null, title,
             h("span", {class: "legend"}, series.map((s, i) => h("span", {class: `key s${i % 6}`}, s.name)))),
           h("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": what},
             axes(times, top, x, y, format),
             series.map((s, i) => [h("path", {class: `curve s${i % 6}`, d: pathOf(s.values, x, y)}), dots(s.values, x, y, `s${i % 6}`)])),
           numbers(times, series, format));
}

// A small curve without axes.
export function spark(values, label) {
  const top = Math.max(1, ...values.map((v) => v || 0));
  const x = (i) => (values.length > 1 ? i / (values.length - 1) : 0) * 200;
  const line = pathOf(values, x, (v) => 38 - 36 * (v || 0) / top);
  return h("svg", {class: "spark", viewBox: "0 0 200 40", preserveAspectRatio: "none", role: "img", "aria-label": label},
           h("path", {class: "area", d: line ? `${line}L200 40L0 40Z` : ""}), h("path", {class: "curve s0", d: line}));
}
