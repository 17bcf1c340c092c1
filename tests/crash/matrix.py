"""A run of twelve steps, killed at each of its flushes, before and after, and at each of its calls.

Each call that may not be repeated must reach its receiver once, or the run must say that it does not know."""

import json
import os
import re
import struct
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from process import program
from scene import Failed, require
from server import Server, free_port
from shifted_clock import sanitizer_of

PROGRAM = """rules:
  - call: order
    with: { item: "{{ event.item }}" }
    on_error: continue
  - call: look
    with: { item: "{{ event.item }}" }
    on_error: continue
  - call: ship
    with: { item: "{{ event.item }}" }
    on_error: continue
"""
ONCE = ("order", "ship")
STEPS = 12
NEVER = 1 << 40
UNKNOWN = "outcome_unknown"


class Receiver:
    """Where the effects are: what came, and a hook that is called before anything is answered."""

    def __init__(self):
        self.came = []
        self.on_call = lambda name: None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                name, item = self.path.strip("/").split("/", 1)
                receiver.came.append((name, item, self.headers.get("Idempotency-Key"), body))
                receiver.on_call(name)
                reply = json.dumps({"done": name}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_POST = answer

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

    def count(self, name, item):
        return sum(1 for came in self.came if came[:2] == (name, item))

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


def plain(text, item):
    """Without what differs from run to run: times, durations, ids, the event's own item."""
    text = re.sub(r'"[a-z_]+_[0-9a-hjkmnp-tv-z]+(-\d+)*"', '"id"', text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "time", text)
    text = re.sub(r'"(createdAt|updatedAt|durationMs|receivedAt)": ?\d+', r'"\1": 0', text)
    return text.replace(item, "item")


def differences(whole, got):
    """Of two transcripts; what a call that nobody knows the outcome of says is none."""
    if len(whole) != len(got):
        return [f"{len(got)} messages instead of {len(whole)}"]
    return [f"{after} instead of {before}" for before, after in zip(whole, got)
            if before != after and UNKNOWN not in after]


def complaints(effects, transcript, whole, state):
    """What is wrong with a run that was killed and went on: `effects` is how often each call came."""
    found = differences(whole, transcript)
    unknown = sum(1 for message in transcript if UNKNOWN in message)
    missing = sum(1 for name in ONCE if effects[name] == 0)
    found += [f"{name} came {effects[name]} times" for name in ONCE if effects[name] > 1]
    if missing > unknown:
        found.append(f"{missing} calls did not come, {unknown} are called unknown")
    if effects["look"] == 0:
        found.append("what may be repeated was not")
    if state != "succeeded":
        found.append(f"the run ended as {state}")
    return found


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
            self.trigger = self.server.add_trigger(self.add_bot())
        except BaseException:
            self.close()
            raise

    def start(self):
        self.point.set(0, 1)
        self.server = Server(self.folder, port=self.port, token=self.token, env={
            **self.point.environment(), "BELLPULL_EGRESS_ALLOW": "127.0.0.1"})
        self.token = self.server.token

    def add_bot(self):
        skillset = self.server.api("POST", "/skillset/create", {"name": "matrix"})["id"]
        for name, method in (("order", "POST"), ("look", "GET"), ("ship", "POST")):
            self.server.api("POST", f"/skillset/{skillset}/ability/create", {
                "name": name, "description": name,
                "instruction": f"```fetch\n{method} http://127.0.0.1:{self.receiver.port}/{name}/"
                               "$[item!|what]\n\n```"})
        return self.server.api("POST", "/bot/create", {
            "name": "matrix", "model": "builtin/rules", "backstory": PROGRAM,
            "skillsetId": skillset})["id"]

    def send(self):
        """The item of the event, and whether it was acknowledged."""
        self.number += 1
        item = f"item{self.number:05}x"
        url = f"http://127.0.0.1:{self.port}{self.trigger.path}"
        sent = subprocess.run(
            ["curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", "-H",
             f"Authorization: Bearer {self.trigger.secret}", "-H", "Content-Type: application/json",
             "-d", json.dumps({"item": item}), url], capture_output=True, text=True, check=False)
        return item, sent.stdout == "200"

    def event_of(self, item):
        rows = self.server.query("select id from events where cast(body as text) like ?1", f"%{item}%")
        return rows[0][0] if rows else None

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

    def effects(self, item):
        return {name: self.receiver.count(name, item) for name in (*ONCE, "look")}

    def go_on(self):
        """Until the killed process is gone; then another takes over."""
        self.server.child.wait(20)
        self.start()

    def close(self, keep=False):
        if self.server is not None:
            self.server.kill()
        self.receiver.close()
        if keep:
            print(f"kept: {self.base}")
        else:
            subprocess.run(["rm", "-rf", str(self.base)], check=False)


def matrix(_cycles, seed, box):
    scene = box(MatrixScene(seed))
    scene.point.set(NEVER, 1)
    item, acknowledged = scene.send()
    require(acknowledged, "an event is taken")
    event = scene.event_of(item)
    scene.wait_for_end(event)
    flushes = NEVER - scene.point.left()
    steps, whole = scene.transcript(event, item)
    require(steps == STEPS, f"the run has {STEPS} steps: {steps}")
    require(scene.effects(item) == {"order": 1, "ship": 1, "look": 1}, "each call comes once")
    require(flushes >= STEPS // 2, f"the run has flushes to be killed at: {flushes}")

    unknown = unacknowledged = 0
    cases = [("flush", number, side) for number in range(1, flushes + 1) for side in (1, 2)]
    cases += [("call", name, 0) for name in (*ONCE, "look")]
    for kind, where, side in cases:
        name = f"killed at {kind} {where}" + {0: "", 1: ", before", 2: ", after"}[side]
        if kind == "call":
            victim = scene.server
            scene.receiver.on_call = lambda call, victim=victim, where=where: (
                victim.child.kill() if call == where else None)
        else:
            scene.point.set(where, side)
        item, acknowledged = scene.send()
        if kind == "call" or scene.point.left() == 0 or not acknowledged:
            scene.go_on()
        else:  # the flush is still to come
            end = time.monotonic() + 20
            while scene.server.is_alive() and time.monotonic() < end and scene.point.left() > 0:
                time.sleep(0.002)
            if scene.server.is_alive() and scene.point.left() > 0:
                scene.point.set(0, 1)  # it flushed less often this time
            else:
                scene.go_on()
        scene.receiver.on_call = lambda name: None
        event = scene.event_of(item)
        if event is None:
            require(not acknowledged, f"{name}: an acknowledged event is there")
            unacknowledged += 1
            continue
        state, _ = scene.wait_for_end(event)
        _, messages = scene.transcript(event, item)
        found = complaints(scene.effects(item), messages, whole, state)
        require(not found, f"{name}: " + "; ".join(found))
        unknown += any(UNKNOWN in message for message in messages)
    require(unknown >= len(ONCE), f"a call that was killed under way is called unknown: {unknown}")
    print(f"matrix: {STEPS} steps, {flushes} flushes, killed at {len(cases)} points: {unknown} runs do not know an "
          f"outcome, {unacknowledged} events were never acknowledged; each call came once, or is unknown")
