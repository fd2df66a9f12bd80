# SPDX-License-Identifier: BSD-3-Clause
"""What a browser does with the admin port, without one: the console's header, its cookie."""

import http.client
import json
import socket
import ssl
import threading

from .byobox import ADMIN_PASSWORD
from .process import wait_for


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


class Stream:
    """GET /v1/stream, read in the background. messages: (kind, value) in order; last_id as a browser keeps it."""

    def __init__(self, browser, last_id=None, headers=None):
        headers = dict(headers or {})
        if last_id is not None:
            headers["Last-Event-ID"] = last_id
        self.messages, self.last_id, self.ended = [], last_id, False
        self.connection = browser.connect()
        # An EventSource cannot have the console's header.
        self.connection.request("GET", "/v1/stream", headers=browser.own_headers({"X-Byobox-Console": None, **headers}))
        self.sock = self.connection.sock
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        if self.status == 200:
            self.thread = threading.Thread(target=self._read, daemon=True)
            self.thread.start()
        else:
            self.error = json.loads(self.answer.read())["error"]
            self.connection.close()

    def _read(self):
        kind, data = "message", []
        try:
            for line in self.answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "" and value == "" and data:
                    self.messages.append((kind, json.loads("\n".join(data))))
                if line == b"\n":
                    kind, data = "message", []
                elif name == "event":
                    kind = value
                elif name == "data":
                    data.append(value)
                elif name == "id":
                    self.last_id = value
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass
        self.ended = True

    def of(self, kind):
        return [value for k, value in list(self.messages) if k == kind]

    def wait(self, kind, count=1, timeout=20):
        wait_for(lambda: len(self.of(kind)) >= count or self.ended, timeout,
                 lambda: f"{count} of {kind}, there are {len(self.of(kind))}")
        return self.of(kind)

    def wait_ended(self, timeout=20):
        wait_for(lambda: self.ended, timeout, "the stream's end")

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.connection.close()
