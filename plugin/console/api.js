// SPDX-License-Identifier: BSD-3-Clause
// The API of this very server (docs/openapi.yaml), with the session's cookie. No other address is ever asked.

export class ApiError extends Error {
  constructor(status, body, answer) {
    const error = (body && body.error) || {};
    super(status === 401 ? "Your session was over before this was done. Log in, then do it again." :
          error.message || (status ? `The server answered ${status}.` : "byobox does not answer, so this was perhaps not done. Is it running, is the network up? Look, then try again."));
    this.status = status;
    this.code = error.code || "";
    this.field = error.field || null;
    this.faults = (body && (body.faults || error.faults)) || [];
    this.body = body;
    this.retryAfter = answer ? answer.headers.get("Retry-After") : null;
  }
}

let whenEnded = () => {};
export function onSessionEnd(then) { whenEnded = then; }

export function address(path, query) {
  const given = Object.entries(query || {}).filter(([, v]) => v !== undefined && v !== null && v !== "");
  const params = new URLSearchParams();
  for (const [name, value] of given) [].concat(value).forEach((v) => params.append(name, v));
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

async function ask(method, path, options) {
  const headers = {"X-Byobox-Console": options.watch ? "watch" : "1", ...(options.headers || {})};
  let body;
  if (options.csv !== undefined) [body, headers["Content-Type"]] = [options.csv, "text/csv"];
  else if (options.text !== undefined) [body, headers["Content-Type"]] = [options.text, "application/json"];
  else if (options.body !== undefined) [body, headers["Content-Type"]] = [JSON.stringify(options.body), "application/json"];
  try {
    return await fetch(address(path, options.query), {method, headers, body, signal: options.signal,
                                                      credentials: "same-origin", redirect: "error", cache: "no-store"});
  } catch (e) {
    if (e.name === "AbortError") throw e;
    throw new ApiError(0, null, null);
  }
}

// An answer that breaks off is none; one nobody waits for any more is that.
async function content(answer) {
  if (answer.status === 204) return null;
  try {
    return await ((answer.headers.get("Content-Type") || "").includes("json") ? answer.json() : answer.text());
  } catch (e) {
    if (e.name === "AbortError") throw e;
    throw new ApiError(0, null, null);
  }
}

// options: query, body (JSON), text (JSON as text), csv, headers, signal, whole (the answer's headers, too), watch (nobody
// asked for it but the page itself: it is no use of the session).
export async function api(method, path, options = {}) {
  const answer = await ask(method, path, options);
  const value = await content(answer);
  if (answer.ok) return options.whole ? {value, headers: answer.headers, status: answer.status} : value;
  if (answer.status === 401 && path !== "/v1/session") whenEnded();
  throw new ApiError(answer.status, value, answer);
}

export const get = (path, query, signal) => api("GET", path, {query, signal});
export const watch = (path, query, signal) => api("GET", path, {query, signal, watch: true});

// Every page of a CSV, one text; the head line once.
export async function csv(path, query) {
  const parts = [];
  let page;
  do {
    const {value, headers} = await api("GET", path, {query: {...query, format: "csv", page}, whole: true});
    parts.push(parts.length ? value.slice(value.indexOf("\n") + 1) : value);
    page = headers.get("Byobox-Next");
  } while (page);
  return parts.join("");
}

export const idPath = (path, id) => `${path}/${encodeURIComponent(id)}`;
