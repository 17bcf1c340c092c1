"""What the senders know: which request got which answer."""

from typing import NamedTuple


class Acknowledged(NamedTuple):
    number: int   # unique over all requests, in the body and in the Idempotency-Key
    session: str  # "-" for none
    event: str    # X-Event-Id


BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


def event_key(text):
    """The number behind an id such as event_3f."""
    number = 0
    for digit in text.removeprefix("event_"):
        number = number * 32 + BASE32.index(digit)
    return number


def body_of(number, size):
    """The same bytes that bench/load/request_text.cpp sends."""
    start = '{"number":"%012d","text":"' % number
    return (start + "x" * max(0, size - len(start) - 2) + '"}').encode()


def read_journal(path, after=0):
    """What was acknowledged from byte `after` on, and where the file ended."""
    with open(path, "rb") as file:
        file.seek(after)
        text = file.read()
    end = text.rfind(b"\n") + 1
    lines = text[:end].decode().splitlines()
    found = [line.split() for line in lines]
    answers = [Acknowledged(int(number), session, event) for number, session, event in found]
    return answers, after + end
