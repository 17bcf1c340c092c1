"""Runs of other kinds, each killed where it hurts: the matrix goes through one run alone.

A wait, an address that the server fills in, a reply that is no text, and two calls of one answer."""

import time

from matrix_checker import UNKNOWN, complaints
from scene import require


def program(*calls):
    return "rules:\n" + "".join(
        f'  - call: {name}\n    with: {{ item: "{{{{ event.item }}}}" }}\n    on_error: continue\n' for name in calls)


def at_once(*calls):
    return "rules:\n  - call_all:\n" + "".join(
        f'      - call: {name}\n        with: {{ item: "{{{{ event.item }}}}" }}\n        on_error: continue\n'
        for name in calls)


def run(scene, trigger, query=""):
    """One that nobody kills: its transcript."""
    item, acknowledged = scene.send(trigger, query)
    require(acknowledged, "an event is taken")
    event = scene.event_of(item)
    state, _ = scene.wait_for_end(event)
    require(state == "succeeded", f"the run that nobody kills ends well: {state}")
    return scene.transcript(event, item)[1]


def killed_run(scene, name, trigger, names, whole, once, again=(), query=""):
    """One under a hook that kills: its keys and its transcript, once it has ended."""
    item, acknowledged = scene.send(trigger, query)
    require(acknowledged, f"{name}: an event is taken")
    scene.go_on()
    event = scene.event_of(item)
    state, _ = scene.wait_for_end(event)
    _, messages = scene.transcript(event, item)
    keys = scene.keys(item, names)
    found = complaints(keys, messages, whole, state, once, again)
    require(not found, f"{name}: " + "; ".join(found))
    return keys, messages


def wait_for_state(scene, event, wanted):
    end = time.monotonic() + 20
    while True:
        state, due_at = scene.server.query("select state, due_at from runs where id = ?1", event)[0]
        if state == wanted:
            return due_at
        require(time.monotonic() < end, f"the run comes to state {wanted}: {state}")
        time.sleep(0.01)


WAITING = 2
WAIT_MS = 3000


def waiting(scene):
    """The time at which a waiting run goes on is the one it had before the crash, also if that passed meanwhile."""
    trigger = scene.add_trigger(program("order") + "  - call: pause\n" + program("ship").split("\n", 1)[1], {
        "order": scene.call_of("POST", "order"), "pause": f"```wait\n{WAIT_MS // 1000}s\n```",
        "ship": scene.call_of("POST", "ship")})
    for is_late in (False, True):
        item, acknowledged = scene.send(trigger)
        require(acknowledged, "waiting: an event is taken")
        event = scene.event_of(item)
        due_at = wait_for_state(scene, event, WAITING)
        for _ in range(1 if is_late else 2):
            scene.server.child.kill()
            while is_late and time.time() * 1000 < due_at:
                time.sleep(0.01)
            scene.go_on()
            if not is_late and time.time() * 1000 < due_at:
                require(wait_for_state(scene, event, WAITING) == due_at, "a crash does not move the end of a wait")
        state, _ = scene.wait_for_end(event)
        require(state == "succeeded", f"waiting: the run ends well: {state}")
        require([len(scene.receiver.of(name, item)) for name in ("order", "ship")] == [1, 1],
                "waiting: what was done before the wait is not done again")
        shipped = scene.receiver.of("ship", item)[0].at * 1000
        asked = scene.receiver.of("order", item)[0].at * 1000
        require(shipped >= due_at, f"waiting: nothing happens before its time: {due_at - shipped} ms early")
        require(due_at - asked >= WAIT_MS, f"waiting: the wait has its length: {due_at - asked} ms")
        require(shipped - due_at < 20000, f"waiting: it goes on soon after: {shipped - due_at} ms late")
    return 3


def filled_in(scene):
    """A POST whose host the server fills in is a POST all the same."""
    query = "?contact.name=127.0.0.1"
    trigger = scene.add_trigger(program("placed"), {"placed": scene.call_of("POST", "placed", "${CONTACT_NAME}")})
    whole = run(scene, trigger, query)
    scene.kill_in("placed")
    _, messages = killed_run(scene, "a filled-in host", trigger, ("placed",), whole, once=("placed",), query=query)
    require(any(UNKNOWN in message for message in messages), "a filled-in host: the call is called unknown")
    return 1


def no_text(scene):
    """What came as a reply is on record in a form that another process can read."""
    scene.receiver.replies["raw"] = b"caf\xe9 \xff\xfe\x80 \xed\xa0\x80"
    trigger = scene.add_trigger(program("raw", "ship"), {
        name: scene.call_of("POST", name) for name in ("raw", "ship")})
    whole = run(scene, trigger)
    scene.kill_in("ship")
    _, messages = killed_run(scene, "a reply that is no text", trigger, ("raw", "ship"), whole, once=("raw", "ship"))
    require(sum(UNKNOWN in message for message in messages) == 1, "a reply that is no text: it stays known")
    return 1


def two_at_once(scene):
    """Of two calls of one answer, the one that has its result keeps it; the other is unknown, or made again."""
    for method, unknown in (("POST", 1), ("PUT", 0)):
        trigger = scene.add_trigger(at_once("left", "right"), {
            "left": scene.call_of("POST", "left"), "right": scene.call_of(method, "right")})
        # Results are on record in the order in which they came: always left first.
        scene.receiver.on_call = lambda name, item: name == "right" and wait_for_result(scene, item)
        whole = run(scene, trigger)
        victim = scene.server

        def kill(name, item, victim=victim):
            if name == "right":
                wait_for_result(scene, item)
                victim.child.kill()

        scene.receiver.on_call = kill
        once = ("left", "right") if unknown else ("left",)
        again = () if unknown else ("right",)
        name = f"two at once, {method}"
        keys, messages = killed_run(scene, name, trigger, ("left", "right"), whole, once, again)
        found = sum(UNKNOWN in message for message in messages)
        require(found == unknown, f"{name}: {unknown} calls are called unknown: {found}")
        require(len(keys["right"]) == 2 - unknown, f"{name}: the other call came {len(keys['right'])} times")
    return 2


def wait_for_result(scene, item):
    """Until the first of the run's results is recorded."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        event = scene.event_of(item)
        recorded = scene.server.query("select count(*) from steps where run = ?1 and kind = 3", event)[0][0]
        if recorded == 1:
            return
        time.sleep(0.005)


def other_runs(scene):
    """How many servers were killed."""
    return sum(story(scene) for story in (waiting, no_text, two_at_once, filled_in))
