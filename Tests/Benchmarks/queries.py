"""Writes the three query files for dnsperf: names with data, names without data of that type, names that are not."""

import os
import random

import cluster as model
import zones

LINES = 20_000
SMALL_SERVICE_ENDPOINTS = 8  # larger answers would not fit into 512 bytes


def hits(rng, cluster, reverse=True):
    """What pods ask that exists: mostly A of a service. Without reverse questions: what exists at any address."""
    plain = [one for one in cluster if one.kind == "ClusterIP"]
    dual = [one for one in cluster if 6 in one.cluster_ips]
    named = [one for one in plain if any(p.name for p in one.ports)]
    headless = [one for one in cluster if one.headless and 2 <= len(one.endpoints) <= SMALL_SERVICE_ENDPOINTS]
    stateful = [one for one in cluster if one.kind == "StatefulSet" and one.steady()]
    makers = [
        (60, plain, lambda: f"{rng.choice(plain).fqdn} A"),
        (10, dual, lambda: f"{rng.choice(dual).fqdn} AAAA"),
        (8, named, lambda: port_question(rng, rng.choice(named))),
        (8, reverse, lambda: pointer_question(rng, rng.choice(plain))),
        (7, headless, lambda: f"{rng.choice(headless).fqdn} A"),
        (7, stateful, lambda: endpoint_question(rng, rng.choice(stateful))),
    ]
    return draw(rng, [(weight, make) for weight, wanted, make in makers if wanted])


def port_question(rng, one):
    port = rng.choice([p for p in one.ports if p.name])
    return f"_{port.name}._{port.protocol.lower()}.{one.fqdn} SRV"


def pointer_question(rng, one):
    steady = one.steady()
    address = rng.choice(steady).addresses[4] if steady and rng.random() < 0.5 else one.cluster_ips[4]
    return f"{zones.reverse_name(address)} PTR"


def endpoint_question(rng, one, kind="A"):
    return f"{rng.choice(one.steady()).label(4)}.{one.fqdn} {kind}"


def no_data(rng, cluster):
    """The other half of every getaddrinfo in a cluster with one address family."""
    single = [one for one in cluster if one.kind == "ClusterIP" and one.families == [4]]
    stateful = [one for one in cluster if one.kind == "StatefulSet" and one.families == [4] and one.steady()]
    makers = [
        (90, lambda: f"{rng.choice(single).fqdn} AAAA"),
        (5, lambda: endpoint_question(rng, rng.choice(stateful), "AAAA")),
        (5, lambda: f"{rng.choice(single).namespace}.svc.{model.ZONE} A"),
    ]
    return draw(rng, makers)


def no_name(rng, cluster):
    """What the search list makes of outside names, and misspelt services."""
    spaces = model.namespaces(cluster)
    outside = ["www.example.com", "api.example.org", "db.example.net", "storage.region-1.cloud.example.com"]
    kinds = ["A", "AAAA"]
    makers = [
        (40, lambda: f"{rng.choice(outside)}.{rng.choice(spaces)}.svc.{model.ZONE} {rng.choice(kinds)}"),
        (20, lambda: f"host-{rng.randrange(5000)}.example.com.svc.{model.ZONE} {rng.choice(kinds)}"),
        (20, lambda: f"host-{rng.randrange(5000)}.example.com.{model.ZONE} {rng.choice(kinds)}"),
        (20, lambda: f"missing-{rng.randrange(5000)}.{rng.choice(spaces)}.svc.{model.ZONE} {rng.choice(kinds)}"),
    ]
    return draw(rng, makers)


def draw(rng, makers):
    weights = [weight for weight, _ in makers]
    for _, make in rng.choices(makers, weights, k=LINES):
        yield make()


SETS = {"hits": hits, "nodata": no_data, "nxdomain": no_name}


def write(cluster, folder):
    os.makedirs(folder)
    for name, make in SETS.items():
        with open(os.path.join(folder, name), "w") as out:
            out.writelines(line + "\n" for line in make(random.Random(name), cluster))
