"""Plays the Kubernetes API: lists and watches of the objects of a file, and changes on command."""

import collections
import hashlib
import http.server
import json
import re
import ssl
import threading
import urllib.parse

PORT = 5480
TLS_PORT = 5443
VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.2"}
KINDS = {
    "namespaces": ("Namespace", "v1", "/api/v1"),
    "services": ("Service", "v1", "/api/v1"),
    "pods": ("Pod", "v1", "/api/v1"),
    "endpointslices": ("EndpointSlice", "discovery.k8s.io/v1", "/apis/discovery.k8s.io/v1"),
}
WATCH_POLL_SECONDS = 0.2


class ClusterAPI:
    """Starts at once; over TLS too if the certificate's folder is given."""

    def __init__(self, path, tls_folder=None):
        self.items = collections.defaultdict(dict)
        self.version, self.events, self.changed, self.stopping = 100000, [], threading.Condition(), False
        with open(path) as text:
            for item in json.load(text)["items"]:
                self.items[item["kind"]][key_of(item)] = item
        handler = type("Handler", (Handler,), {"api": self})
        self.servers = [Server(("127.0.0.1", PORT), handler)]
        if tls_folder:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(f"{tls_folder}/api.crt", f"{tls_folder}/api.key")
            server = Server(("127.0.0.1", TLS_PORT), handler)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            self.servers.append(server)
        for server in self.servers:
            threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()

    def change(self, verb, item):
        with self.changed:
            self.version += 1
            item = json.loads(json.dumps(item))
            key = key_of(item)
            item["metadata"]["resourceVersion"] = str(self.version)
            item["metadata"].setdefault("uid", hashlib.md5(repr(key).encode()).hexdigest())
            if verb == "DELETED":
                self.items[item["kind"]].pop(key, None)
            else:
                self.items[item["kind"]][key] = item
            self.events.append((self.version, verb, item))
            self.changed.notify_all()

    def stop(self):
        self.stopping = True
        for server in self.servers:
            server.shutdown()
            server.server_close()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *about):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    """One request. `api` is set in a subclass for each API."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *about):
        pass

    def do_GET(self):
        address = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        for plural, (kind, version, base) in KINDS.items():
            found = re.fullmatch(base + "(?:/namespaces/([^/]+))?/" + plural, address.path)
            if found:
                answer = self.watch if query.get("watch") in ("true", "1") else self.list
                return answer(kind, version, query, found.group(1))
        if address.path == "/version":
            return self.send(200, VERSION)
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound"}
        return self.send(404, {**status, "code": 404, "message": "not found"})

    def list(self, kind, version, query, namespace):
        with self.api.changed:
            items = self.chosen(kind, query, namespace)
            about = {"resourceVersion": str(self.api.version)}
            self.send(200, {"kind": kind + "List", "apiVersion": version, "metadata": about, "items": items})

    def send(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def watch(self, kind, version, query, namespace):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            place = self.send_first(kind, version, query, namespace)
            while not self.api.stopping:
                with self.api.changed:
                    if len(self.api.events) <= place:
                        self.api.changed.wait(WATCH_POLL_SECONDS)
                    new, place = self.api.events[place:], len(self.api.events)
                for _, verb, item in new:
                    if item["kind"] == kind and matches(item, query, namespace):
                        self.send_event(verb, item)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            pass
        self.close_connection = True

    def send_first(self, kind, version, query, namespace):
        """What is there already, if the client wants it; where in the events it goes on."""
        with self.api.changed:
            place, now = len(self.api.events), self.api.version
            wanted = query.get("sendInitialEvents") == "true"
            items = self.chosen(kind, query, namespace) if wanted else []
            since = query.get("resourceVersion", "0")
            if not wanted and since not in ("", "0"):
                later = (index for index, event in enumerate(self.api.events) if event[0] > int(since))
                place = next(later, place)
        for item in items:
            self.send_event("ADDED", {**item, "kind": kind, "apiVersion": version})
        if wanted:
            end = {"resourceVersion": str(now), "annotations": {"k8s.io/initial-events-end": "true"}}
            self.send_event("BOOKMARK", {"kind": kind, "apiVersion": version, "metadata": end})
        return place

    def send_event(self, verb, item):
        line = json.dumps({"type": verb, "object": item}).encode() + b"\n"
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        self.wfile.flush()

    def chosen(self, kind, query, namespace):
        return [item for item in self.api.items[kind].values() if matches(item, query, namespace)]


def key_of(item):
    return item["metadata"].get("namespace", ""), item["metadata"]["name"]


def matches(item, query, namespace):
    if namespace and item["metadata"].get("namespace") != namespace:
        return False
    labels = item["metadata"].get("labels", {})
    return all(selects(part, labels) for part in query.get("labelSelector", "").split(",") if part)


def selects(part, labels):
    compared = re.fullmatch(r"([^=!]+)(!=|==?)(.*)", part)
    if compared:
        return (labels.get(compared.group(1)) == compared.group(3)) != (compared.group(2) == "!=")
    return part[1:] not in labels if part.startswith("!") else part in labels
