# SPDX-License-Identifier: BSD-3-Clause
"""A kannel.conf that bearerbox reads while it is written in place (host H17; docs/user-guide.md)."""

from byo.life import LifeCase
from byo.process import wait_for


class HalfAFile(LifeCase):
    def test_links_in_the_rest_of_it_are_closed_until_it_is_read_again(self):
        site = self.up(binds=1)
        self.wait_active(site)
        whole = site.bearerbox.conf.read_text()
        site.bearerbox.conf.write_text(whole[:whole.index("include")])
        site.bearerbox.command("graceful-restart")
        wait_for(lambda: site.bearerbox.status() is not None and not site.bearerbox.links(), 30,
                 lambda: f"the links to be closed: {site.bearerbox.links()}")
        edited = site.bearerbox.conf.with_suffix(".new")
        edited.write_text(whole)
        edited.replace(site.bearerbox.conf)
        wait_for(lambda: site.bearerbox.online("carrier-a") == 1, 60, "byobox to have it read once more")
        self.wait_active(site)
        told = [e for e in site.byobox.get("/v1/events")[1]["items"] if e["name"] == "bearerbox-differs"]
        self.assertEqual(told, [])
