"""Writes a cluster as Kubernetes objects: what `kubectl get -o json` prints, one file an EndpointSlice."""

import json
import os

import cluster as model

SERVICES_PER_FILE = 1000
CREATED = "2026-11-20T20:34:45Z"


def uid(kind, serial):
    return f"{kind:08x}-0000-4000-8000-{serial:012x}"


def metadata(name, namespace, serial, kind, **more):
    return {
        "name": name, "namespace": namespace, "uid": uid(kind, serial), "resourceVersion": str(1000 + serial),
        "creationTimestamp": CREATED, **more,
    }


def namespace_object(name):
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
        "status": {"phase": "Active"},
    }


def service_object(one):
    spec = {
        "type": "ExternalName" if one.kind == "ExternalName" else "ClusterIP",
        "selector": {"app": one.name},
        "sessionAffinity": "None",
    }
    if one.external_name:
        spec["externalName"] = one.external_name
    else:
        ips = [one.cluster_ips[f] for f in one.families] if one.cluster_ips else ["None"]
        spec |= {
            "clusterIP": ips[0],
            "clusterIPs": ips,
            "ipFamilies": [f"IPv{f}" for f in one.families],
            "ipFamilyPolicy": "PreferDualStack" if len(one.families) > 1 else "SingleStack",
            "ports": [
                ({"name": p.name} if p.name else {})
                | {"port": p.number, "protocol": p.protocol, "targetPort": p.target}
                for p in one.ports
            ],
        }
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(one.name, one.namespace, one.serial, 1, labels={"app": one.name}),
        "spec": spec,
        "status": {"loadBalancer": {}},
    }


def slice_object(one, name, family, endpoints, moved_to=None):
    """An EndpointSlice; with `moved_to` its last endpoint has that address instead of its own."""
    listed = [endpoint_object(one, e, e.addresses[family]) for e in endpoints]
    if moved_to:
        listed[-1]["addresses"] = [moved_to]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata(
            name, one.namespace, endpoints[0].serial, 1 + family,
            labels={
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                "kubernetes.io/service-name": one.name,
            } | ({"service.kubernetes.io/headless": ""} if one.headless else {}),
            ownerReferences=[{
                "apiVersion": "v1", "kind": "Service", "name": one.name, "uid": uid(1, one.serial),
                "controller": True, "blockOwnerDeletion": True,
            }],
        ),
        "addressType": f"IPv{family}",
        "endpoints": listed,
        "ports": [{"name": p.name, "port": p.target, "protocol": p.protocol} for p in one.ports],
    }


def endpoint_object(one, endpoint, address):
    return {
        "addresses": [address],
        "conditions": {"ready": endpoint.ready, "serving": endpoint.ready, "terminating": False},
        **({"hostname": endpoint.hostname} if endpoint.hostname else {}),
        "nodeName": f"node-{endpoint.serial % 200:03d}",
        "targetRef": {
            "kind": "Pod", "name": endpoint.pod, "namespace": one.namespace, "uid": uid(9, endpoint.serial)
        },
        "zone": f"zone-{'abc'[endpoint.serial % 3]}",
    }


def slice_path(folder, one, name):
    return os.path.join(folder, f"slice-{one.namespace}-{name}.json")


def encode(value):
    return json.dumps(value, separators=(",", ":")) + "\n"


def write_list(path, objects):
    with open(path, "w") as out:
        out.write('{"apiVersion":"v1","kind":"List","items":[\n')
        for place, value in enumerate(objects):
            out.write(("," if place else "") + encode(value))
        out.write("]}\n")


def write(cluster, folder):
    os.makedirs(folder)
    write_list(os.path.join(folder, "namespaces.json"), map(namespace_object, model.namespaces(cluster)))
    for start in range(0, len(cluster), SERVICES_PER_FILE):
        path = os.path.join(folder, f"services-{start // SERVICES_PER_FILE:03d}.json")
        write_list(path, map(service_object, cluster[start : start + SERVICES_PER_FILE]))
    for one in cluster:
        for name, family, endpoints in one.slices():
            with open(slice_path(folder, one, name), "w") as out:
                out.write(encode(slice_object(one, name, family, endpoints)))
