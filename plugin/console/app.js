// SPDX-License-Identifier: BSD-3-Clause
// The console's first file.
document.getElementById("main").textContent = "byobox";
