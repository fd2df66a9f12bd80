# SPDX-License-Identifier: BSD-3-Clause
"""A test certificate authority, made with the openssl command."""

from pathlib import Path

from .process import run


class TestCA:
    def __init__(self, work, name="Test CA"):
        self.work = Path(work)
        self.certificate, self.key = self.work / "ca.pem", self.work / "ca.key"
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                      "-keyout", self.key, "-out", self.certificate)

    @staticmethod
    def _openssl(*arguments):
        code, _, err = run(["openssl", *arguments])
        if code:
            raise RuntimeError(f"openssl {arguments[0]}: {err}")

    def server(self, host, address="127.0.0.1", days=30):
        """(certificate file, key file) for a server of that name."""
        cert, key = self.work / f"{host}.pem", self.work / f"{host}.key"
        request, extensions = self.work / f"{host}.csr", self.work / f"{host}.ext"
        extensions.write_text(f"subjectAltName = DNS:{host}, IP:{address}\n")
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={host}", "-keyout", key,
                      "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                      "-CAcreateserial", "-days", str(days), "-extfile", extensions, "-out", cert)
        return cert, key
