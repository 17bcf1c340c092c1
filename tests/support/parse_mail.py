"""What a mail says to whom reads it: the mail on standard input, JSON on standard output.

Python's parser is the judge: it knows nothing of who wrote the mail.
"""
import email
import email.policy
import json
import sys

mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)


def addresses(name):
    return [[one.display_name, one.addr_spec] for field in mail.get_all(name, []) for one in field.addresses]


def defects(part):
    found = [type(one).__name__ for one in part.defects]
    for field in part.values():
        found += [type(one).__name__ for one in getattr(field, "defects", [])]
    return found


parts = [part for part in mail.walk() if not part.is_multipart()]
json.dump({
    "names": [name.lower() for name in mail.keys()],
    "subject": mail["subject"],
    "messageId": mail["message-id"],
    "date": mail["date"],
    "type": mail.get_content_type(),
    "from": addresses("from"),
    "to": addresses("to"),
    "cc": addresses("cc"),
    "replyTo": addresses("reply-to"),
    "parts": [{"type": part.get_content_type(), "text": part.get_content().replace("\r\n", "\n")} for part in parts],
    "defects": [one for part in mail.walk() for one in defects(part)],
}, sys.stdout)
