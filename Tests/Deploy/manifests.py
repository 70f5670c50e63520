"""The manifests of docker/kubernetes: each by the schemas of Kubernetes, and how they fit together."""

import copy
import glob
import os
import re

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "docker", "kubernetes")
# The oldest that has everything the manifests use, and one of today.
KUBERNETES_VERSIONS = ["1.27", "1.37"]
KUBEADM_COREFILE = os.path.join(os.path.dirname(HERE), "Scenarios", "recorded", "kubeadm-verbatim", "Corefile")
KUBEADM_LABEL = ("k8s-app", "kube-dns")
# Beyond lameduck the server waits for upstreams, at most so long (Sources/Instance/DrainPlan.swift).
WAITING_SECONDS_MAX = 5

# Faults that the schemas must find: (kind, where, value).
PLANTED = [
    ("Deployment", ["spec", "template", "spec", "containers", 0, "readinesProbe"], {}),
    ("Deployment", ["spec", "replicas"], "two"),
    ("Deployment", ["spec", "template", "spec", "containers", 0, "securityContext", "capabilities", "dropp"], ["ALL"]),
    ("Service", ["spec", "ports", 0, "port"], "domain"),
    ("ClusterRole", ["rules", 0, "resource"], ["pods"]),
    ("PodDisruptionBudget", ["spec", "maxUnavailable"], {}),
    ("DaemonSet", ["spec", "updateStrategy", "rollingUpdate", "maxUnavailabel"], 1),
    ("ConfigMap", ["data", "Corefile"], 53),
]


def load():
    """{file: [object]} of all manifests."""
    found = {}
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.yaml"))):
        with open(path) as text:
            found[os.path.basename(path)] = list(yaml.safe_load_all(text))
    return found


class Manifests:
    def __init__(self):
        self.files = load()
        self.objects = [item for items in self.files.values() for item in items]

    def of(self, kind):
        return [item for item in self.objects if item["kind"] == kind]

    def one(self, kind, name):
        found = [item for item in self.of(kind) if item["metadata"]["name"] == name]
        if len(found) != 1:
            raise LookupError(f"there are {len(found)} of {kind} {name}")
        return found[0]

    def workloads(self):
        return self.of("Deployment") + self.of("DaemonSet")

    def corefiles(self, workload):
        """{key: text} of the ConfigMap that a workload mounts."""
        volume = next(volume for volume in pod(workload)["volumes"] if "configMap" in volume)
        return self.one("ConfigMap", volume["configMap"]["name"])["data"]

    def permissions(self, role):
        """(group, resource, verb) of each that a ClusterRole grants."""
        return granted(self.one("ClusterRole", role)["rules"])

    def optional_permissions(self):
        """What the lines grant that are comments in the Deployment's ClusterRole."""
        with open(os.path.join(FOLDER, "clusterdns.yaml")) as text:
            lines = re.findall(r"^  # ((?:- |  )(?:apiGroups|resources|verbs): .*)$", text.read(), re.MULTILINE)
        return granted(yaml.safe_load("\n".join(lines)))


def granted(rules):
    return {
        (group, resource, verb)
        for rule in rules for group in rule["apiGroups"] for resource in rule["resources"] for verb in rule["verbs"]}


def pod(workload):
    return workload["spec"]["template"]["spec"]


def labels(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


def title(item):
    return f"{item['kind']} {item['metadata']['name']}"


def selects(selector, found):
    return selector.items() <= found.items()


# How they fit together: each yields what is wrong.


def kubeadm_finds_one_deployment(all_of):
    named = [item for item in all_of.of("Deployment") if KUBEADM_LABEL in item["metadata"].get("labels", {}).items()]
    names = [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in named]
    if names != [("kube-system", "coredns")]:
        yield f"kubeadm wants one Deployment kube-system/coredns with k8s-app=kube-dns, and there is {names}"


def everything_is_in_kube_system(all_of):
    for item in all_of.objects:
        if item["metadata"].get("namespace", "kube-system") != "kube-system":
            yield f"{title(item)} is in {item['metadata']['namespace']}"
        if not item["kind"].startswith("Cluster") and "namespace" not in item["metadata"]:
            yield f"{title(item)} names no namespace"


def selectors_fit_pods(all_of):
    for item in all_of.workloads():
        if not selects(item["spec"]["selector"]["matchLabels"], labels(item)):
            yield f"{title(item)} does not select its own pods"
    deployment, node = all_of.one("Deployment", "coredns"), all_of.one("DaemonSet", "clusterdns-node")
    selectors = [(title(item), item["spec"]["selector"]) for item in all_of.of("Service")]
    selectors += [(title(item), item["spec"]["selector"]["matchLabels"]) for item in all_of.of("PodDisruptionBudget")]
    spec = pod(deployment)
    spread = [one["labelSelector"]["matchLabels"] for one in spec["topologySpreadConstraints"]]
    for one in spec["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]:
        spread.append(one["podAffinityTerm"]["labelSelector"]["matchLabels"])
    for name, selector in [*selectors, *(("a spread", one) for one in spread)]:
        if not selects(selector, labels(deployment)):
            yield f"{name} does not select the Deployment's pods"
        if selects(selector, labels(node)):
            yield f"{name} selects the pods of the DaemonSet too"


def accounts_are_bound(all_of):
    for item in all_of.workloads():
        account = all_of.one("ServiceAccount", pod(item)["serviceAccountName"])["metadata"]["name"]
        bound = [
            binding for binding in all_of.of("ClusterRoleBinding")
            for subject in binding["subjects"] if (subject["kind"], subject["name"]) == ("ServiceAccount", account)]
        if len(bound) != 1:
            yield f"{account} is bound {len(bound)} times"
        for binding in bound:
            all_of.one("ClusterRole", binding["roleRef"]["name"])


def volumes_are_there(all_of):
    for item in all_of.workloads():
        spec = pod(item)
        names = {volume["name"] for volume in spec["volumes"]}
        mounted = {mount["name"] for container in spec["containers"] for mount in container.get("volumeMounts", [])}
        if names != mounted:
            yield f"{title(item)} has volumes {names} and mounts {mounted}"
        for volume in spec["volumes"]:
            for key in [entry["key"] for entry in volume.get("configMap", {}).get("items", [])]:
                if key not in all_of.corefiles(item):
                    yield f"{title(item)} mounts {key}, which its ConfigMap does not have"


def the_server_has_time_to_drain(all_of):
    for item in all_of.workloads():
        for key, text in all_of.corefiles(item).items():
            lameduck = int(re.search(r"lameduck (\d+)s", text).group(1))
            if pod(item)["terminationGracePeriodSeconds"] <= lameduck + WAITING_SECONDS_MAX:
                yield f"{title(item)}: the grace period ends before lameduck of {key}"


def containers_may_do_little(all_of):
    for item in all_of.workloads():
        spec = pod(item)
        for container in spec["containers"] + spec.get("initContainers", []):
            may = container["securityContext"]
            adds = ["NET_ADMIN"] if container in spec.get("initContainers", []) else ["NET_BIND_SERVICE"]
            if may["capabilities"] != {"add": adds, "drop": ["ALL"]}:
                yield f"{title(item)}: {container['name']} has {may['capabilities']}"
            if may["allowPrivilegeEscalation"] or not may["readOnlyRootFilesystem"]:
                yield f"{title(item)}: {container['name']} may write or gain privileges"
            if not {**spec["securityContext"], **may}.get("runAsNonRoot") and adds != ["NET_ADMIN"]:
                yield f"{title(item)}: {container['name']} may run as root"
            if "memory" not in container["resources"]["limits"] or "cpu" in container["resources"]["limits"]:
                yield f"{title(item)}: {container['name']} wants a limit of memory and none of CPU"
            if not re.search(r":[^/]+$", container["image"]) or container["image"].endswith(":latest"):
                yield f"{title(item)}: {container['image']} has no tag that stays"


def ports_are_named_where_they_are_used(all_of):
    container = pod(all_of.one("Deployment", "coredns"))["containers"][0]
    ports = {port["name"]: (port["containerPort"], port["protocol"]) for port in container["ports"]}
    for probe in (container["livenessProbe"], container["readinessProbe"]):
        if probe["httpGet"]["port"] not in ports:
            yield f"no port is called {probe['httpGet']['port']}"
    for port in all_of.one("Service", "kube-dns")["spec"]["ports"]:
        if ports.get(port["name"]) != (port["targetPort"], port["protocol"]) or port["port"] != port["targetPort"]:
            yield f"Service kube-dns and Deployment differ in {port['name']}"


def the_deployment_has_the_corefile_of_kubeadm(all_of):
    """As it was recorded: kubeadm then sees that nobody has changed it."""
    with open(KUBEADM_COREFILE) as text:
        if words(all_of.corefiles(all_of.one("Deployment", "coredns"))["Corefile"]) != words(text.read()):
            yield f"it differs from {KUBEADM_COREFILE}"


def words(corefile):
    return [line.split() for line in corefile.splitlines() if line.strip()]


FITS = [
    kubeadm_finds_one_deployment, everything_is_in_kube_system, selectors_fit_pods, accounts_are_bound,
    volumes_are_there, the_server_has_time_to_drain, containers_may_do_little, ports_are_named_where_they_are_used,
    the_deployment_has_the_corefile_of_kubeadm,
]


def check_fits():
    """Yields (title, failures)."""
    all_of = Manifests()
    for fit in FITS:
        try:
            failures = list(fit(all_of))
        except (LookupError, TypeError) as error:
            failures = [f"something is not there: {error}"]
        yield "manifests: " + fit.__name__.replace("_", " "), failures


def check_schemas(validate):
    """Yields (title, failures): every object is valid, and the schemas find what is planted."""
    all_of = Manifests()
    for version in KUBERNETES_VERSIONS:
        for item in all_of.objects:
            yield f"schema {version}: {title(item)}", fault(validate, item, version)
        for kind, path, value in PLANTED:
            bad = copy.deepcopy(all_of.of(kind)[0])
            plant(bad, path, value)
            words = ".".join(map(str, path))
            is_found = bool(fault(validate, bad, version))
            yield f"schema {version}: a fault in {kind} {words} is found", [] if is_found else ["it counts as valid"]


def plant(item, path, value):
    for step in path[:-1]:
        item = item[step]
    item[path[-1]] = value


def fault(validate, item, version):
    try:
        validate.validate(item, version, strict=True)
    except validate.ValidationError as error:
        return [f"{'.'.join(map(str, error.path))}: {error.message[:200]}"]
    return []
