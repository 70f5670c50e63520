"""An image as a node loads it from its archive, and containers of it as containerd starts them with runc."""

import glob
import json
import os
import platform
import subprocess
import tarfile

SECONDS_MAX = 120
STOP_SECONDS_MAX = 20
SECCOMP = "/usr/share/containers/seccomp.json"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
MASKED = "acpi asound kcore keys latency_stats timer_list timer_stats sched_debug scsi"
READ_ONLY = "bus fs irq sys sysrq-trigger"


# What `docker run` leaves a container: of these a user who is not root has none before the program starts.
DOCKER = [
    f"CAP_{name}" for name in "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP "
    "NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE".split()
]


class Failure(Exception):
    """Something that cannot be done here, in words."""


def run(*command, seconds=SECONDS_MAX):
    """The output of a command that has to succeed."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"{' '.join(command)}: {error}") from error
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


class Image:
    """An archive that was loaded into a storage of its own and mounted."""

    def __init__(self, archive, folder):
        self.buildah = ["buildah", "--root", f"{folder}/storage", "--runroot", f"{folder}/run"]
        if subprocess.run([*self.buildah, "info"], capture_output=True, check=False).returncode != 0:
            self.buildah += ["--storage-driver", "vfs"]
        with tarfile.open(archive) as members:
            kind = "oci-archive" if "oci-layout" in members.getnames() else "docker-archive"
        name = run(*self.buildah, "pull", "--quiet", f"{kind}:{os.path.abspath(archive)}").split()[-1]
        self.config = json.loads(run(*self.buildah, "inspect", "--type", "image", name))["OCIv1"]["config"]
        self.container = run(*self.buildah, "from", "--pull-never", name).strip()
        self.root = run(*self.buildah, "mount", self.container).strip()
        pushed = os.path.join(folder, "pushed")
        run(*self.buildah, "push", "--quiet", "--compression-format", "gzip", name, f"dir:{pushed}")
        files = [path for path in glob.glob(f"{pushed}/*") if os.path.basename(path) != "version"]
        self.compressed_bytes = sum(map(os.path.getsize, files))

    def close(self):
        run(*self.buildah, "umount", self.container)
        run(*self.buildah, "rm", self.container)

    def files(self):
        """Each file, folder and link: its path in the image, and what `lstat` says."""
        for folder, folders, names in os.walk(self.root):
            for name in folders + names:
                path = os.path.join(folder, name)
                yield path.removeprefix(self.root), os.lstat(path)


def seccomp(capabilities):
    """The profile `RuntimeDefault` for a container with these capabilities, in the runtime's form."""
    with open(SECCOMP) as file:
        profile = json.load(file)
    architecture = ARCHITECTURES.get(platform.machine(), platform.machine())

    def applies(rule):
        wanted, unwanted = rule.get("includes") or {}, rule.get("excludes") or {}
        return (
            all(one in capabilities for one in wanted.get("caps") or [])
            and not any(one in capabilities for one in unwanted.get("caps") or [])
            and architecture in (wanted.get("arches") or [architecture])
            and architecture not in (unwanted.get("arches") or [])
        )

    keys = ("names", "action", "args", "errnoRet")
    rules = [{key: rule[key] for key in keys if rule.get(key)} for rule in profile["syscalls"] if applies(rule)]
    return {"defaultAction": profile["defaultAction"], "defaultErrnoRet": profile["defaultErrnoRet"], "syscalls": rules}


def mounts(binds):
    """What containerd mounts into every container, and what kubelet has it bind: {place: path of the node}."""
    plain = ["nosuid", "noexec", "nodev"]
    found = [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": plain},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=65536k"]},
        {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": [*plain, "mode=1777", "size=64m"]},
        {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [*plain, "ro"]},
    ]
    for place, path in binds.items():
        found.append({"destination": place, "type": "bind", "source": path, "options": ["rbind", "rprivate", "ro"]})
    return found


class Container:
    """A container that runs, in the network namespace of this program; its output goes to a file.

    Without a list of capabilities it is one of `docker run`, which may gain what the program's file has.
    """

    def __init__(self, image, folder, arguments, *, capabilities, binds, environment, memory_bytes):
        self.name = f"clusterdns-check-{os.getpid()}-{os.path.basename(folder)}"
        self.state = os.path.join(folder, "state")
        self.log_path = os.path.join(folder, "log")
        os.makedirs(folder)
        is_pod = capabilities is not None
        bounding = capabilities if is_pod else DOCKER
        sets = {"bounding": bounding, **dict.fromkeys(("effective", "permitted"), capabilities or [])}
        user, group = map(int, image.config["User"].split(":"))
        bundle = {
            "ociVersion": "1.0.2",
            "process": {
                "args": image.config["Entrypoint"] + arguments,
                "cwd": image.config["WorkingDir"],
                "env": image.config["Env"] + environment,
                "user": {"uid": user, "gid": group},
                "capabilities": sets,
                "noNewPrivileges": is_pod,
            },
            "root": {"path": image.root, "readonly": is_pod},
            "hostname": "coredns",
            "mounts": mounts(binds),
            "linux": {
                "cgroupsPath": f"/{self.name}",
                "resources": {"memory": {"limit": memory_bytes}},
                "namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")],
                "maskedPaths": [f"/proc/{name}" for name in MASKED.split()] + ["/sys/firmware"],
                "readonlyPaths": [f"/proc/{name}" for name in READ_ONLY.split()],
                "seccomp": seccomp(bounding),
            },
        }
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(bundle, file)
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(
                ["runc", "--root", self.state, "run", "--bundle", folder, self.name],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )

    @property
    def log(self):
        with open(self.log_path) as file:
            return file.read()

    @property
    def pid(self):
        """The process in the container, as this namespace numbers it."""
        return json.loads(run("runc", "--root", self.state, "state", self.name))["pid"]

    def threads(self):
        """What the kernel tells of each thread: {field: value}."""
        for path in glob.glob(f"/proc/{self.pid}/task/*/status"):
            with open(path) as file:
                yield {field: value.strip() for field, value in (line.split(":", 1) for line in file)}

    def memory(self, *names):
        """The first of these files of its memory cgroup that there is, as a number."""
        with open(f"/proc/{self.pid}/cgroup") as file:
            lines = [line.strip().split(":", 2) for line in file]
        for _, controllers, path in lines:
            top = "memory" if "memory" in controllers.split(",") else "" if controllers == "" else None
            for name in names if top is not None else []:
                file_path = os.path.join("/sys/fs/cgroup", top, path.lstrip("/"), name)
                if os.path.exists(file_path):
                    with open(file_path) as file:
                        return int(file.read())
        raise Failure(f"no memory cgroup with {' or '.join(names)}")

    def wait(self):
        """The exit status; None if it goes on."""
        try:
            return self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        """The exit status after SIGTERM, as kubelet ends a container."""
        if self.process.poll() is None:
            self.process.terminate()
        status = self.wait()
        if status is None:
            run("runc", "--root", self.state, "kill", self.name, "KILL")
            self.process.wait(STOP_SECONDS_MAX)
        return status
