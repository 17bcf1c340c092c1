"""Ten thousand runs that wait for a slow model, and what that costs those who send events."""

import time

from load import Load
from machine import Watch
from process import Process, Trouble, program
from scene import fill, serving
from table import percent, show

INGEST_RATE = 5000


def slow_model(scratch, quick):
    runs, seconds = (1_000, 5) if quick else (10_000, 20)
    model = Process([program("bench_model"), "--delay", "590"], scratch / "model.log")
    try:
        # By name, so that every call goes through the resolver.
        env = {"BELLPULL_OPENAI_BASE_URL":
               f"http://localhost:{model.wait_for_line('listening on ')}/v1"}
        # With as many workers as there are waiting runs, the measured events only queue: in both
        # rows, what they cost is ingest alone.
        rows = [measure(scratch, 0, seconds, model, "0", env),
                measure(scratch, runs, seconds, model, str(runs), env)]
    finally:
        model.kill()
    before, after = rows[0][-2], rows[1][-2]
    show(f"{runs} runs waiting for a slow model, reached by name", [
        "waiting runs", "after s", "anonymous MB (bar 1000)", "ingest p99 ms",
        "CPU/event us", "foreign CPU"],
        [[*row[:4], f"{row[4]:.1f}", row[5]] for row in rows],
        f"Ingest at {INGEST_RATE}/s costs {after / before - 1:+.0%} CPU an event (bar: 15 %).")


def measure(scratch, runs, seconds, model, workers, env):
    with serving(scratch, "--workers", workers, "--openai-timeout", "600s", env=env) as server:
        bot = server.add_bot("slow-model")
        trigger = server.add_trigger(bot)
        start = time.monotonic()
        if runs:
            fill(scratch, server, trigger, runs)
            wait_for_runs(model, runs)
        took = time.monotonic() - start
        watch = Watch(server=server)
        report = Load(scratch / "load.log", server.port, trigger.path, trigger.secret,
                      connections=64, seconds=seconds, rate=INGEST_RATE).report()
        used = watch.read()
        memory = server.anonymous_mb()
        return [runs, f"{took:.1f}", f"{memory:.0f}", f"{report['latency']['p99_ms']:.1f}",
                used["cpu"]["server"] * 1e6 / report["acknowledged"], percent(used["foreign"])]


def wait_for_runs(model, runs, seconds=120):
    end = time.monotonic() + seconds
    waiting = 0
    while time.monotonic() < end:
        lines = [line for line in model.log.read_text().splitlines() if line.startswith("waiting")]
        waiting = int(lines[-1].split()[1]) if lines else 0
        if waiting >= runs:
            return
        time.sleep(0.2)
    raise Trouble(f"only {waiting} of {runs} runs reached the model")
