"""One address in front of several servers, as kube-proxy has it: ready ones get new clients."""

import selectors
import socket
import threading
import time
import urllib.request

PROBE_SECONDS = 0.1
# From a change of `/ready` to the change of where clients are sent.
PROPAGATION_SECONDS = 1.0
# How long replies of a server that is out are still passed on.
LATE_REPLY_SECONDS = 6
CHUNK = 65_536
# Clients that are remembered; the oldest one is taken for gone.
FLOWS_MAX = 128


class Balancer(threading.Thread):
    """Passes UDP packets and TCP connections on; sees no query."""

    def __init__(self, address, servers, ready_port):
        super().__init__(daemon=True)
        self.servers = servers
        self.ready_port = ready_port
        self.chosen = set()
        self.flows = {}
        self.retired = []
        self.next = 0
        self.selector = selectors.DefaultSelector()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, 53))
        self.tcp = socket.create_server((address, 53), backlog=64)
        self.selector.register(self.udp, selectors.EVENT_READ, self.on_packet)
        self.selector.register(self.tcp, selectors.EVENT_READ, self.on_connection)
        threading.Thread(target=self.probe, daemon=True).start()

    def run(self):
        while True:
            for key, _ in self.selector.select(0.5):
                key.data()
            now = time.monotonic()
            while self.retired and self.retired[0][0] < now:
                self.forget(self.retired.pop(0)[1])

    def forget(self, upstream):
        self.selector.unregister(upstream)
        upstream.close()

    # Readiness

    def is_ready(self, server):
        try:
            with urllib.request.urlopen(f"http://{server}:{self.ready_port}/ready", timeout=0.5) as reply:
                return reply.status == 200
        except OSError:
            return False

    def probe(self):
        while True:
            ready = {server for server in self.servers if self.is_ready(server)}
            threading.Timer(PROPAGATION_SECONDS, self.choose, [ready]).start()
            time.sleep(PROBE_SECONDS)

    def choose(self, ready):
        self.chosen = ready

    def pick(self):
        choices = sorted(self.chosen) or self.servers
        self.next += 1
        return choices[self.next % len(choices)]

    # UDP

    def on_packet(self):
        packet, client = self.udp.recvfrom(CHUNK)
        server, upstream = self.flows.get(client, (None, None))
        if server is None or self.chosen and server not in self.chosen:
            if upstream:
                self.retired.append((time.monotonic() + LATE_REPLY_SECONDS, upstream))
            server, upstream = self.pick(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            upstream.connect((server, 53))
            self.flows[client] = (server, upstream)
            if len(self.flows) > FLOWS_MAX:
                self.retired.append((time.monotonic() + LATE_REPLY_SECONDS, self.flows.pop(next(iter(self.flows)))[1]))
            self.selector.register(upstream, selectors.EVENT_READ, lambda: self.on_reply(upstream, client))
        try:
            upstream.send(packet)
        except OSError:
            pass

    def on_reply(self, upstream, client):
        try:
            self.udp.sendto(upstream.recv(CHUNK), client)
        except OSError:
            pass

    # TCP

    def on_connection(self):
        client, _ = self.tcp.accept()
        try:
            server = socket.create_connection((self.pick(), 53), 2)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        for source, target in ((client, server), (server, client)):
            self.selector.register(
                source, selectors.EVENT_READ, lambda source=source, target=target: self.relay(source, target))

    def relay(self, source, target):
        """What came in one segment leaves in one: an end that comes with the last data is told with it."""
        try:
            data = source.recv(CHUNK)
            is_end = not data or self.is_at_end(source)
            if data:
                target.sendall(data, socket.MSG_MORE if is_end else 0)
            if not is_end:
                return
        except OSError:
            pass
        self.close_both(source, target)

    @staticmethod
    def is_at_end(source):
        try:
            return source.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False

    def close_both(self, *ends):
        for end in ends:
            try:
                self.selector.unregister(end)
            except (KeyError, ValueError):
                pass
            end.close()
