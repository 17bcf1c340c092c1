"""A run of twelve steps, killed at each of its flushes, before and after, and at each of its calls.

Each call that may not be repeated must reach its receiver once, or the run must say that it does not know; each that
may be must bring the key of its first try. Then runs of other kinds are killed (matrix_runs.py)."""

import json
import os
import signal
import struct
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from matrix_checker import AGAIN, ONCE, UNKNOWN, Case, complaints, plain, unreached
from matrix_runs import other_runs
from process import program
from scene import Failed, require
from server import Server, free_port
from shifted_clock import sanitizer_of

PROGRAM = """rules:
  - call: order
    with: { item: "{{ event.item }}" }
    on_error: continue
  - call: keep
    with: { item: "{{ event.item }}" }
    on_error: continue
  - call: ship
    with: { item: "{{ event.item }}" }
    on_error: continue
"""
METHODS = {"order": "POST", "keep": "PUT", "ship": "POST"}
STEPS = 12
TRIES = 5  # at one point: how many steps share a flush is a matter of timing
NEVER = 1 << 40


class Came(NamedTuple):
    name: str
    item: str
    key: str | None
    at: float


class Receiver:
    """Where the effects are: what came, and a hook that is called before anything is answered."""

    def __init__(self):
        self.came = []
        self.on_call = lambda name, item: None
        self.replies = {}  # bytes, by name; else JSON
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                name, item = self.path.strip("/").split("/", 1)
                receiver.came.append(Came(name, item, self.headers.get("Idempotency-Key"), time.time()))
                receiver.on_call(name, item)
                raw = receiver.replies.get(name)
                reply = raw or json.dumps({"done": name}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain" if raw else "application/json")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            do_PUT = do_POST = answer

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass  # its caller was killed

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, name, item):
        return [came for came in self.came if came[:2] == (name, item)]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class CrashPoint:
    def __init__(self, folder, binary):
        self.before = sanitizer_of(binary)
        self.library = folder / "crash_point.so"
        source = Path(__file__).with_name("crash_point.c")
        built = subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(self.library), str(source)],
                               capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise Failed(f"{source} can't be built: {built.stderr}")
        self.path = folder / "crash_point"
        self.set(0, 1)

    def environment(self):
        return {"LD_PRELOAD": " ".join([*self.before, str(self.library)]),
                "CRASH_POINT_FILE": str(self.path)}

    def set(self, flushes, side):
        mode = "r+b" if self.path.exists() else "w+b"
        with open(self.path, mode) as file:
            file.write(struct.pack("=qq", flushes, side))

    def left(self):
        return struct.unpack("=qq", self.path.read_bytes())[0]


class MatrixScene:
    def __init__(self, _seed):
        self.base = Path(tempfile.mkdtemp(prefix="bellpull-crash-"))
        self.folder = self.base / "data"
        self.port = free_port()
        self.receiver = Receiver()
        self.server = self.token = None
        self.number = 0
        try:
            self.point = CrashPoint(self.base, program("bellpull"))
            self.start()
            self.trigger = self.add_trigger(PROGRAM, {
                name: self.call_of(method, name) for name, method in METHODS.items()})
        except BaseException:
            self.close()
            raise

    def start(self):
        self.point.set(0, 1)
        self.server = Server(self.folder, port=self.port, token=self.token, env={
            **self.point.environment(), "BELLPULL_EGRESS_ALLOW": "127.0.0.1"})
        self.token = self.server.token

    def call_of(self, method, name, host="127.0.0.1"):
        return f"```fetch\n{method} http://{host}:{self.receiver.port}/{name}/$[item!|what]\n\n```"

    def add_trigger(self, program, abilities):
        """With a bot of these rules; abilities are instructions by name."""
        skillset = self.server.api("POST", "/skillset/create", {"name": "matrix"})["id"]
        for name, instruction in abilities.items():
            self.server.api("POST", f"/skillset/{skillset}/ability/create", {
                "name": name, "description": name, "instruction": instruction})
        return self.server.add_trigger(self.server.api("POST", "/bot/create", {
            "name": "matrix", "model": "builtin/rules", "backstory": program, "skillsetId": skillset})["id"])

    def send(self, trigger=None, query=""):
        """The item of the event, and whether it was acknowledged."""
        trigger = trigger or self.trigger
        self.number += 1
        item = f"item{self.number:05}x"
        url = f"http://127.0.0.1:{self.port}{trigger.path}{query}"
        sent = subprocess.run(
            ["curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", "-H",
             f"Authorization: Bearer {trigger.secret}", "-H", "Content-Type: application/json",
             "-d", json.dumps({"item": item}), url], capture_output=True, text=True, check=False)
        return item, sent.stdout == "200"

    def event_of(self, item):
        rows = self.server.query("select id from events where cast(body as text) like ?1", f"%{item}%")
        return rows[0][0] if rows else None

    def is_over(self, item):
        event = self.event_of(item)
        return event is not None and self.server.query("select state from runs where id = ?1", event)[0][0] > 3

    def wait_for_end(self, event):
        end = time.monotonic() + 30
        while True:
            state, reason, conversation = self.server.query(
                "select state, reason, conversation from runs where id = ?1", event)[0]
            if state > 3:
                return ["succeeded", "failed", "incomplete", "canceled", "dead"][state - 4], conversation
            require(time.monotonic() < end, f"the run ends ({state}, {reason})")
            time.sleep(0.02)

    def transcript(self, event, item):
        steps = self.server.query("select number, kind, content from steps where run = ?1 order by number",
                                  event)
        shown = self.server.api("GET", f"/conversation/{self.conversation_of(event)}/message/list?take=100&order=asc")
        messages = [plain(json.dumps({"type": one["type"], "text": one["text"], "meta": one.get("meta")},
                                     sort_keys=True), item) for one in shown["items"]]
        return len(steps), messages

    def conversation_of(self, event):
        listed = self.server.api("GET", "/event/inbox/list?take=100")["items"]
        for one in listed:
            if self.number_of(one["id"]) == event:
                return one["conversationId"]
        raise Failed(f"event {event} is not in the inbox")

    def number_of(self, event_id):
        digits = "0123456789abcdefghjkmnpqrstvwxyz"
        number = 0
        for digit in event_id.split("_")[1]:
            number = number * 32 + digits.index(digit)
        return number

    def keys(self, item, names=(*ONCE, *AGAIN)):
        return {name: [came.key for came in self.receiver.of(name, item)] for name in names}

    def kill_in(self, call):
        """The server dies as soon as that call has come."""
        victim = self.server
        self.receiver.on_call = lambda name, item: victim.child.kill() if name == call else None

    def go_on(self):
        """Once the killed process is gone, another takes over."""
        died = self.server.child.wait(20)
        self.receiver.on_call = lambda name, item: None
        require(died == -signal.SIGKILL, f"the server was killed, and did not end by itself: {died}")
        self.start()

    def close(self, keep=False):
        if self.server is not None:
            self.server.kill()
        self.receiver.close()
        if keep:
            print(f"kept: {self.base}")
        else:
            subprocess.run(["rm", "-rf", str(self.base)], check=False)


def kill_at(scene, case):
    """One event under a server that is to die there: its item, whether it was acknowledged, whether one died."""
    if case.kind == "call":
        scene.kill_in(case.where)
    else:
        scene.point.set(case.where, case.side)
    item, acknowledged = scene.send()
    end = time.monotonic() + 20
    while scene.server.is_alive() and time.monotonic() < end:
        if scene.is_over(item):
            break
        time.sleep(0.005)
    if scene.server.is_alive():
        time.sleep(0.1)  # its last flush may be under way
        scene.point.set(0, 1)
        time.sleep(0.02)
    died = not scene.server.is_alive()
    if died:
        scene.go_on()
    return item, acknowledged, died


def judge(scene, name, item, whole):
    """Of a run that ends; gives whether it does not know an outcome."""
    event = scene.event_of(item)
    state, _ = scene.wait_for_end(event)
    _, messages = scene.transcript(event, item)
    found = complaints(scene.keys(item), messages, whole, state)
    require(not found, f"{name}: " + "; ".join(found))
    return any(UNKNOWN in message for message in messages)


def whole_run(scene):
    """The transcript of a run that nobody kills, and how often it flushes."""
    scene.point.set(NEVER, 1)
    item, acknowledged = scene.send()
    require(acknowledged, "an event is taken")
    event = scene.event_of(item)
    scene.wait_for_end(event)
    flushes = NEVER - scene.point.left()
    steps, whole = scene.transcript(event, item)
    require(steps == STEPS, f"the run has {STEPS} steps: {steps}")
    found = complaints(scene.keys(item), whole, whole, "succeeded")
    require(not found and all(len(keys) == 1 for keys in scene.keys(item).values()), f"each call comes once: {found}")
    require(flushes >= STEPS // 2, f"the run has flushes to be killed at: {flushes}")
    return whole, flushes


def matrix(_cycles, seed, box):
    scene = box(MatrixScene(seed))
    whole, flushes = whole_run(scene)
    cases = [Case("flush", number, side) for number in range(1, flushes + 1) for side in (1, 2)]
    cases += [Case("call", name) for name in METHODS]
    killed = []
    unknown = unacknowledged = 0
    for case in cases:
        for _ in range(TRIES):
            item, acknowledged, died = kill_at(scene, case)
            if scene.event_of(item) is None:
                require(not acknowledged, f"{case}: an acknowledged event is there")
                unacknowledged += 1
            else:
                unknown += judge(scene, case, item, whole)
            if died:
                killed.append(case)
                break
    missed = unreached(cases, killed, flushes)
    require(not missed, f"a server dies at each point: it did not at {missed}")
    require(unknown >= len(ONCE), f"a call that was killed under way is called unknown: {unknown}")
    others = other_runs(scene)
    print(f"matrix: {STEPS} steps, {flushes} flushes, killed at {len(killed)} of {len(cases)} points: {unknown} runs do "
          f"not know an outcome, {unacknowledged} events were never acknowledged; each call came once, or again with "
          f"its key, or is unknown; {others} kills in runs that wait, call two at once, or hear no text")
