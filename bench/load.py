"""The load generator, bench_load, as a process with a report."""

import json

from process import Process, Trouble, program


class Load(Process):
    def __init__(self, log, port, path, secret, *, connections, seconds, rate=0, size=300, first=1,
                 count=0, sessions=0, keys=False, repeat=False, journal=None):
        self.report_from = log.stat().st_size if log.exists() else 0
        command = [program("bench_load"), "--port", str(port), "--path", path, "--secret", secret,
                   "--connections", str(connections), "--seconds", str(seconds),
                   "--rate", str(rate), "--bytes", str(size), "--first", str(first),
                   "--count", str(count), "--sessions", str(sessions)]
        command += ["--keys"] if keys else []
        command += ["--repeat"] if repeat else []
        command += ["--journal", str(journal)] if journal else []
        super().__init__(command, log)

    def report(self, seconds=600):
        code = self.child.wait(seconds)
        with open(self.log, "rb") as log:
            log.seek(self.report_from)
            text = log.read().decode()
        if code != 0:
            raise Trouble(f"bench_load failed: {text}")
        return json.loads(text.strip().splitlines()[-1])
