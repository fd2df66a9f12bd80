# SPDX-License-Identifier: BSD-3-Clause
"""Words for the life of integrations: what the admin API shows of one, and waiting for it."""

from .case import Case
from .process import wait_for

# Links take a moment of bearerbox's (its own pause between two tries is a second here) and one look of ours.
SOON = 60  # a refused bind is tried again after 30 s, a lost one after 10


class LifeCase(Case):
    limit = 120

    def up(self, **options):
        """A running installation; `integrations`, `carrier` and so on as Installation takes them."""
        return self.new_site(**options).start()

    def show(self, site, id_="carrier-a"):
        status, answer = site.byobox.get(f"/v1/integrations/{id_}")
        self.assertEqual(status, 200, answer)
        return answer

    def wait_state(self, site, state, id_="carrier-a", **more):
        """Until the integration is in that state and every field of `more` is as given."""
        def there():
            now = self.show(site, id_)
            return now if now["state"] == state and all(now[k] == v for k, v in more.items()) else None
        return wait_for(there, SOON, lambda: f"{id_} {state} {more}: {self.show(site, id_)}",
                        [site.byobox.process])

    def wait_active(self, site, id_="carrier-a", binds=1):
        """Active, every bind of it."""
        wait_for(lambda: self.show(site, id_)["binds"]["online"] == binds, SOON,
                 lambda: f"{binds} bind(s) of {id_}: {self.show(site, id_)}", [site.byobox.process])
        return self.wait_state(site, "active", id_, degraded=False)

    def act(self, site, verb, id_="carrier-a"):
        method, path = ("DELETE", "") if verb == "delete" else ("POST", "/" + verb)
        status, answer = site.byobox.api(method, f"/v1/integrations/{id_}{path}")
        self.assertIn(status, (200, 202), answer)
        return answer

    def off(self, site, id_="carrier-a"):
        self.act(site, "deactivate", id_)
        return self.wait_state(site, "inactive", id_)

    def events(self, site, definition, entity="carrier-a"):
        status, answer = site.byobox.get(f"/v1/events?entity={entity}&definition={definition}")
        self.assertEqual(status, 200, answer)
        return answer["items"]

    def states_told(self, site, id_="carrier-a"):
        """[(previous, current)] of the events, oldest first."""
        return [(e["previous"], e["current"]) for e in reversed(self.events(site, "integration-state", id_))]

    def wait_event(self, site, definition, entity="carrier-a"):
        return wait_for(lambda: self.events(site, definition, entity), SOON, f"event {definition}",
                        [site.byobox.process])[0]
