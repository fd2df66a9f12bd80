// SPDX-License-Identifier: BSD-3-Clause
// Status: what is wrong first, with what to do; then each integration, the links, the smsboxes, the store.

import {get, watch} from "./api.js";
import {spark} from "./chart.js";
import {badge, h, none, number, octets, orNone, redraw, replace, said, seconds, time} from "./dom.js";
import * as live from "./live.js";
import {pairs, table} from "./parts.js";
import {statistics} from "./statistics.js";

// Where what is wrong is put right.
function wayOut(problem, known, can) {
  if (known.has(problem.entity)) {
    const links = [h("a", {href: `#/integrations/${encodeURIComponent(problem.entity)}`}, "Look at the integration")];
    if (can("events"))
      links.push(h("a", {href: `#/events?entity=${encodeURIComponent(problem.entity)}`}, "Its events"));
    if (can("view")) links.push(h("a", {href: `#/messages?integration=${encodeURIComponent(problem.entity)}&state=failed`}, "Its failed messages"));
    return links;
  }
  return can("events") ? [h("a", {href: `#/events?entity=${encodeURIComponent(problem.entity)}`}, "Events about it")] : [];
}

function problems(st, ctx) {
  const known = new Set(st.integrations.map((i) => i.id));
  const order = {error: 0, warning: 1};
  if (!st.problems.length)
    return h("div", {class: "allwell"}, h("span", {class: "mark", "aria-hidden": "true"}, "✓"),
             h("div", null, h("strong", null, "Everything works."),
               h("p", null, "Nothing to do.")));
  return h("ul", {class: "problems"}, [...st.problems].sort((a, b) => order[a.level] - order[b.level]).map((p) =>
    h("li", {class: p.level}, badge(p.level), h("div", null, h("strong", null, said(p.entity)), h("p", null, said(p.text.charAt(0).toUpperCase() + p.text.slice(1))),
                                               h("p", {class: "links"}, wayOut(p, known, ctx.can))))));
}

function shownState(i) {
  return i.state === "active" && i.degraded ? badge("degraded") : badge(i.state);
}

function meter(now, limit) {
  const share = limit ? Math.min(1, now / limit) : 0;
  return h("svg", {class: `meter${share > 0.9 ? " high" : ""}`, viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true"},
           h("rect", {class: "back", width: 100, height: 6}), h("rect", {class: "fill", width: (share * 100).toFixed(1), height: 6}));
}

// What goes out now against what is agreed; after a carrier's "too fast" less is allowed for a while.
export function rateText(i) {
  if (!i.rate) return "–";
  const slowed = i.rate.now < i.rate.limit ? h("span", {class: "sub"}, ` slowed to ${number(i.rate.now)}`) : null;
  return [`${number(live.measured(i.id))} of ${number(i.rate.limit)} /s`, slowed];
}

// Here; and of all byoboxes of the database, for the carrier counts these.
export function bindsText(i) {
  const b = i.binds, here = b.known ? `${b.online} of ${b.wanted}` : "not known";
  return i.nodes.length < 2 ? here : [here, h("span", {class: "sub"}, ` at all nodes ${b.onlineAllNodes} of ${b.wantedAllNodes}`)];
}

// Who of several byoboxes is there. n: of the status, or of an integration.
export function nodeName(n) {
  return [said(n.node), n.self ? h("span", {class: "sub"}, " this one") : null];
}

export function presence(n) {
  return badge(n.up ? "there" : "missing", n.up ? "good" : "bad");
}

function nodes(st) {
  const columns = [
    {title: "Node", cell: nodeName}, {title: "Host", cell: (n) => said(n.host)}, {title: "Now", cell: presence},
    {title: "Quiet for", class: "num", cell: (n) => (n.up ? none() : seconds(n.quietSeconds))}];
  return st.nodes && st.nodes.length > 1 ? h("section", {class: "card full"}, h("h2", null, "Nodes"), table(columns, st.nodes, "Nodes")) : null;
}

function card(i, curve) {
  const q = i.queue || {};
  return h("article", {class: "card integration"},
           h("header", null, h("h3", null, h("a", {href: `#/integrations/${encodeURIComponent(i.id)}`}, said(i.id))), shownState(i),
             i.pendingChanges ? h("span", {class: "badge warn", title: "The next activation applies them"}, "pending changes") : null),
           i.name ? h("p", {class: "sub"}, said(i.name)) : null,
           h("dl", {class: "facts"},
             h("div", null, h("dt", null, "Binds"), h("dd", null, bindsText(i))),
             h("div", null, h("dt", null, "Rate"), h("dd", null, rateText(i), i.rate ? meter(live.measured(i.id) || 0, i.rate.limit) : null)),
             h("div", null, h("dt", null, "Queue"), h("dd", null, number(q.queued), q.queued ? h("span", {class: "sub"}, ` oldest ${seconds(q.oldestSeconds)}`) : null)),
             h("div", null, h("dt", null, "Awaiting receipts"), h("dd", null, number(q.waitingForReceipts)))),
           curve ? h("div", {class: "lasthour"}, spark(curve, `Segments handed over in the last hour, by minute, at most ${Math.max(0, ...curve)}`),
                     h("span", {class: "sub"}, "segments handed over, last hour")) : null,
           i.lastError ? h("p", {class: "sub last"}, "Last error ", time(i.lastError.time), ": ", said(i.lastError.text)) : null);
}

function links(st) {
  const b = st.bearerbox;
  const yes = (up) => badge(up ? "up" : "down", up ? "good" : "bad");
  return h("section", {class: "card"}, h("h2", null, "bearerbox"), pairs([
    ["Own link", yes(b.ownLinkUp)], ["Anonymous link", yes(b.anonymousLinkUp)],
    ["Address", `${b.host}:${b.port}`], ["Version", orNone(b.version)], ["Its state", orNone(b.status)],
    b.uptimeSeconds === null ? null : ["Up for", seconds(b.uptimeSeconds)], ["Links opened anew", number(b.reconnects)],
    ["Features", b.features ? said(b.features) : "stock bearerbox, none"], b.why ? ["Why not known", said(b.why)] : null]));
}

function store(st) {
  const s = st.store;
  return h("section", {class: "card"}, h("h2", null, "Store"), pairs([
    ["Writable", badge(s.writable ? "yes" : "no", s.writable ? "good" : "bad")], s.why ? ["Why not", said(s.why)] : null,
    ["Place", said(s.path)], ["Size", octets(s.octets)], ["Numbers", number(s.numbers)], ["Opt-outs", number(s.optOuts)]]));
}

function whole(st) {
  const i = st.inward, w = st.webhook;
  return h("section", {class: "card"}, h("h2", null, "byobox"), pairs([
    ["Version", st.version], ["Up for", seconds(st.uptimeSeconds)], ["Started", time(st.started)],
    st.draining ? ["Draining", [badge("draining", "warn"), " since ", time(st.draining.since), " by ", said(st.draining.by)]] : null,
    ["Waiting for smsboxes", number(i.waiting)], i.waitingFor.length ? ["Missing smsboxes", said(i.waitingFor.map((x) => x || "anonymous").join(", "))] : null,
    ["Refused peers", number(st.refusedPeers)],
    w ? ["Event webhook", w.failingSince ? [badge("failing", "bad"), " since ", time(w.failingSince), ": ", said(w.lastError || "")] : `${number(w.posted)} posted`] : null]));
}

function smsboxes(st) {
  const columns = [
    {title: "smsbox", cell: (s) => said(s.id || "anonymous")}, {title: "From", cell: (s) => said(s.ip)},
    {title: "Passed out", class: "num", cell: (s) => number(s.passedOut)}, {title: "Passed in", class: "num", cell: (s) => number(s.passedIn)},
    {title: "Link to bearerbox", cell: (s) => badge(s.bearerboxLinkUp ? "up" : "down", s.bearerboxLinkUp ? "good" : "warn")}];
  return h("section", {class: "card full"}, h("h2", null, "smsboxes"),
           st.smsboxes.length ? table(columns, st.smsboxes, "smsboxes") : h("p", {class: "empty"}, "No smsbox is connected."));
}

// Segments handed over in each of the last 60 minutes, by integration.
async function curves(ctx, ids, ask) {
  const end = Math.floor(Date.now() / 60000) + 1, out = new Map();
  if (!ctx.can("view") || !ids.length) return out;
  const iso = (minute) => new Date(minute * 60000).toISOString();
  for (const id of ids) out.set(id, new Array(60).fill(0));
  for (const item of await statistics({from: iso(end - 60), to: iso(end), step: "1m"}, ctx.signal, ask)) {
    const line = out.get(item.integration);
    if (line) line[new Date(item.time) / 60000 - (end - 60)] += item.handed;
  }
  return out;
}

async function render(ctx) {
  const first = live.newest() || await get("/v1/status", {}, ctx.signal);
  let lines = new Map();
  const body = h("div", {class: "statusbody"}), stamp = h("p", {class: "stamp"});
  const draw = (st) => {
    const there = st.integrations.filter((i) => i.state !== "deleted"); // the others stand in the list of integrations
    const drawn = redraw(body, problems(st, ctx), h("h2", null, "Integrations"),
            there.length ? h("div", {class: "cards"}, there.map((i) => card(i, lines.get(i.id)))) :
                                     h("p", {class: "empty"}, "There is none yet. ", ctx.can("add") ? h("a", {href: "#/integrations/+"}, "Add one") : null),
            h("div", {class: "cards three"}, whole(st), links(st), store(st)), nodes(st), smsboxes(st));
    if (drawn) replace(stamp, "As of ", time(st.now));
  };
  live.listen("status", draw, ctx.signal);
  const refresh = async (ask) => { lines = await curves(ctx, first.integrations.map((i) => i.id), ask); draw(live.newest() || first); };
  draw(first);
  refresh(get).catch(() => {});
  const timer = setInterval(() => refresh(watch).catch(() => {}), 60000);
  ctx.signal.addEventListener("abort", () => clearInterval(timer));
  return [h("div", {class: "head"}, h("h1", null, "Status"), stamp), body];
}

export const screen = {path: "/status", title: "Status", pages: [{at: "", needs: ["status"], render}]};
