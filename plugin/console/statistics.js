// SPDX-License-Identifier: BSD-3-Clause
// The charts of one integration: rate, results by cause, how long answers and receipts take.

import {get, watch} from "./api.js";
import {chart} from "./chart.js";
import {h, number, replace, seconds} from "./dom.js";
import {errorNotice, pairs, tabs} from "./parts.js";

const SPANS = {
  hour: {title: "Last hour", length: 3600, step: "1m", every: 60}, day: {title: "Last day", length: 86400, step: "1h", every: 3600},
  month: {title: "Last 30 days", length: 30 * 86400, step: "1d", every: 86400}};

// Every item of this time. ask: watch, when nobody asked for them but the page itself.
export function statistics(query, signal, ask) {
  const items = [];
  const next = async (page) => {
    const answer = await ask("/v1/statistics", {...query, limit: 10000, page}, signal);
    items.push(...answer.items);
    return answer.next ? next(answer.next) : items;
  };
  return next(undefined);
}

function put(items, times, every, value, empty = 0) {
  const line = times.map(() => empty);
  items.forEach((item) => {
    const k = Math.floor((new Date(item.time) / 1000 - times[0]) / every);
    if (k >= 0 && k < line.length) line[k] = value(item, line[k]);
  });
  return line;
}

function latency(items, times, every, name) {
  return ["p50", "p95", "p99"].map((p) => ({name: p, values: put(items, times, every, (i) => i[name][p], null)}));
}

// The causes most segments failed with, as many as there are colours.
function mostCauses(items) {
  const count = {};
  for (const item of items) for (const [cause, n] of Object.entries(item.failed)) count[cause] = (count[cause] || 0) + n;
  return Object.keys(count).sort((a, b) => count[b] - count[a]).slice(0, 5);
}

function totals(items) {
  const names = [["taken", "Messages taken"], ["refused", "Messages refused"], ["handed", "Segments handed over"], ["accepted", "Accepted"], ["delivered", "Delivered"],
                 ["expired", "Expired"], ["retried", "Retried"], ["possibleDuplicates", "Possible duplicates"], ["inbound", "Inbound"], ["optOuts", "Opt-outs"], ["optIns", "Opt-ins"]];
  return h("section", {class: "card"}, h("h2", null, "In this time"), pairs(names.map(([name, title]) => [title, number(items.reduce((sum, i) => sum + i[name], 0))])));
}

export async function statisticsTab(i, ctx) {
  const name = ctx.query.get("span") in SPANS ? ctx.query.get("span") : "hour", span = SPANS[name];
  const base = `#/integrations/${encodeURIComponent(i.id)}/statistics`;
  const body = h("div", {class: "charts"});
  const load = async (ask) => {
    const end = Math.ceil(Date.now() / 1000 / span.every) * span.every, begin = end - span.length;
    const items = await statistics({integration: i.id, from: new Date(begin * 1000).toISOString(), to: new Date(end * 1000).toISOString(), step: span.step}, ctx.signal, ask);
    const times = Array.from({length: span.length / span.every}, (_, k) => begin + k * span.every);
    const iso = times.map((t) => new Date(t * 1000).toISOString());
    const line = (title, key) => ({name: title, values: put(items, times, span.every, (x, was) => was + x[key])});
    const rate = (s) => ({...s, values: s.values.map((v) => v / span.every)});
    const causes = mostCauses(items);
    replace(body, chart({title: "Rate, segments a second", times: iso, series: [rate(line("handed over", "handed")), rate(line("accepted", "accepted"))]}),
            chart({title: "Results by cause", times: iso, series: [line("delivered", "delivered"), ...causes.map((c) => (
              {name: c, values: put(items, times, span.every, (x, was) => was + (x.failed[c] || 0))}))]}),
            chart({title: "From hand-over to receipt", times: iso, series: latency(items, times, span.every, "receiptSeconds"), format: seconds}),
            chart({title: "From hand-over to answer", times: iso, series: latency(items, times, span.every, "answerSeconds"), format: seconds}), totals(items));
  };
  const start = async () => {
    try { await load(get); } catch (e) { if (e.name === "AbortError") throw e; replace(body, errorNotice(e, start)); }
  };
  await start();
  const timer = setInterval(() => load(watch).catch(() => {}), 60000);
  ctx.signal.addEventListener("abort", () => clearInterval(timer));
  return [tabs("Time", Object.entries(SPANS).map(([k, s]) => [`${base}?span=${k}`, s.title]), `${base}?span=${name}`), body];
}
