"""Writes the same cluster as zone files: the records that a cluster DNS server would answer with, for NSD and Knot."""

import ipaddress
import os

import cluster as model

FORWARD = model.ZONE
REVERSE = {4: "in-addr.arpa", 6: "ip6.arpa"}
TYPES = {4: "A", 6: "AAAA"}
SOA = "@ 30 IN SOA ns.dns.{zone}. hostmaster.{zone}. 1 7200 1800 86400 30\n@ 30 IN NS ns.dns.cluster.local.\n"
OWN_ADDRESS = "127.0.0.1"


def weight(items):
    return max(1, 100 // items)


def records(one):
    """(owner, type, data) of a service below the zone, in presentation form; owners relative to the zone."""
    owner = f"{one.name}.{one.namespace}.svc"
    if one.external_name:
        yield owner, "CNAME", one.external_name + "."
        return
    yield from (address_records(one, owner) if one.headless else cluster_ip_records(one, owner))
    for family in one.families:
        for endpoint in one.endpoints:
            if endpoint.ready:
                name = f"{endpoint.label(family)}.{owner}"
                yield name, TYPES[family], endpoint.addresses[family]
    for name, items in endpoint_names(one).items():
        yield from service_records(f"{name}.{owner}", [(port, name, owner) for port in one.ports for _ in range(items)])


def endpoint_names(one):
    """Label of each ready endpoint and how many addresses it has."""
    names = {}
    for family in one.families:
        for endpoint in one.endpoints:
            if endpoint.ready:
                names[endpoint.label(family)] = names.get(endpoint.label(family), 0) + 1
    return names


def cluster_ip_records(one, owner):
    for family in one.families:
        yield owner, TYPES[family], one.cluster_ips[family]
    yield from service_records(owner, [(port, None, owner) for port in one.ports for _ in one.families])
    for port in one.ports:
        if port.name:
            name = f"_{port.name}._{port.protocol.lower()}.{owner}"
            yield from service_records(name, [(port, None, owner)] * len(one.families))


def address_records(one, owner):
    ready = [(e, f) for f in one.families for e in one.endpoints if e.ready]
    for endpoint, family in ready:
        yield owner, TYPES[family], endpoint.addresses[family]
    yield from service_records(owner, [(p, e.label(f), owner) for p in one.ports for e, f in ready])
    for port in one.ports:
        if port.name:
            name = f"_{port.name}._{port.protocol.lower()}.{owner}"
            yield from service_records(name, [(port, e.label(f), owner) for e, f in ready])


def service_records(name, items):
    """SRV records; equal ones are written once, and the weight counts the items before that."""
    data = {}
    for port, label, owner in items:
        target = f"{label}.{owner}" if label else owner
        data[f"0 {weight(len(items))} {{port}} {target}".format(port=port.target if label else port.number)] = None
    for text in data:
        yield name, "SRV", text


def pointers(one):
    """(family, address, target) of a service's own addresses and its ready endpoints."""
    for family, address in one.cluster_ips.items():
        yield family, address, one.fqdn
    for family in one.families:
        for endpoint in one.endpoints:
            if endpoint.ready:
                yield family, endpoint.addresses[family], f"{endpoint.label(family)}.{one.fqdn}"


def reverse_name(address):
    return ipaddress.ip_address(address).reverse_pointer


def write(cluster, folder):
    os.makedirs(folder)
    with open(os.path.join(folder, FORWARD), "w") as out:
        out.write(f"$ORIGIN {FORWARD}.\n$TTL {model.TTL_SECONDS}\n" + SOA.format(zone=FORWARD))
        out.write(f'ns.dns A {OWN_ADDRESS}\ndns-version 28800 IN TXT "1.1.0"\n')
        for one in cluster:
            out.writelines(f"{owner} {kind} {data}\n" for owner, kind, data in records(one))
    reverse = {f: open(os.path.join(folder, zone), "w") for f, zone in REVERSE.items()}
    for family, out in reverse.items():
        out.write(f"$ORIGIN {REVERSE[family]}.\n$TTL {model.TTL_SECONDS}\n" + SOA.format(zone=REVERSE[family]))
    for one in cluster:
        for family, address, target in pointers(one):
            reverse[family].write(f"{reverse_name(address)}. PTR {target}.\n")
    for out in reverse.values():
        out.close()
