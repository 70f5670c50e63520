"""Clients that ask one after another and count what gets no reply; nobody asks twice."""

import os
import select
import socket
import struct
import sys
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Golden"))

import wire

REPLY_SECONDS_MAX = 4
PAUSE_SECONDS = 0.002


class Client(threading.Thread):
    """Asks until it is stopped; `asked` and `lost` tell how that went."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address = address
        self.asked = 0
        self.lost = []
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            self.asked += 1
            query = bytearray(wire.query(f"q{self.asked}.example", "A"))
            query[0:2] = struct.pack("!H", self.asked & 0xFFFF)
            began = time.monotonic()
            trouble = self.ask(bytes(query))
            if trouble:
                self.lost.append(f"{time.strftime('%T')} query {self.asked}: {trouble}, "
                                 f"{time.monotonic() - began:.2f} s")
            time.sleep(PAUSE_SECONDS)

    def finish(self):
        self.stopping.set()
        self.join()
        return self


class UDPClient(Client):
    """A socket for a few queries each, as resolvers have it."""

    QUERIES_PER_SOCKET = 25
    kind = "UDP"

    def ask(self, query):
        if self.asked % self.QUERIES_PER_SOCKET == 1:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.settimeout(REPLY_SECONDS_MAX)
            self.socket.connect((self.address, 53))
        self.socket.send(query)
        try:
            reply = self.socket.recv(4096)
            # A late reply to an earlier query, which was counted as lost.
            while reply[:2] != query[:2]:
                reply = self.socket.recv(4096)
        except OSError as error:
            return str(error)
        return None if reply[3] & 15 == 0 else f"code {reply[3] & 15}"


class TCPClient(Client):
    """One connection for as long as the server keeps it; a new one when it was closed between two queries."""

    kind = "TCP"
    connection = None

    def ask(self, query):
        try:
            if self.connection is None or self.is_closed():
                self.connection = socket.create_connection((self.address, 53), REPLY_SECONDS_MAX)
            self.connection.sendall(struct.pack("!H", len(query)) + query)
            length = struct.unpack("!H", self.take(2))[0]
            reply = self.take(length)
            return None if reply[3] & 15 == 0 else f"code {reply[3] & 15}"
        except OSError as error:
            self.connection = None
            return f"{type(error).__name__} {error}"

    def is_closed(self):
        return bool(select.select([self.connection], [], [], 0)[0])

    def take(self, count):
        data = b""
        while len(data) < count:
            part = self.connection.recv(count - len(data))
            if not part:
                raise ConnectionError("closed with a query under way")
            data += part
        return data
