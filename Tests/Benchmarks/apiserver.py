"""The test API server as a process: told what to do by lines, answers with lines of JSON."""

import json
import os
import select
import subprocess

STOP_SECONDS_MAX = 20
LINE_BYTES_MAX = 1 << 20
LINE_SECONDS_MAX = 1_800  # a million events take a while


class APIServer:
    """TestAPIServer with a made-up cluster, behind TLS and HTTP/2. Its kubeconfig is in the folder."""

    def __init__(self, binary, folder, services, endpoints, wide):
        os.makedirs(folder)
        self.kubeconfig = os.path.join(folder, "kubeconfig")
        command = [binary, "--tls", "--directory", folder, "--services", str(services), "--endpoints", str(endpoints)]
        self.process = subprocess.Popen(
            command + (["--wide"] if wide else []), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self.unread = b""
        if not self.read_line().get("ready"):
            raise SystemExit("api: the test API server did not start")

    def read_line(self):
        while b"\n" not in self.unread:
            ready, _, _ = select.select([self.process.stdout], [], [], LINE_SECONDS_MAX)
            if not ready:
                raise SystemExit(f"api: the test API server says nothing for {LINE_SECONDS_MAX} s")
            part = os.read(self.process.stdout.fileno(), 1 << 16)
            if not part or len(self.unread) > LINE_BYTES_MAX:
                raise SystemExit("api: the test API server has ended")
            self.unread += part
        line, self.unread = self.unread.split(b"\n", 1)
        return json.loads(line)

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")

    def ask(self, line):
        """Has one command done; its answer."""
        self.send(line)
        answer = self.read_line()
        if "error" in answer:
            raise SystemExit(f"api: {line}: {answer['error']}")
        return answer

    def follow(self, line, command, seconds):
        """Has a command done whose lines another program reads as they come; what that prints."""
        follower = subprocess.Popen(command, stdin=self.process.stdout, stdout=subprocess.PIPE, text=True)
        try:
            self.send(line)
            return follower.communicate(timeout=seconds)[0]
        finally:
            follower.kill()
            follower.wait()

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
