# SPDX-License-Identifier: BSD-3-Clause
"""Writes configuration files in Kannel's grammar."""


def group(name, values):
    """One group. None: the key is left out; a list: the key several times."""
    lines = [f"group = {name}"]
    for key, value in values.items():
        key = key.replace("_", "-")
        if value is None:
            continue
        if value is True or value is False:
            value = "yes" if value else "no"
        text = str(value)
        if text == "" or any(c in text for c in " #\\/;:\"'") or text != text.strip():
            text = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        lines.append(f"{key} = {text}")
    return "\n".join(lines) + "\n\n"
