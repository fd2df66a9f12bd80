// SPDX-License-Identifier: BSD-3-Clause
// Runs tests/browser/*.test.mjs, in the order of their names.

import {readdirSync} from "node:fs";
import {runAll} from "./lib.mjs";

const here = new URL(".", import.meta.url);
for (const file of readdirSync(here).filter((f) => f.endsWith(".test.mjs")).sort()) await import(new URL(file, here));
process.exit(await runAll());
