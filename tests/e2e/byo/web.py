# SPDX-License-Identifier: BSD-3-Clause
"""What a browser does with the admin port, without one: the console's header, its cookie."""

import http.client
import json
import ssl

from .byobox import ADMIN_PASSWORD


class Browser:
    """One person's browser at a Byobox: keeps the cookie it is given. console False: a page without the header."""

    def __init__(self, byobox, source=None, console=True):
        self.byobox, self.source, self.console = byobox, source, console
        self.cookie = None   # its value
        self.set_cookie = None   # the last Set-Cookie line
        self.headers = {}    # of the last answer

    def connect(self, timeout=20):
        where = {"source_address": (self.source, 0)} if self.source else {}
        if self.byobox.keys.get("admin-ssl-cert-file"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return http.client.HTTPSConnection("127.0.0.1", self.byobox.admin_port, timeout=timeout, context=context,
                                               **where)
        return http.client.HTTPConnection("127.0.0.1", self.byobox.admin_port, timeout=timeout, **where)

    def own_headers(self, more=None):
        headers = {"X-Byobox-Console": "1"} if self.console else {}
        if self.cookie is not None:
            headers["Cookie"] = f"byobox-session={self.cookie}"
        headers.update(more or {})
        return {name: value for name, value in headers.items() if value is not None}

    def ask(self, method, path, body=None, headers=None):
        """(status, JSON value or text); headers override, None leaves one out."""
        if body is not None:
            headers = {"Content-Type": "application/json", **(headers or {})}
            body = body if isinstance(body, (bytes, str)) else json.dumps(body)
        connection = self.connect()
        try:
            connection.request(method, path, body, self.own_headers(headers))
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        self.headers = answer.headers
        if answer.headers["Set-Cookie"]:
            self.set_cookie = answer.headers["Set-Cookie"]
            value = self.set_cookie.split(";")[0].partition("=")[2]
            self.cookie = value or None
        if "json" in (answer.headers["Content-Type"] or ""):
            return answer.status, json.loads(data)
        return answer.status, data.decode("utf-8", "replace")

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def login(self, username="admin", password=ADMIN_PASSWORD):
        return self.ask("POST", "/v1/session", {"username": username, "password": password})[0]

    def logout(self):
        return self.ask("DELETE", "/v1/session")[0]
