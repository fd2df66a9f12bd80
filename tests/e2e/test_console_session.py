# SPDX-License-Identifier: BSD-3-Clause
"""Sessions of the console: begun with a password, carried by a cookie, ended for good; what a browser must not be
talked into."""

import signal

from byo import conf
from byo.alone import Alone
from byo.byobox import ADMIN_PASSWORD, STATUS_PASSWORD, basic, program
from byo.process import run, wait_for
from byo.web import Browser

ATTACKER, OTHER = "127.0.0.2", "127.0.0.3"
NUMBER = {"number": "+12025550121", "integration": "carrier-a", "type": "local"}


class Session(Alone):
    def browser(self, *login, **more):
        browser = Browser(self.byobox, **more)
        if login:
            self.assertEqual(browser.login(*login), 204)
        return browser

    def test_a_session_from_login_to_logout(self):
        browser = self.browser()
        self.assertEqual(browser.get("/v1/session")[0], 401)
        self.assertEqual(browser.login(), 204)
        name, *attributes = (part.strip() for part in browser.set_cookie.split(";"))
        self.assertRegex(name, "^byobox-session=[0-9a-f]{64}$")
        self.assertEqual(attributes, ["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=43200"])
        status, answer = browser.get("/v1/session")
        self.assertEqual((status, answer["username"]), (200, "admin"))
        self.assertLessEqual({"view", "numbers", "audit", "add", "edit", "send-test"}, set(answer["permissions"]))
        self.assertEqual(browser.ask("POST", "/v1/numbers", NUMBER)[0], 201)
        self.assertEqual(browser.ask("DELETE", "/v1/numbers/+12025550121")[0], 200)
        audit = browser.get("/v1/audit")[1]["items"][0]
        self.assertEqual((audit["who"], audit["action"]), ("admin", "number delete"))
        gone = browser.cookie
        self.assertEqual(browser.logout(), 204)
        self.assertIsNone(browser.cookie)
        self.assertIn("Max-Age=0", browser.set_cookie)
        browser.cookie = gone
        self.assertEqual(browser.get("/v1/session")[0], 401)
        self.assertEqual(browser.get("/v1/numbers")[0], 401)

    def test_each_user_may_what_he_may(self):
        browser = self.browser("status", STATUS_PASSWORD)
        self.assertEqual(browser.get("/v1/session")[1], {"username": "status", "permissions": ["status"]})
        self.assertEqual(browser.get("/v1/status")[0], 200)
        status, answer = browser.get("/v1/numbers")
        self.assertEqual((status, answer["error"]["code"]), (403, "not-allowed"))

    def test_a_browser_is_never_asked_by_its_own_window(self):
        """No WWW-Authenticate for /v1/session, with a cookie, or with the console's header; else there is one."""
        console, page = self.browser(), self.browser(console=False)
        page.get("/v1/numbers")
        self.assertIn("Basic", page.headers["WWW-Authenticate"])
        page.ask("GET", "/v1/numbers", headers=basic("admin", "wrong"))
        self.assertIn("Basic", page.headers["WWW-Authenticate"])
        planted = {"Cookie": "byobox-session=x"}
        for browser, method, path, headers in (
                (console, "GET", "/v1/numbers", {}), (console, "GET", "/v1/nothing", {}),
                (console, "GET", "/v1/numbers", basic("admin", "wrong")),
                (page, "GET", "/v1/session", {}), (page, "DELETE", "/v1/session", {}),
                (page, "GET", "/v1/session", basic("admin", "wrong")),
                (page, "GET", "/v1/numbers", planted), (page, "GET", "/v1/numbers", {**planted, **basic("a", "b")})):
            self.assertEqual(browser.ask(method, path, headers=headers)[0], 401)
            self.assertIsNone(browser.headers["WWW-Authenticate"], (method, path, headers))
        self.assertEqual(page.login("admin", "wrong"), 401)
        self.assertIsNone(page.headers["WWW-Authenticate"])

    def test_a_remembered_password_does_not_stand_in_for_a_session(self):
        """A browser adds what was once typed into its own window, to the console's requests, too."""
        browser = self.browser()
        for headers in (basic("admin", ADMIN_PASSWORD), {**basic("admin", ADMIN_PASSWORD),
                                                         "Cookie": "byobox-session=" + "0" * 64}):
            self.assertEqual(browser.get("/v1/session", headers=headers)[0], 401)
        browser.login("status", STATUS_PASSWORD)
        self.assertEqual(browser.get("/v1/session", headers=basic("admin", ADMIN_PASSWORD))[1]["username"], "status")
        # Programs go on as ever; a live session goes before the password.
        program_ = self.browser(console=False)
        self.assertEqual(program_.get("/v1/session", headers=basic("admin", ADMIN_PASSWORD))[1]["username"], "admin")
        program_.cookie = browser.cookie
        self.assertEqual(program_.get("/v1/session", headers=basic("admin", ADMIN_PASSWORD))[1]["username"], "status")
        program_.cookie = "0" * 64
        self.assertEqual(program_.get("/v1/session", headers=basic("admin", ADMIN_PASSWORD))[1]["username"], "admin")

    def test_a_cookie_from_elsewhere_is_never_taken_over(self):
        """Fixation: the session is new at each login, and the one before it ends."""
        browser = self.browser()
        browser.cookie = planted = "a" * 64
        self.assertEqual(browser.login(), 204)
        first = browser.cookie
        self.assertNotEqual(first, planted)
        self.assertEqual(browser.login(), 204)
        self.assertNotEqual(browser.cookie, first)
        for dead in (planted, first, "", "a", first + "a", first.upper(), first[:-1]):
            browser.cookie = dead
            self.assertEqual(browser.get("/v1/session")[0], 401, dead)

    def test_cookies_beside_it(self):
        browser = self.browser("admin", ADMIN_PASSWORD)
        token = browser.cookie
        for cookie, status in ((f"a=b; byobox-session={token}; c=d", 200), (f"a=b;byobox-session={token}", 200),
                               (f"xbyobox-session={token}", 401), (f"Byobox-Session={token}", 401),
                               (f"byobox-session={token}; byobox-session={token}", 401),
                               (f"byobox-session=x; byobox-session={token}", 401), (f'byobox-session="{token}"', 401)):
            self.assertEqual(browser.get("/v1/session", headers={"Cookie": cookie})[0], status, cookie)

    def test_a_foreign_page_gets_nothing_done_and_nothing_told(self):
        browser = self.browser("admin", ADMIN_PASSWORD)
        port = self.byobox.admin_port
        here = f"http://127.0.0.1:{port}"
        login = {"username": "admin", "password": ADMIN_PASSWORD}
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
                        {"Origin": "http://127.0.0.1"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": ""},
                        {"Sec-Fetch-Site": "same-site"}, {"Origin": here, "Sec-Fetch-Site": "cross-site"},
                        {"Origin": f"http://evil.example/{here}"}, {"Origin": here + ".evil.example"}):
            for method, path, body in (("POST", "/v1/numbers", NUMBER), ("POST", "/v1/session", login),
                                       ("DELETE", "/v1/session", None), ("GET", "/v1/session", None),
                                       ("GET", "/v1/numbers", None)):
                status, answer = browser.ask(method, path, body, headers=headers)
                self.assertEqual((status, answer["error"]["code"]), (403, "foreign-origin"), (headers, method, path))
            self.assertEqual(browser.get("/", headers=headers)[0], 200)  # a link to it is fine
        for headers in ({}, {"Origin": here}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"},
                        {"Origin": here, "Sec-Fetch-Site": "same-origin"},
                        {"Host": "byobox.example", "Origin": "https://byobox.example"},
                        {"Host": "byobox.example:443", "Origin": "https://BYOBOX.example"},
                        {"Host": "byobox.example", "Origin": "http://byobox.example:80"}):
            self.assertEqual(browser.ask("POST", "/v1/drain", headers=headers)[0], 200, headers)
            self.assertEqual(browser.ask("DELETE", "/v1/drain", headers=headers)[0], 200, headers)
        for headers in ({"Host": "byobox.example:80", "Origin": "https://byobox.example"},
                        {"Host": "byobox.example:8443", "Origin": "https://byobox.example"}):
            self.assertEqual(browser.ask("POST", "/v1/drain", headers=headers)[0], 403, headers)

    def test_f1_wrong_passwords_count_as_ever(self):
        def failures():
            return int(next(line for line in self.byobox.get("/metrics")[1].splitlines()
                            if line.startswith("byobox_auth_failures_total ")).split()[1])
        before, guesser = failures(), self.browser(source=ATTACKER)
        self.assertEqual([guesser.login("admin", f"guess-{n}") for n in range(12)], [401] * 10 + [429] * 2)
        self.assertGreater(int(guesser.headers["Retry-After"]), 0)
        self.assertEqual(failures() - before, 12)
        self.assertEqual(self.browser(source=OTHER).login(), 204)
        # Both ways are one: the name waits for HTTP Basic, too.
        self.assertEqual(self.browser(source=ATTACKER, console=False).get(
            "/v1/status", headers=basic("admin", "guess"))[0], 429)

        def told():
            return ATTACKER in {e["current"] for e in self.byobox.get("/v1/events?definition=BYO-0701")[1]["items"]}
        wait_for(told, 10, "the event login-failed")
        self.assertNotIn("guess-", self.byobox.log.read_text())

    def test_a_login_that_makes_no_sense(self):
        browser = self.browser()
        for body, status in (("{", 400), ("[]", 400), ({"username": "admin"}, 400), ({"password": "x"}, 400),
                             ({"username": 1, "password": "x"}, 400), ({"username": "a\0b", "password": "x"}, 400),
                             ({"username": "admin", "password": "x", "more": 1}, 400),
                             ({"username": "n" * 2000, "password": "x" * 2000}, 401),
                             ({"username": "", "password": ""}, 401),
                             ({"username": "admin", "password": "x" * 4096}, 413)):
            self.assertEqual(browser.ask("POST", "/v1/session", body)[0], status, str(body)[:60])
        login = {"username": "admin", "password": ADMIN_PASSWORD}
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            self.assertEqual(browser.ask("POST", "/v1/session", login, headers={"Content-Type": kind})[0], 415)
        self.assertEqual(browser.ask("PUT", "/v1/session", login)[0], 401)
        self.assertIsNone(browser.cookie)


class Users(Alone):
    """Users that come, change and go."""

    def users(self, **passwords):
        groups = ""
        for name, password in passwords.items():
            code, out, err = run([program("byoctl"), "hash-password"], stdin=password.encode() + b"\n")
            self.assertEqual(code, 0, err)
            groups += conf.group("byo-user", {"username": name, "password-hash": out.strip(), "permissions": "view"})
        self.byobox.conf.write_text(self.byobox.text() + groups)
        loaded = self.byobox.log.read_text().count("configuration-loaded")
        self.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: self.byobox.log.read_text().count("configuration-loaded") > loaded, 20, "the reload")

    def test_a_changed_password_ends_sessions_and_a_reload_does_not(self):
        self.users(ann="old", ben="same")
        ann, ben = Browser(self.byobox), Browser(self.byobox)
        self.assertEqual((ann.login("ann", "old"), ben.login("ben", "same")), (204, 204))
        self.users(ann="new")
        self.assertEqual(ann.get("/v1/session")[0], 401)  # the password is another one
        self.assertEqual(ben.get("/v1/session")[0], 401)  # nobody any more
        self.assertEqual((ann.login("ann", "old"), ann.login("ann", "new")), (401, 204))
        loaded = self.byobox.log.read_text().count("configuration-loaded")
        self.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: self.byobox.log.read_text().count("configuration-loaded") > loaded, 20, "the reload")
        self.assertEqual(ann.get("/v1/session")[0], 200)


class Tls(Alone):
    @classmethod
    def more_keys(cls):
        cert, key = cls.work / "tls.pem", cls.work / "tls.key"
        code, _, err = run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                            "-nodes", "-days", "2", "-subj", "/CN=byobox", "-keyout", key, "-out", cert])
        assert code == 0, err
        return {"admin-ssl-cert-file": cert, "admin-ssl-key-file": key}

    def test_under_tls_the_cookie_is_secure(self):
        browser = Browser(self.byobox)
        self.assertEqual(browser.login(), 204)
        self.assertIn("Secure", [part.strip() for part in browser.set_cookie.split(";")])
        self.assertEqual(browser.get("/v1/session")[0], 200)
        self.assertEqual(browser.logout(), 204)
        self.assertIn("Secure", [part.strip() for part in browser.set_cookie.split(";")])
