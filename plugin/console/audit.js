// SPDX-License-Identifier: BSD-3-Clause
// Audit: who changed what, the newest first.

import {h, orNone, said, time} from "./dom.js";
import {list} from "./parts.js";

const COLUMNS = [
  {title: "Time", cell: (r) => time(r.time)}, {title: "Who", cell: (r) => said(r.who)},
  {title: "What", cell: (r) => said(r.action)}, {title: "About", cell: (r) => orNone(r.entity)},
  {title: "Detail", class: "long", cell: (r) => orNone(r.detail)},
];

async function render(ctx) {
  return [h("h1", null, "Audit"),
          await list({ctx, path: "/audit", from: "/v1/audit", columns: COLUMNS, caption: "Audit", empty: "Nobody changed anything yet."})];
}

export const screen = {path: "/audit", title: "Audit", pages: [{at: "", needs: ["audit"], render}]};
