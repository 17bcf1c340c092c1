"""A Bellpull server under measurement, and its API."""

import http.client
import json
import os
import secrets
import socket
import sqlite3
import time
from pathlib import Path

from process import Process, Trouble, program


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server(Process):
    """`serve` on a data directory. With `port` it comes back on the same one after a restart."""

    def __init__(self, folder, *options, port=0, token=None, env=None, wrapper=()):
        self.folder = Path(folder)
        self.token = token or "sk-" + secrets.token_hex(32)
        log = self.folder.parent / (self.folder.name + ".log")
        after = log.stat().st_size if log.exists() else 0
        command = [*wrapper, program("bellpull"), "serve", "--listen", f"127.0.0.1:{port}",
                   "--data", str(folder), *options]
        self.log_from = after
        # Settings of whoever calls us are not part of what is measured.
        ours = {name: value for name, value in os.environ.items()
                if not name.startswith(("BELLPULL_", "OPENAI_"))}
        super().__init__(command, log,
                         env={**ours, "BELLPULL_ADMIN_TOKEN": self.token, **(env or {})})
        try:
            url = self.wait_for_line("listening on http://", after=after)
            self.port = int(url.split()[0].rsplit(":", 1)[1].strip("/"))
            self.wait_until_ready()
        except BaseException:
            self.kill()
            raise
        self.ready_after_s = time.monotonic() - self.started

    @property
    def database(self):
        return self.folder / "bellpull.db"

    def wait_until_ready(self, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.status_of("/readyz") == 200:
                return
            time.sleep(0.002)
        raise Trouble("the server does not get ready: " + str(self.log))

    def status_of(self, path, timeout=5):
        """The status of a GET, or 0 when there is no answer."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0

    def text_of(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        return connection.getresponse().read().decode()

    def api(self, method, path, body=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        text = None if body is None else json.dumps(body)
        connection.request(method, "/api/v1" + path, text, {
            "Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
        reply = connection.getresponse()
        answer = reply.read().decode()
        if reply.status != 200:
            raise RuntimeError(f"{method} {path}: {reply.status} {answer}")
        return json.loads(answer)

    def add_bot(self, model="builtin/demo"):
        return self.api("POST", "/bot/create", {
            "name": "measured", "model": model, "backstory": "Settle every event."})["id"]

    def add_trigger(self, bot, name="measured"):
        """Where to send its events, and its secret."""
        made = self.api("POST", "/integration/trigger/create", {
            "name": name, "botId": bot, "authenticate": True,
            "sessionDuration": 24 * 3600 * 1000})
        return Trigger(made["id"], made["secret"])

    def query(self, sql, *values):
        """Rows of the data file, read beside the running server or after it."""
        return query(self.database, sql, *values)

    def pending(self):
        return self.query("select count(*) from runs where state <= 3")[0][0]

    def wait_until_drained(self, seconds):
        end = time.monotonic() + seconds
        while self.pending() > 0:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True


def query(database, sql, *values):
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


class Trigger:
    def __init__(self, id, secret):
        self.id = id
        self.secret = secret
        self.path = f"/api/v1/integration/trigger/{id}/event"
