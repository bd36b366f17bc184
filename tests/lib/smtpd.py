"""tests/lib/smtpd.py PORT CERT KEY FOLDER - a real SMTP server (aiosmtpd) with STARTTLS. It turns each mail away once
for now (451), then takes it and writes it to FOLDER as JSON."""
import json
import pathlib
import ssl
import sys
import time

from aiosmtpd.controller import Controller

port, cert, key, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(cert, key)


class Handler:
    turned_away = set()

    async def handle_DATA(self, server, session, envelope):
        to = envelope.rcpt_tos[0]
        if to not in self.turned_away:
            self.turned_away.add(to)
            return "451 Not now"
        (folder / f"{time.time_ns()}.json").write_text(
            json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
                        "content": envelope.content.decode()}))
        return "250 OK"


controller = Controller(Handler(), hostname="127.0.0.1", port=port, tls_context=tls, require_starttls=True)
controller.start()
print("ready", flush=True)
while True:
    time.sleep(60)
