// SPDX-License-Identifier: BSD-3-Clause
// What happens, as it happens: one stream (/v1/stream) for the page. A stream that is refused (there are too many) or
// that ends makes the page ask whose session it is, and look at the status itself until there is a stream again.

import {watch} from "./api.js";

const AGAIN = 5000;
const listeners = {status: new Set(), event: new Set(), state: new Set()};
const rates = new Map();
let source = null, timer = null, wanted = false, mayStatus = false, lastStatus = null;
let turn = 0; // one from start to stop: an answer of an earlier one says nothing about this

function tell(kind, value) {
  listeners[kind].forEach((then) => then(value));
}

// Segments a second of each integration, between two looks.
function measure(before, now) {
  const between = before ? (new Date(now.now) - new Date(before.now)) / 1000 : 0;
  rates.clear();
  for (const i of now.integrations) {
    const was = before && before.integrations.find((x) => x.id === i.id);
    if (between > 0 && was && was.counters && i.counters && i.counters.segmentsOut >= was.counters.segmentsOut)
      rates.set(i.id, (i.counters.segmentsOut - was.counters.segmentsOut) / between);
  }
}

export const measured = (id) => rates.get(id);

function take(kind, message) {
  let value;
  try { value = JSON.parse(message.data); } catch { return; }
  if (kind === "status") {
    measure(lastStatus, value);
    lastStatus = value;
  }
  tell(kind, value);
}

async function ended() {
  if (!wanted) return;
  if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN); // else the browser does so
  tell("state", "waiting");
  const mine = turn;
  try {
    await watch("/v1/session");
    const status = mayStatus ? await watch("/v1/status") : null;
    if (turn !== mine) return;
    if (status) take("status", {data: JSON.stringify(status)});
    if (source.readyState !== EventSource.OPEN) tell("state", "off");
  } catch (e) {
    if (turn !== mine) return;
    if (e.status === 401) window.dispatchEvent(new Event("session-ended"));
    else tell("state", "lost");
  }
}

function open() {
  if (!wanted) return;
  source = new EventSource("/v1/stream");
  source.addEventListener("open", () => tell("state", "live"));
  source.addEventListener("status", (m) => take("status", m));
  source.addEventListener("event", (m) => take("event", m));
  source.addEventListener("error", ended);
}

export function start(permissions) {
  stop();
  mayStatus = permissions.has("status");
  // Who may see neither gets no stream.
  wanted = mayStatus || permissions.has("events");
  if (wanted) open();
  else tell("state", "none");
}

export function stop() {
  wanted = false;
  turn++;
  lastStatus = null;
  rates.clear();
  clearTimeout(timer);
  if (source) source.close();
}

export const newest = () => lastStatus;

// Until signal is aborted.
export function listen(kind, then, signal) {
  listeners[kind].add(then);
  signal.addEventListener("abort", () => listeners[kind].delete(then));
}
