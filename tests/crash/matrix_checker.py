"""What a crash must not do to a run, and what a matrix must have done to say so. Knows no server."""

import re
from typing import NamedTuple

ONCE = ("order", "ship")  # calls that may not be repeated
AGAIN = ("keep",)
UNKNOWN = "outcome_unknown"


class Case(NamedTuple):
    """Where a server is to die: at which of its flushes, before (1) or after it (2), or in which call."""
    kind: str
    where: int | str
    side: int = 0

    def __str__(self):
        return f"killed at {self.kind} {self.where}" + {0: "", 1: ", before", 2: ", after"}[self.side]


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


def key_complaints(came):
    """Every try of a call brings the same key, and no other call does."""
    found = [f"{name} came without a key" for name, keys in came.items() if not all(keys)]
    found += [f"{name} came with {len(set(keys))} keys" for name, keys in came.items() if len(set(keys)) > 1]
    used = [key for keys in came.values() for key in set(keys) if key]
    if len(used) > len(set(used)):
        found.append("two calls have the same key")
    return found


def complaints(came, transcript, whole, state, once=ONCE, again=AGAIN):
    """What is wrong with a run that was killed and went on: `came` has the keys that each call came with."""
    found = differences(whole, transcript) + key_complaints(came)
    unknown = sum(1 for message in transcript if UNKNOWN in message)
    missing = sum(1 for name in once if not came[name])
    found += [f"{name} came {len(came[name])} times" for name in once if len(came[name]) > 1]
    if missing > unknown:
        found.append(f"{missing} calls did not come, {unknown} are called unknown")
    if not all(came[name] for name in again):
        found.append("what may be repeated was not")
    if state != "succeeded":
        found.append(f"the run ended as {state}")
    return found


def unreached(cases, killed, flushes):
    """The points at which no server died, though one was to. The run's last flush may be one too many: two of its
    commits share one where the disk is slow."""
    return [str(case) for case in cases
            if case not in killed and not (case.kind == "flush" and case.where == flushes)]
