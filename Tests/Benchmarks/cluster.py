"""A made-up cluster, the same for the same numbers and seed: the one model behind manifests, zone files and queries.

Only the last endpoint of a slice ever changes under load (see changes.py), and no query names it, so that every
answer is known while changes run.
"""

import ipaddress
import itertools
import random
from dataclasses import dataclass, field

ZONE = "cluster.local"
TTL_SECONDS = 30
SLICE_ENDPOINTS_MAX = 100
NAMESPACE_SERVICES = 100  # services in a namespace, on average
LARGE_SERVICE_ENDPOINTS = 1000
SERVICE_NETWORK = ipaddress.ip_network("10.96.0.0/12")
SERVICE_NETWORK6 = ipaddress.ip_network("fd00:10:96::/112")
POD_NETWORK = ipaddress.ip_network("10.128.0.0/10")
POD_NETWORK6 = ipaddress.ip_network("fd00:10:244::/64")
CHANGED_NETWORK = ipaddress.ip_network("10.224.0.0/11")  # where a changed endpoint moves to

# kind, share of the services, weight of its number of endpoints
KINDS = [
    ("ClusterIP", 0.84, 1.0),
    ("Headless", 0.04, 0.6),
    ("StatefulSet", 0.08, 0.5),
    ("ExternalName", 0.04, 0.0),
]
DUAL_STACK_SHARE = 0.10
NOT_READY_SHARE = 0.01
WORDS = """account address alert api asset audit auth backup basket batch billing blog booking cache cart catalog chat
checkout config content customer delivery device event export feed file gateway graph identity image import index
inventory invoice job ledger locale log mail media message metric notice offer order partner payment photo policy price
product profile proxy queue quota rating refund region report review route rule schedule search session setting shop
stock store stream survey task tax template tenant ticket token topic trace upload user vault video voucher wallet
""".split()
PORTS = [("http", 80, 8080), ("https", 443, 8443), ("grpc", 9000, 9000), ("metrics", 9090, 9090), ("db", 5432, 5432)]


@dataclass
class Port:
    name: str
    number: int
    target: int
    protocol: str = "TCP"


@dataclass
class Endpoint:
    serial: int
    addresses: dict  # family (4 or 6) -> text
    pod: str
    hostname: str | None
    ready: bool = True

    def label(self, family):
        """The name of the endpoint below its service: the hostname, or the address with dashes."""
        return self.hostname or dashed(self.addresses[family])


@dataclass
class Service:
    serial: int
    namespace: str
    name: str
    kind: str
    families: list
    cluster_ips: dict = field(default_factory=dict)
    ports: list = field(default_factory=list)
    endpoints: list = field(default_factory=list)
    external_name: str | None = None

    @property
    def headless(self):
        return self.kind in ("Headless", "StatefulSet")

    @property
    def fqdn(self):
        return f"{self.name}.{self.namespace}.svc.{ZONE}"

    def slices(self):
        """(slice name, family, endpoints): up to SLICE_ENDPOINTS_MAX endpoints in each."""
        for family in self.families:
            for start in range(0, len(self.endpoints), SLICE_ENDPOINTS_MAX):
                name = f"{self.name}-v{family}-{start // SLICE_ENDPOINTS_MAX:03d}"
                yield name, family, self.endpoints[start : start + SLICE_ENDPOINTS_MAX]

    def steady(self):
        """The ready endpoints that no change under load touches."""
        last = {id(part[-1]) for _, _, part in self.slices()}
        return [e for e in self.endpoints if e.ready and id(e) not in last]


def dashed(address):
    text = address.replace(".", "-").replace(":", "-")
    return text + "0" if text.endswith("-") else text


def build(services, endpoints, wide=False, seed=20261121):
    """The Services of a cluster with so many services and so many endpoints, counted over all slices; a wide one has
    full slices, one for each of the first services."""
    rng = random.Random(f"{seed}/{services}/{endpoints}")
    cluster = [service(rng, serial, services) for serial in range(services)]
    for one, pods in zip(cluster, full_slices(cluster, endpoints) if wide else pod_counts(rng, cluster, endpoints)):
        fill(rng, one, pods)
    number = 0
    for one in cluster:
        for endpoint in one.endpoints:
            number += 1
            endpoint.serial = number
            endpoint.addresses = {4: str(POD_NETWORK[number])}
            if 6 in one.families:
                endpoint.addresses[6] = str(POD_NETWORK6[number])
    return cluster


def service(rng, serial, services):
    kind = rng.choices([k[0] for k in KINDS], [k[1] for k in KINDS])[0]
    namespace = f"team-{serial % max(1, services // NAMESPACE_SERVICES):03d}"
    name = f"{rng.choice(WORDS)}-{rng.choice(WORDS)}-{serial:05d}"
    families = [4, 6] if kind != "ExternalName" and rng.random() < DUAL_STACK_SHARE else [4]
    one = Service(serial, namespace, name, kind, families)
    if kind == "ExternalName":
        one.external_name = f"{name}.example.com"
        return one
    if rng.random() < 0.15:
        one.ports = [Port("", *rng.choice(PORTS)[1:])]
    else:
        one.ports = [Port(*p) for p in sorted(rng.sample(PORTS, rng.choice([1, 1, 1, 2, 2, 3])))]
    if kind == "ClusterIP":
        one.cluster_ips[4] = str(SERVICE_NETWORK[256 + serial])
        if 6 in families:
            one.cluster_ips[6] = str(SERVICE_NETWORK6[256 + serial])
    return one


def full_slices(cluster, endpoints):
    """Makes every service a plain one; how many pods each has."""
    for one in cluster:
        one.kind, one.families, one.external_name = "ClusterIP", [4], None
        one.cluster_ips = {4: str(SERVICE_NETWORK[256 + one.serial])}
        yield min(SLICE_ENDPOINTS_MAX, max(0, endpoints - one.serial * SLICE_ENDPOINTS_MAX))


def pod_counts(rng, cluster, endpoints):
    """How many pods each service has, so that the slices together hold `endpoints` endpoints."""
    weights = {kind: weight for kind, _, weight in KINDS}
    plain = [i for i, one in enumerate(cluster) if one.kind == "ClusterIP" and len(one.families) == 1]
    large = plain[: endpoints // (LARGE_SERVICE_ENDPOINTS * 10)]
    pods = [LARGE_SERVICE_ENDPOINTS if i in large else 0 for i in range(len(cluster))]
    budget = endpoints - sum(pods)
    share = {
        i: weights[one.kind] * rng.lognormvariate(0, 1)
        for i, one in enumerate(cluster)
        if weights[one.kind] and i not in large
    }
    total = sum(share[i] * len(cluster[i].families) for i in share)
    for i in share:
        pods[i] = max(1, int(budget * share[i] / total))
    missing = endpoints - sum(pods[i] * len(one.families) for i, one in enumerate(cluster))
    step = 1 if missing > 0 else -1
    rest = [i for i in plain if i in share]
    for i in itertools.islice(itertools.cycle(rest), abs(missing) * len(cluster)):
        if missing and pods[i] + step >= 1:
            pods[i] += step
            missing -= step
    if missing:
        raise SystemExit(f"generate: {endpoints} endpoints are too few for {len(cluster)} services")
    return pods


def fill(rng, one, pods):
    for ordinal in range(pods):
        stateful = one.kind == "StatefulSet"
        pod = f"{one.name}-{ordinal}" if stateful else f"{one.name}-{rng.getrandbits(48):012x}"
        one.endpoints.append(Endpoint(0, {}, pod, pod if stateful else None, rng.random() >= NOT_READY_SHARE))
    for _, _, part in one.slices():
        part[0].ready = part[-1].ready = True


def namespaces(cluster):
    return sorted({one.namespace for one in cluster})


def endpoint_count(cluster):
    return sum(len(one.endpoints) * len(one.families) for one in cluster)
