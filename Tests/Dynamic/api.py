"""An API server that plays recorded streams: plain HTTP, on 127.0.0.1, as far as it is told to."""

import json
import re
import socket
import threading
import urllib.parse
from dataclasses import dataclass, field

import streams

PATHS = {
    "/api/v1/services": "services",
    "/apis/discovery.k8s.io/v1/endpointslices": "endpointslices",
    "/api/v1/namespaces": "namespaces",
    "/api/v1/pods": "pods",
}
WATCH = {"watch": "true", "allowWatchBookmarks": "true"}
LIST = {**WATCH, "sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
SELECTORS = ["labelSelector", "fieldSelector"]
AGENT = re.compile(r"clusterdns/\S+( .+)?")
PROTOBUF, JSON = "pb", "json"
REQUEST_BYTES_MAX = 65536
REQUESTS_MAX = 200  # of one stream; a client that asks more often spins
TIMEOUT_SECONDS_MAX = 3600
PIECE_BYTES = 4093  # cuts chunks and events anywhere
POLL_SECONDS = 0.1
END_SECONDS_MAX = 20
LISTEN_BACKLOG = 64


@dataclass
class Feed:
    """What one stream has come to: a list and what happened since, and how requests are refused until then."""

    selectors: dict = field(default_factory=dict)  # that a request for it must have
    list_head: bytes = b""
    watch_head: bytes = b""
    parts: list = field(default_factory=list)
    list_version: int = 0
    oldest: int = 0
    expired: bytes = b""  # the answer to a watch from an older version
    refusals: list = field(default_factory=list)  # answers to the next requests, in place of what they want
    asked: list = field(default_factory=list)  # "list", or the version to watch from
    is_spurned: bool = False  # a request was refused for its encoding

    def begin(self, head):
        self.list_head = self.watch_head = head
        self.parts = []

    def add(self, part):
        self.parts.append(part)
        self.list_version = part.list_version or self.list_version

    def answer(self, version):
        """What to send at once, and how many of the parts are behind us then; None if that is all."""
        if self.refusals:
            return self.refusals.pop(0), None
        if version is None:
            return self.list_head, 0
        if version < max(self.oldest, self.list_version):
            return self.expired or too_old(version, self.list_version), None
        cursor = next((n for n, part in enumerate(self.parts) if part.version > version), None)
        if cursor is None:
            return self.watch_head, len(self.parts)
        return self.watch_head + self.parts[cursor].after(version), cursor + 1


def too_old(version, oldest):
    return status(410, "Gone", "Expired", f"too old resource version: {version} ({oldest})")


def status(code, title, reason, message):
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    text = json.dumps({**body, "message": message, "reason": reason, "code": code}).encode()
    head = f"HTTP/1.1 {code} {title}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


class Request:
    def __init__(self, data):
        line, *fields = data.decode("latin-1").split("\r\n")
        self.method, self.target, _ = line.split(" ")
        url = urllib.parse.urlsplit(self.target)
        self.path = url.path
        pairs = urllib.parse.parse_qsl(url.query, keep_blank_values=True)
        self.options = dict(pairs)
        self.is_doubled = len(pairs) > len(self.options)
        self.fields = {name.lower(): text.strip() for name, _, text in (entry.partition(":") for entry in fields)}

    @property
    def is_list(self):
        return self.options.get("sendInitialEvents") == "true"

    def faults(self, selectors):
        """What is wrong with a request for a stream with these selectors."""
        options = dict(self.options)
        seconds = options.pop("timeoutSeconds", "")
        if not seconds.isdecimal() or not 0 < int(seconds) <= TIMEOUT_SECONDS_MAX:
            yield f"timeoutSeconds={seconds}"
        version = options.pop("resourceVersion", None)
        if not self.is_list and not (version or "").isdecimal():
            yield f"resourceVersion={version}"
        wanted = (LIST if self.is_list else WATCH) | selectors
        if options != wanted or self.is_doubled:
            yield f"asked for {options}, want {wanted}"
        if self.method != "GET":
            yield f"method {self.method}"
        if not AGENT.fullmatch(self.fields.get("user-agent", "")):
            yield f"User-Agent {self.fields.get('user-agent')!r}"
        if "authorization" in self.fields:
            yield "a token without TLS"


class APIServer:
    """Serves feeds, {resource: Feed}, in one encoding; refuses the other with 406 (Not Acceptable)."""

    def __init__(self, feeds, encoding):
        self.feeds, self.encoding = feeds, encoding
        self.changed = threading.Condition()
        self.faults = []
        self.port = 0
        self.is_up = False
        self.open = set()  # connections
        self.playing = set()  # those of them with a stream
        self.ending = {}  # how they end: "clean" or "cut"
        self.listener = None

    def up(self):
        """Listens, on the same port as before."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(LISTEN_BACKLOG)
        self.port = listener.getsockname()[1]
        for feed in self.feeds.values():
            feed.is_spurned = False  # it may be another server: to ask again is right
        self.listener, self.is_up = listener, True
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def kill(self):
        """Nobody listens any more, and streams end without a final chunk."""
        with self.changed:
            self.is_up = False
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.end("cut")
        with self.changed:
            for peer in self.open:
                shut(peer)

    def end(self, how):
        """Ends every stream once it has sent what there is."""
        with self.changed:
            self.ending = dict.fromkeys(self.playing, how)
            self.changed.notify_all()
            if not self.changed.wait_for(lambda: not self.ending, END_SECONDS_MAX):
                self.fault(f"{len(self.ending)} streams were not read to their end in {END_SECONDS_MAX} s")

    def wait(self, condition, seconds):
        """Waits for what requests bring about; whether it came."""
        with self.changed:
            return self.changed.wait_for(condition, seconds)

    def accept(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.changed:
                if not self.is_up:
                    peer.close()
                    return
                self.open.add(peer)
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        """One connection, request by request."""
        try:
            data = b""
            while True:
                while b"\r\n\r\n" not in data:
                    part = peer.recv(REQUEST_BYTES_MAX)
                    if not part or len(data) > REQUEST_BYTES_MAX:
                        return
                    data += part
                head, _, data = data.partition(b"\r\n\r\n")
                if not self.reply(peer, Request(head)):
                    return
        except OSError:
            pass
        finally:
            with self.changed:
                self.open.discard(peer)
                self.leave(peer)
            peer.close()

    def reply(self, peer, request):
        """Answers a request; False if the connection ends with it."""
        with self.changed:
            if not self.is_up:
                return False
            head, feed, cursor = self.answer(request)
            if cursor is not None:
                self.playing.add(peer)
            self.changed.notify_all()
        peer.sendall(head)
        return cursor is None or self.play(peer, feed.parts, cursor)

    def answer(self, request):
        feed = self.feeds.get(PATHS.get(request.path))
        if feed is None or not request.options.get("watch"):
            self.fault(f"asked for {request.method} {request.target}")
            return status(404, "Not Found", "NotFound", "the server could not find the requested resource"), feed, None
        accept = request.fields.get("accept", "")
        if ("application/vnd.kubernetes.protobuf" if self.encoding == PROTOBUF else "application/json") not in accept:
            if feed.is_spurned:
                self.fault(f"{request.path}: asked again for what was refused with 406")
            feed.is_spurned = True
            text = "only the following media types are accepted: application/json"
            return status(406, "Not Acceptable", "NotAcceptable", text), feed, None
        for fault in request.faults(feed.selectors):
            self.fault(f"{request.path}: {fault}")
        version = None if request.is_list else int("0" + re.sub(r"\D", "", request.options.get("resourceVersion", "")))
        feed.asked.append("list" if request.is_list else str(version))
        if len(feed.asked) > REQUESTS_MAX:
            self.fault(f"{request.path}: more than {REQUESTS_MAX} requests")
            return status(429, "Too Many Requests", "TooManyRequests", "too many requests"), feed, None
        head, cursor = feed.answer(version)
        return head, feed, cursor

    def fault(self, text):
        if text not in self.faults:
            self.faults.append(text)

    def play(self, peer, parts, cursor):
        """Sends parts as they come, until the stream ends; True if it ended cleanly."""
        while True:
            with self.changed:
                self.changed.wait_for(lambda: len(parts) > cursor or peer in self.ending, POLL_SECONDS)
                new = b"".join(part.raw for part in parts[cursor:])
                cursor = len(parts)
                ending = self.ending.get(peer)
            for at in range(0, len(new), PIECE_BYTES):
                peer.sendall(new[at : at + PIECE_BYTES])
            if ending == "clean":
                peer.sendall(streams.FINAL_CHUNK)
            if ending:
                with self.changed:
                    self.leave(peer)
                return ending == "clean"
            if is_closed(peer):
                return False

    def leave(self, peer):
        self.playing.discard(peer)
        self.ending.pop(peer, None)
        self.changed.notify_all()


def shut(peer):
    try:
        peer.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the client was faster


def is_closed(peer):
    try:
        return peer.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
