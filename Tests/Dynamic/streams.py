"""Recorded answers of an API server, taken apart into watch events; the bytes stay as they were."""

import json
import re
from dataclasses import dataclass, field

FINAL_CHUNK = b"0\r\n\r\n"
LIST_END = b"k8s.io/initial-events-end"
TOO_OLD = re.compile(rb"too old resource version: \d+ \((\d+)\)")
MAGIC = b"k8s\0"
FIELD_BYTES, FIELD_NUMBER = 2, 0


@dataclass
class Part:
    """Chunks that end where an event ends: nearly always one chunk with one event."""

    raw: bytes  # as it was sent
    end: int  # offset behind it in the recording
    events: list  # (resourceVersion, bytes)

    @property
    def version(self):
        return self.events[-1][0]

    @property
    def list_version(self):
        """That of the bookmark behind the objects that there were; None without it."""
        return next((version for version, data in self.events if LIST_END in data), None)

    def after(self, version):
        """A chunk with the events behind a version."""
        data = b"".join(data for number, data in self.events if number > version)
        return b"%x\r\n%s\r\n" % (len(data), data)


@dataclass
class Recording:
    head: bytes  # status line and fields
    parts: list = field(default_factory=list)
    raw: bytes = b""

    @property
    def is_watch(self):
        return self.head.startswith(b"HTTP/1.1 200 ")

    @property
    def oldest(self):
        """The oldest version that the server can still watch from, if it refused one that is older; else None."""
        found = TOO_OLD.search(self.raw)
        return int(found[1]) if found else None


def read(path):
    with open(path, "rb") as file:
        raw = file.read()
    head_size = raw.index(b"\r\n\r\n") + 4
    recording = Recording(raw[:head_size], raw=raw)
    if recording.is_watch:
        is_json = b"Content-Type: application/json" in recording.head
        recording.parts = list(parts(raw, head_size, json_lines if is_json else protobuf_frames))
    return recording


def parts(raw, at, split):
    data, begin = b"", at
    while at < len(raw) and not raw.startswith(FINAL_CHUNK, at):
        body = raw.index(b"\r\n", at) + 2
        at = body + int(raw[at : body - 2], 16) + 2
        data += raw[body : at - 2]
        if events := split(data):
            yield Part(raw[begin:at], at, events)
            data, begin = b"", at
    if data:
        raise ValueError("ends in the middle of an event")


def json_lines(data):
    """(resourceVersion, line) of each event; None if the last one is not complete."""
    if not data.endswith(b"\n"):
        return None
    lines = data.split(b"\n")[:-1]
    return [(int(json.loads(line)["object"]["metadata"].get("resourceVersion", 0)), line + b"\n") for line in lines]


def protobuf_frames(data):
    """(resourceVersion, frame) of each event; None if the last one is not complete."""
    events, at = [], 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            return None
        events.append((protobuf_version(data[at + 4 : end]), data[at:end]))
        at = end
    return events


def protobuf_version(event):
    """In a WatchEvent is a runtime.Unknown, in it the object, whose first field is metadata."""
    unknown = value(value(event, 2), 1)
    if not unknown.startswith(MAGIC):
        raise ValueError("an object without its magic number")
    metadata = value(value(unknown[len(MAGIC) :], 2), 1)
    return int(value(metadata, 6) or 0)


def value(message, wanted):
    """The bytes of a field of a protobuf message; empty without it."""
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        size = 0
        if tag & 7 == FIELD_BYTES:
            size, at = varint(message, at)
        elif tag & 7 == FIELD_NUMBER:
            _, at = varint(message, at)
        else:
            raise ValueError(f"field type {tag & 7}")
        if tag == wanted << 3 | FIELD_BYTES:
            return message[at : at + size]
        at += size
    return b""


def varint(message, at):
    number = shift = 0
    while True:
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def table(path):
    """Rows of a file of columns parted by tabs, each as {title: text}."""
    with open(path) as lines:
        titles, *rows = [line.rstrip("\n").split("\t") for line in lines]
    return [dict(zip(titles, row)) for row in rows]
