"""The matrix's checker must complain about what a crash must not do to a run."""

from matrix import UNKNOWN, complaints
from scene import require

WHOLE = ["instruction", "order done", "look done", "ship done", "settled"]
ONCE_EACH = {"order": 1, "look": 1, "ship": 1}
AS_UNKNOWN = [*WHOLE[:3], f"ship {UNKNOWN}", WHOLE[4]]

# effects, transcript, state; and the complaint, nothing for a life that is well.
LIVES = {
    "nothing happened": (ONCE_EACH, WHOLE, "succeeded", None),
    "a call that came is not known to have come": (ONCE_EACH, AS_UNKNOWN, "succeeded", None),
    "a call that did not come is not known": (
        {**ONCE_EACH, "ship": 0}, AS_UNKNOWN, "succeeded", None),
    "what may be repeated was": ({**ONCE_EACH, "look": 2}, WHOLE, "succeeded", None),
    "a call came twice": ({**ONCE_EACH, "order": 2}, WHOLE, "succeeded", "order came 2 times"),
    "a call came twice and is unknown": (
        {**ONCE_EACH, "ship": 2}, AS_UNKNOWN, "succeeded", "ship came 2 times"),
    "a call did not come and nobody says so": (
        {**ONCE_EACH, "ship": 0}, WHOLE, "succeeded", "1 calls did not come"),
    "two calls did not come and one is told of": (
        {"order": 0, "look": 1, "ship": 0}, AS_UNKNOWN, "succeeded", "2 calls did not come"),
    "a message is gone": (ONCE_EACH, WHOLE[:-1], "succeeded", "4 messages instead of 5"),
    "a message is doubled": (ONCE_EACH, [*WHOLE, "settled"], "succeeded", "6 messages instead of 5"),
    "a message says something else": (
        ONCE_EACH, [*WHOLE[:3], "ship failed", WHOLE[4]], "succeeded", "instead of ship done"),
    "a call was left out": ({**ONCE_EACH, "look": 0}, WHOLE, "succeeded", "may be repeated"),
    "the run was given up": (ONCE_EACH, WHOLE, "dead", "ended as dead"),
}


def matrix_self_test():
    for name, (effects, transcript, state, expected) in LIVES.items():
        found = complaints(effects, transcript, WHOLE, state)
        if expected is None:
            require(not found, f"the matrix takes that {name}: {found}")
        else:
            require(any(expected in one for one in found), f"the matrix sees that {name}: {found}")
    return sum(1 for *_, expected in LIVES.values() if expected)
