"""An SMTP server that keeps what it takes, by Message-ID as a mail store does."""

import socketserver
import threading


class MailServer:
    def __init__(self):
        self.mails = {}
        self.repeated = 0
        self._lock = threading.Lock()
        server = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                server._converse(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Session)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="smtp", daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _converse(self, session):
        def say(text):
            session.wfile.write(text.encode() + b"\r\n")

        try:
            say("220 faults")
            while line := session.rfile.readline():
                word = line.strip().split(b" ")[0].upper()
                if word == b"EHLO":
                    say("250 faults")
                elif word in (b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"):
                    say("250 ok")
                elif word == b"DATA":
                    say("354 go on")
                    lines = []
                    while (line := session.rfile.readline()) and line.rstrip(b"\r\n") != b".":
                        lines.append(line.rstrip(b"\r\n"))
                    self._keep(lines)
                    say("250 kept")
                elif word == b"QUIT":
                    return say("221 bye")
                else:
                    say("502 unknown")
        except OSError:
            pass

    def _keep(self, lines):
        name = next((line.split(b":", 1)[1].strip().decode() for line in lines if line.lower().startswith(b"message-id:")), "")
        with self._lock:
            if name in self.mails:
                self.repeated += 1
            self.mails[name] = b"\n".join(lines)
