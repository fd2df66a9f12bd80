# SPDX-License-Identifier: BSD-3-Clause
"""The console's files as the admin port serves them: open, packed, remembered by browsers, within their policy."""

import gzip
import http.client
import re
import subprocess
import tempfile
from pathlib import Path

from byo.byobox import TOP
from byo.case import Case

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
# What a browser loads for the console, packed; a person on a train waits for it.
MOST = 150_000


class Assets(Case):
    options = {}

    def ask(self, path, method="GET", **headers):
        """(status, headers, body); names of headers with _ for -."""
        connection = http.client.HTTPConnection("127.0.0.1", self.site.byobox.admin_port, timeout=10)
        try:
            connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def files(self):
        """name -> octets, of the console's folder as it was built."""
        listed = re.search(r"^CONSOLE_FILES =((?:.*\\\n)*.*)", (TOP / "plugin/console/local.mk").read_text(), re.M)
        names = listed.group(1).replace("\\\n", " ").split()
        return {Path(name).name: (TOP / name).read_bytes() for name in names}

    def test_the_page_and_its_files_are_open_and_whole(self):
        for name, data in self.files().items():
            path = "/" if name == "index.html" else f"/assets/{name}"
            status, headers, body = self.ask(path)
            self.assertEqual((status, body), (200, data), path)
            self.assertEqual(headers["Content-Length"], str(len(data)))
            self.assertIsNone(headers["Content-Encoding"])
            status, headers, body = self.ask(path, "HEAD")
            self.assertEqual((status, body, headers["Content-Length"]), (200, b"", str(len(data))))

    def test_each_has_its_type_and_the_policy(self):
        types = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8",
                 "css": "text/css; charset=utf-8", "svg": "image/svg+xml", "txt": "text/plain; charset=utf-8",
                 "md": "text/plain; charset=utf-8", "json": "application/json"}
        for path in ["/"] + [f"/assets/{name}" for name in self.files() if name != "index.html"]:
            _, headers, _ = self.ask(path)
            self.assertEqual(headers["Content-Type"], types["html" if path == "/" else path.rsplit(".", 1)[1]])
            self.assertEqual(headers["Content-Security-Policy"], POLICY)
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["Link"], '<https://spdx.org/licenses/BSD-3-Clause.html>; rel="license"')
            self.assertEqual(headers["Referrer-Policy"], "same-origin")
            self.assertEqual(headers["Cross-Origin-Resource-Policy"], "same-origin")
            self.assertIsNone(headers["Set-Cookie"])
            self.assertIsNone(headers["WWW-Authenticate"])
        # An answer of the API opened in a browser is under the same rules.
        for path, status in (("/health", 200), ("/v1/status", 401), ("/assets/none.js", 404)):
            got, headers, _ = self.ask(path)
            self.assertEqual((got, headers["Content-Security-Policy"]), (status, POLICY))

    def test_packed_when_the_browser_takes_it(self):
        for accept in ("gzip", "gzip, deflate, br", "br;q=1, gzip ; q=0.5", "GZIP;q=1.0"):
            status, headers, body = self.ask("/", Accept_Encoding=accept)
            self.assertEqual((status, headers["Content-Encoding"]), (200, "gzip"), accept)
            self.assertEqual(gzip.decompress(body), self.files()["index.html"])
            self.assertEqual(headers["Vary"], "Accept-Encoding")
        for accept in ("identity", "deflate", "gzip;q=0", "gzip; q=0.000, br", "*;q=0", "xgzip", ",,", ""):
            status, headers, body = self.ask("/", Accept_Encoding=accept)
            self.assertEqual((status, headers["Content-Encoding"]), (200, None), accept)
            self.assertEqual(body, self.files()["index.html"])

    def test_a_browser_that_has_it_is_told_so(self):
        _, plain, _ = self.ask("/")
        _, packed, _ = self.ask("/", Accept_Encoding="gzip")
        self.assertNotEqual(plain["ETag"], packed["ETag"])
        self.assertEqual(plain["Cache-Control"], "no-cache")
        for match in (plain["ETag"], f'"other", {plain["ETag"]}', "W/" + plain["ETag"], "*"):
            status, headers, body = self.ask("/", If_None_Match=match)
            self.assertEqual((status, body, headers["ETag"]), (304, b"", plain["ETag"]), match)
            self.assertIsNone(headers["Content-Length"])
        for match in ('"other"', plain["ETag"][:-2] + '"', packed["ETag"], ""):
            self.assertEqual(self.ask("/", If_None_Match=match)[0], 200, match)
        self.assertEqual(self.ask("/", If_None_Match=packed["ETag"], Accept_Encoding="gzip")[0], 304)

    def test_nothing_else_of_these_paths(self):
        for path in ("/assets/", "/assets/local.mk", "/assets/../console/app.js", "/assets/index.html", "/index.html",
                     "/assets/app.js/", "/assets//app.js", "/assets/%61pp.js"):
            self.assertIn(self.ask(path)[0], (401, 404), path)
        self.assertEqual(self.ask("/", "POST")[0], 405)
        self.assertEqual(self.ask("/", "DELETE")[0], 405)
        self.assertEqual(self.ask("/", Accept_Encoding="gzip", Content_Length="3")[0], 400)
        self.assertEqual(self.ask("/?x=1")[0], 200)

    def test_the_whole_of_it_is_light(self):
        total = 0
        for name in self.files():
            _, headers, body = self.ask("/" if name == "index.html" else f"/assets/{name}", Accept_Encoding="gzip")
            self.assertEqual(headers["Content-Encoding"], "gzip")
            total += len(body)
        self.assertLess(total, MOST)

    def test_the_page_asks_for_nothing_from_elsewhere(self):
        """And for nothing the policy forbids: scripts and styles inside the page."""
        page = self.files()["index.html"].decode()
        for tag in re.findall(r"<(?:script|style)\b[^>]*>", page):
            self.assertIn(" src=", tag)
        self.assertIsNone(re.search(r"\son[a-z]+\s*=|\sstyle\s*=|javascript:", page))
        asked = re.findall(r'(?:src|href)="([^"]*)"', page)
        self.assertGreater(len(asked), 0)
        for path in asked:
            self.assertEqual(self.ask("/" + path)[0], 200, path)


class Table(Case):
    """The table as it is made."""

    def make(self, **files):
        work = Path(tempfile.mkdtemp(dir=self.work))
        names = [name.replace("_", ".") for name in files]
        for name, data in zip(names, files.values()):
            (work / name).write_bytes(data)
        done = subprocess.run(["python3", TOP / "plugin/console/make_assets.py", work / "out.c",
                               *(work / name for name in names)], capture_output=True, text=True)
        return done.returncode, done.stderr, (work / "out.c").read_text() if done.returncode == 0 else ""

    def test_the_same_files_make_the_same_table(self):
        one = self.make(a_js=b"// SPDX-License-Identifier: BSD-3-Clause\n\0\xff??=\"\\")
        self.assertEqual(one[0], 0, one[1])
        self.assertEqual(one, self.make(a_js=b"// SPDX-License-Identifier: BSD-3-Clause\n\0\xff??=\"\\"))
        self.assertNotIn("??", one[2])

    def test_without_files_it_is_empty(self):
        self.assertIn("byo_assets_n = 0;", self.make()[2])

    def test_a_file_without_a_licence_or_of_an_odd_kind_is_refused(self):
        self.assertIn("SPDX-License-Identifier", self.make(a_js=b"x")[1])
        self.assertIn("ends in", self.make(a_exe=b"SPDX-License-Identifier: MIT")[1])
