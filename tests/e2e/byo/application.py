# SPDX-License-Identifier: BSD-3-Clause
"""The application behind smsbox: a HTTP server that collects reports (dlr-url) and messages (get-url,
post-url), and gives smsbox the answers a test asks for."""

import threading
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# smsbox fills these in (userguide, "Parameters (escape codes) in delivery report URL").
_FIELDS = {"type": "%d", "text": "%A", "from": "%p", "to": "%P", "time": "%T", "smsc": "%i", "fid": "%F",
           "id": "%I", "meta": "%D", "account": "%o", "service": "%n", "coding": "%c", "udh": "%u",
           "charset": "%C", "cause": "%#byo#cause#", "code": "%#byo#code#"}


def parse_meta(text):
    """'?group?key=value&...' -> {group: {key: value}}; values as text."""
    groups, pieces = {}, text.split("?")
    for name, pairs in zip(pieces[1::2], pieces[2::2]):
        group = groups.setdefault(name.lower(), {})
        for pair in pairs.split("&"):
            if pair:
                key, _, value = pair.partition("=")
                group[key.lower()] = urllib.parse.unquote_plus(value)
    return groups


def parse_query(query):
    """Query text -> {name: octets}."""
    values = {}
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            values[name] = urllib.parse.unquote_to_bytes(value.replace("+", " "))
    return values


@dataclass
class Request:
    path: str
    values: dict       # query parameters, octets
    headers: dict
    body: bytes
    number: int = 0
    meta: dict = field(default_factory=dict)

    def __getitem__(self, name):
        return self.values.get(name, b"").decode("utf-8", "replace")

    @property
    def type(self):
        return int(self["type"])

    @property
    def byo(self):
        return self.meta.get("byo", {})

    @property
    def segment(self):
        """0: a report of the whole message."""
        return int(self.byo.get("segment", 0))

    def __repr__(self):
        values = {k: v for k, v in self.values.items() if k != "meta"}
        return f"<{self.path} {values} byo={self.byo}>"


class Application:
    def __init__(self, port=0):
        self.changed = threading.Condition()
        self.requests = []
        self.answer = lambda request: b""  # the body smsbox gets, or (status, body)
        app = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _take(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                split = urllib.parse.urlsplit(self.path)
                values = parse_query(split.query)
                meta = values.get("meta", b"").decode("utf-8", "replace")
                meta = meta or self.headers.get("X-Kannel-Meta-Data", "")
                request = Request(split.path, values, dict(self.headers.items()), body,
                                  meta=parse_meta(meta))
                with app.changed:
                    request.number = len(app.requests)
                    app.requests.append(request)
                    app.changed.notify_all()
                reply = app.answer(request)
                status, reply = reply if isinstance(reply, tuple) else (200, reply)
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; charset=UTF-8")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_POST = _take

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # smsbox was killed in the middle of a request

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # -- URLs smsbox shall call ---------------------------------------------------------------
    def url(self, path, **more):
        query = "&".join(f"{k}={v}" for k, v in {**more, **_FIELDS}.items())
        return f"http://127.0.0.1:{self.port}{path}?{query}"

    def dlr_url(self, ref):
        return self.url("/dlr", ref=ref)

    # -- what came ----------------------------------------------------------------------------
    def wait(self, predicate, timeout=20, what="requests of smsbox"):
        with self.changed:
            value = self.changed.wait_for(predicate, timeout)
        if not value:
            raise AssertionError(f"not within {timeout} s: {what}; the last were {self.requests[-8:]}")
        return value

    def reports(self, ref=None):
        return [r for r in list(self.requests) if r.path == "/dlr" and (ref is None or r["ref"] == ref)]

    def messages(self, path="/mo"):
        return [r for r in list(self.requests) if r.path == path]

    def wait_reports(self, ref, n, timeout=20):
        return self.wait(lambda: len(self.reports(ref)) >= n and self.reports(ref), timeout,
                         f"{n} reports for {ref}, have {self.reports(ref)}")

    def wait_types(self, ref, types, timeout=20):
        """Reports for ref until every type of the list has come that often; all of them."""
        wanted = Counter(types)
        return self.wait(
            lambda: not wanted - Counter(r.type for r in self.reports(ref)) and self.reports(ref),
            timeout, f"reports of types {sorted(types)} for {ref}")

    def wait_messages(self, n, path="/mo", timeout=20):
        return self.wait(lambda: len(self.messages(path)) >= n and self.messages(path), timeout,
                         f"{n} messages at {path}")

    def forget(self):
        with self.changed:
            self.requests = []
            self.answer = lambda request: b""
