"""What forwards and caches: clusterdns, unbound and dnsdist in front of one NSD whose zone has every name."""

import os

import servers

# Not below test., which unbound answers by itself.
ZONE = "bench.example"
TTL_SECONDS = 300
OUTSTANDING_MAX = 8192
UPSTREAM_ZONE = """\
$ORIGIN {zone}.
$TTL {ttl}
@ IN SOA ns.{zone}. hostmaster.{zone}. 1 7200 1800 86400 30
@ IN NS ns.{zone}.
ns IN A 127.0.0.1
* IN A 192.0.2.1
"""
FORWARDING = """\
.:{port} {{
    bind 127.0.0.1
    forward . 127.0.0.1:{upstream}
}}
"""
CACHING = """\
.:{port} {{
    bind 127.0.0.1
    cache 3600 {{
        size {size}
    }}
    forward . 127.0.0.1:{upstream}
}}
"""
BARE = """\
.:{port} {{
    bind 127.0.0.1
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        manifests {manifests}
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }}
}}
"""
# What kubeadm writes, with files in place of the API server and other ports.
KUBEADM = """\
.:{port} {{
    bind 127.0.0.1
    errors
    health 127.0.0.1:{health} {{
        lameduck 5s
    }}
    ready 127.0.0.1:{ready}
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        manifests {manifests}
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }}
    prometheus 127.0.0.1:{metrics}
    forward . 127.0.0.1:{upstream} {{
        max_concurrent 1000
    }}
    cache 30 {{
        disable success cluster.local
        disable denial cluster.local
    }}
    loop
    reload
    loadbalance
}}
"""
UNBOUND = """\
server:
    interface: 127.0.0.1@{port}
    access-control: 127.0.0.0/8 allow
    do-not-query-localhost: no
    num-threads: {workers}
    so-reuseport: yes
    module-config: "iterator"
    msg-cache-size: 64m
    rrset-cache-size: 128m
    msg-cache-slabs: {slabs}
    rrset-cache-slabs: {slabs}
    outgoing-range: {outgoing}
    num-queries-per-thread: {outstanding}
    minimal-responses: yes
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: "{folder}/unbound.pid"
    use-syslog: no
    verbosity: 0
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@{upstream}
"""
DNSDIST_LISTEN = 'addLocal("127.0.0.1:{port}", {{reusePort=true}})\n'
DNSDIST = """\
setSecurityPollSuffix("")
setMaxUDPOutstanding(65535)
setRingBuffersSize(100, 1)
newServer({{address="127.0.0.1:{upstream}", sockets={workers}, healthCheckMode="up"}})
"""


def upstream(folder, workers):
    """An NSD that answers every name of the zone."""
    servers.write(folder, ZONE, UPSTREAM_ZONE.format(zone=ZONE, ttl=TTL_SECONDS))
    port = servers.free_port()
    text = servers.NSD.format(port=port, folder=folder, zones=folder, workers=workers)
    text += f'zone:\n  name: "{ZONE}"\n  zonefile: "{ZONE}"\n'
    command = [servers.tool("nsd", "nsd"), "-d", "-c", servers.write(folder, "nsd.conf", text)]
    return servers.Server("NSD", command, folder, port)


def clusterdns(name, binary, folder, text, **values):
    """clusterdns with a Corefile of this file."""
    port = servers.free_port()
    ports = {key: servers.free_port() for key in ("health", "ready", "metrics")}
    path = servers.write(folder, "Corefile", text.format(port=port, **ports, **values))
    return servers.Server(name, [binary, "-conf", path], folder, port)


def unbound(folder, upstream_port, workers):
    port = servers.free_port()
    slabs = 1 << max(0, workers - 1).bit_length()
    text = UNBOUND.format(port=port, folder=folder, upstream=upstream_port, workers=workers, slabs=slabs,
                          outgoing=OUTSTANDING_MAX, outstanding=OUTSTANDING_MAX // 2)
    path = servers.write(folder, "unbound.conf", text)
    return servers.Server("unbound", [servers.tool("unbound", "unbound"), "-d", "-c", path], folder, port)


def dnsdist(folder, upstream_port, workers):
    port = servers.free_port()
    text = DNSDIST_LISTEN.format(port=port) * workers + DNSDIST.format(upstream=upstream_port, workers=workers)
    path = servers.write(folder, "dnsdist.conf", text)
    command = [servers.tool("dnsdist", "dnsdist"), "--supervised", "--disable-syslog", "-C", path]
    return servers.Server("dnsdist", command, folder, port)


def place(folder, name):
    return os.path.join(folder, name)
