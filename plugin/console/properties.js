// SPDX-License-Identifier: BSD-3-Clause
// The properties of an integration as people read them. What they are, which values they may have and what they do, the
// API says (/v1/properties); here stand the words for screens: names, the article's names, groups.

import {badge, none, said} from "./dom.js";

const ARTICLE = {
  name: "Name", notes: "Notes", smscAddress: "SMSC Address", smscPort: "SMSC Port", inboundPlusPrefix: "Inbound Plus Prefix",
  outboundPlusPrefix: "Outbound Plus Prefix", addressTon: "Address TON", addressNpi: "Address NPI",
  destinationTon: "Default Destination Address TON", destinationNpi: "Default Destination Address NPI",
  messagesPerSecond: "Messages per Second", bindType: "Bind Type", systemId: "System ID", password: "Password",
};

const WORDS = {smsc: "SMSC", ton: "TON", npi: "NPI", tls: "TLS", ssl: "TLS", id: "ID", ca: "CA", msg: "message", addr: "address"};

const TON = {0: "unknown", 1: "international", 2: "national", 3: "network specific", 4: "subscriber", 5: "alphanumeric", 6: "abbreviated"};
const NPI = {0: "unknown", 1: "ISDN (E.164)", 3: "data (X.121)", 4: "telex (F.69)", 6: "land mobile (E.212)", 8: "national", 9: "private", 10: "ERMES", 18: "WAP client"};

const ACCOUNT = ["smscAddress", "smscPort", "allowCustomPort", "useTls", "bindType", "binds", "messagesPerSecond", "allowCustomRate", "ourHost"];
const ADDRESSES = ["inboundPlusPrefix", "outboundPlusPrefix", "addressTon", "addressNpi", "destinationTon", "destinationNpi", "homeCountry"];
const RETRY = ["reports", "receiptTimeout", "oneReceiptPerMessage", "msgIdMatch", "receiptErrors", "concatReference", "retryTries", "retryDelay",
               "retryMaxDelay", "retryFor", "queueLimit", "activationTimeout"];
const KNOWN = new Set(["name", "notes", ...ACCOUNT, ...ADDRESSES, ...RETRY, "systemId", "password"]);

// In this order on the screens; what this page does not know yet stands among the last.
export const GROUPS = [
  {id: "details", title: "Details", has: (n) => n === "name" || n === "notes", open: true},
  {id: "account", title: "Connection", has: (n) => ACCOUNT.includes(n), open: true},
  {id: "credentials", title: "Credentials", has: (n) => n === "systemId" || n === "password", open: true},
  {id: "addresses", title: "Addresses", has: (n) => ADDRESSES.includes(n), open: true},
  {id: "retry", title: "Reports, retries, queue", has: (n) => RETRY.includes(n)},
  {id: "rest", title: "For carriers with wishes", has: (n) => !KNOWN.has(n)},
];

export const articleName = (p) => ARTICLE[p.name] || null;

export function label(p) {
  const words = (p.name || p.key).replace(/([A-Z])/g, " $1").split(/[ -]/).map((w) => WORDS[w.toLowerCase()] || w.toLowerCase());
  const text = words.join(" ");
  return text[0].toUpperCase() + text.slice(1);
}

// A value with what it means.
export function meaning(name, value) {
  const table = /ton$/i.test(name) ? TON : /npi$/i.test(name) ? NPI : null;
  return table && table[value] ? `${value} – ${table[value]}` : String(value);
}

export function shown(p, value) {
  if (value === null || value === undefined || value === "") return none();
  if (typeof value === "boolean") return badge(value ? "yes" : "no", value ? "good" : "idle");
  if (typeof value === "object") return said(JSON.stringify(value));
  return said(meaning(p.name, value));
}
