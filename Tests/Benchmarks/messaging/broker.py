"""A RabbitMQ for the run alone, set as Signalbox sets the one it manages."""

import base64
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from common.runner import SessionFailure

PROGRAM = "/usr/lib/rabbitmq/bin/rabbitmq-server"
USER = "benchmark"
START_LIMIT = 90
STOP_LIMIT = 20
SCRIPT = f"""
epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 & epmd=$!
trap 'kill -TERM "$server" 2>/dev/null' TERM INT HUP
{PROGRAM} & server=$!
wait "$server"
while kill -0 "$server" 2>/dev/null; do wait "$server"; done
kill "$epmd" 2>/dev/null
"""
ERLANG = "+S 2:2 +stbt u +sbwt none +sbwtdcpu none +sbwtdio none +P 262144 +t 1048576 +zdbbl 32000"




class Broker:
    def __init__(self, folder):
        self.folder = folder
        self.password = secrets.token_hex(8)
        self.port, self.management_port = free_port(), free_port()
        self._process = None

    @staticmethod
    def absence():
        return None if os.access(PROGRAM, os.X_OK) else f"there is no {PROGRAM} (apt-get install rabbitmq-server)"

    @property
    def environment(self):
        """What the loops are told."""
        return {"BUS_PORT": str(self.port), "BUS_USER": USER, "BUS_PASSWORD": self.password}

    def start(self):
        for name in ("mnesia", "log"):
            os.makedirs(os.path.join(self.folder, name))
        self._write(".erlang.cookie", secrets.token_hex(16).upper(), mode=0o400)
        self._write("enabled_plugins", "[rabbitmq_management].\n")
        self._write("rabbitmq-env.conf", "")
        self._write("rabbitmq.conf", self._configuration())
        user = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("rabbitmq")
            for path, folders, files in os.walk(self.folder):
                for name in [".", *folders, *files]:
                    os.chown(os.path.join(path, name), account.pw_uid, account.pw_gid)
            user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        log = open(os.path.join(self.folder, "out"), "wb")
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", SCRIPT], cwd=self.folder, env=self._variables(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, **user)
        self._wait()

    def stop(self):
        if not self._process:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pids(self):
        """The virtual machine's; what it starts besides does not count."""
        return [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and _is_in_session(int(pid), self._process.pid)]

    # The management API

    def declare(self, queue, kind="quorum"):
        body = {"durable": True, "arguments": {"x-queue-type": kind}}
        self._call("PUT", f"/api/queues/%2F/{queue}", body)

    def delete(self, queue):
        self._call("DELETE", f"/api/queues/%2F/{queue}")

    def consumers(self):
        """The queues that are consumed."""
        return {queue["name"] for queue in json.loads(self._call("GET", "/api/queues/%2F")) if queue.get("consumers")}

    def _call(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.management_port}{path}", method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{USER}:{self.password}".encode()).decode())
        request.add_header("Content-Type", "application/json")
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=30) as answer:
                return answer.read()
        except urllib.error.URLError as failure:
            raise SessionFailure(f"{method} {path}: {failure}") from failure

    # Its start

    def _wait(self):
        until = time.monotonic() + START_LIMIT
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    connection.sendall(b"AMQP\0\0\x09\x01")
                    if connection.recv(1):
                        return
            except OSError:
                pass
            time.sleep(0.1)
        with open(os.path.join(self.folder, "out"), errors="replace") as log:
            raise SessionFailure(f"RabbitMQ did not start: {log.read()[-400:]}")

    def _write(self, name, text, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)

    def _configuration(self):
        return (
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {self.management_port}\n"
            f"default_user = {USER}\ndefault_pass = {self.password}\ndefault_user_tags.administrator = true\n"
            "log.console = true\nlog.console.level = warning\nlog.file = false\n"
            "disk_free_limit.absolute = 50MB\nraft.wal_max_size_bytes = 67108864\ncollect_statistics_interval = 2000\n")

    def _variables(self):
        inside = lambda name: os.path.join(self.folder, name)
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": self.folder, "LANG": "C.UTF-8", "RABBITMQ_NODENAME": "benchmark@localhost",
            "RABBITMQ_MNESIA_BASE": inside("mnesia"), "RABBITMQ_LOG_BASE": inside("log"), "RABBITMQ_LOG": "warning,-color",
            "RABBITMQ_ENABLED_PLUGINS_FILE": inside("enabled_plugins"), "RABBITMQ_CONFIG_FILE": inside("rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": inside("rabbitmq-env.conf"), "RABBITMQ_PID_FILE": inside("rabbitmq.pid"),
            "RABBITMQ_DIST_PORT": str(free_port()), "ERL_EPMD_PORT": str(free_port()), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP_BYTES": "0", "RUNNING_UNDER_SYSTEMD": "true", "RABBITMQ_SERVER_ERL_ARGS": ERLANG,
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _is_in_session(pid, session):
    try:
        return os.getsid(pid) == session
    except OSError:
        return False
