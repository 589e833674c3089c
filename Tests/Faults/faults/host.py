"""The shop on servers of its own, with a proxy before each of them.

Two topologies: `servers` runs RabbitMQ, PostgreSQL and Redis as managed ones; `shop` is the project's own topology.yaml, whose services reach
them through the proxies, and an observer that writes down what the bus carries."""

import base64
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time

from .proxy import Proxy

UP_PATIENCE = 120
DOWN_PATIENCE = 120
TOOL_PATIENCE = 60

SERVERS = """name: servers
broker: { managed: true }
database: { managed: true }
cache: { managed: true }
admin: { listen: "unix:admin.sock" }
"""

OBSERVER_SERVICE = """  audit:
    command: FaultTestConsumer audit
    depends_on: [broker, database]
    instances: 2
    readiness: { http: /health/ready }
    liveness: { http: /health/live, period: 5s, timeout: 2s }

"""

OBSERVER_QUEUE = """  audit.events:
    bindings: [{ exchange: shop.events, key: "#" }]
    consumer: audit
    single_active_consumer: true
    retry: { immediate: 2, delays: [1s, 5s] }

"""

# More than one instance of what handles events: the order of one key must hold across them.
SCALED = {"order": 2, "inventory": 2, "payment": 2, "notification": 2, "analytics": 2}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Topology:
    """One running topology."""

    def __init__(self, executables, folder, text, environment=None):
        self.signalbox = os.path.join(executables, "signalbox")
        self.folder = folder
        self.state = os.path.join(folder, "state")
        self.environment = {**os.environ, "PATH": executables + ":" + os.environ["PATH"], **(environment or {})}
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "topology.yaml"), "w") as file:
            file.write(text)

    def up(self):
        self.command("up", "--detach", patience=UP_PATIENCE)

    def down(self):
        self.command("down", patience=DOWN_PATIENCE)

    def command(self, *words, patience=TOOL_PATIENCE):
        files = ["--state-dir", self.state] + (["--file", os.path.join(self.folder, "topology.yaml")] if words[0] != "down" else [])
        done = subprocess.run(
            [self.signalbox, *words, *files], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=patience)
        if done.returncode != 0:
            raise RuntimeError(f"signalbox {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def processes(self):
        """By id (`order/1`, `supervisor`), as the keeper wrote them down."""
        try:
            with open(os.path.join(self.state, "run", "keeper.json")) as file:
                return {entry["id"]: entry["pid"] for entry in json.load(file)["processes"]}
        except (OSError, ValueError, KeyError):
            return {}

    def secret(self, name):
        with open(os.path.join(self.state, "secrets", name)) as file:
            return file.read().strip()

    def is_ready(self):
        """Whether all of it is, as its admin endpoint says."""
        connection = http.client.HTTPConnection("signalbox", timeout=5)
        try:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(5)
            connection.sock.connect(os.path.join(self.state, "admin.sock"))
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class Host:
    def __init__(self, executables, project, folder, mail_port, can_mount):
        self.folder = folder
        self.disk = os.path.join(folder, "servers")
        self.can_mount = can_mount
        self.gateway_port = free_port()
        self._stopped = set()
        self._is_alarmed = False
        os.makedirs(self.disk, exist_ok=True)
        # Services may run as users of their own.
        os.chmod(folder, 0o755)
        if can_mount:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1G", "faults", self.disk], check=True)
        self.servers = Topology(executables, self.disk, SERVERS)
        self.servers.up()
        with open(os.path.join(self.servers.state, "servers.json")) as file:
            ports = json.load(file)
        self.database_port = ports["database"]
        self.management_port = ports["broker"]["management"]
        self.query("CREATE DATABASE shop", database="postgres")
        self.management("PUT", "/api/vhosts/shop", {})
        self.management("PUT", "/api/permissions/shop/signalbox", {"configure": ".*", "write": ".*", "read": ".*"})
        self.proxies = {
            "broker": Proxy("broker", ("127.0.0.1", ports["broker"]["port"])),
            "database": Proxy("database", ("127.0.0.1", ports["database"])),
            "cache": Proxy("cache", ("127.0.0.1", ports["cache"])),
        }
        self.shop = Topology(executables, os.path.join(folder, "shop"), self._shop_text(project), {
            "SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
            "BROKER_PASSWORD": self.servers.secret("broker-administrator"),
            "DATABASE_PASSWORD": self.servers.secret("database-superuser"),
            "CACHE_PASSWORD": self.servers.secret("cache"),
        })
        shutil.copytree(os.path.join(project, "deploy", "files"), os.path.join(self.shop.folder, "deploy", "files"), dirs_exist_ok=True)
        shutil.copytree(os.path.join(project, "contracts"), os.path.join(self.shop.folder, "contracts"), dirs_exist_ok=True)
        self.shop.up()

    def _shop_text(self, project):
        with open(os.path.join(project, "topology.yaml")) as file:
            text = file.read()
        servers = {
            "broker": f"url: amqp://signalbox@127.0.0.1:{self.proxies['broker'].port}/shop, password_variable: BROKER_PASSWORD, "
            f"management_url: http://127.0.0.1:{self.management_port}",
            "database": f"url: postgres://postgres@127.0.0.1:{self.proxies['database'].port}/shop, password_variable: DATABASE_PASSWORD",
            "cache": f"url: redis://127.0.0.1:{self.proxies['cache'].port}/0, password_variable: CACHE_PASSWORD",
        }
        for name, reference in servers.items():
            spaces = " " * (10 - len(name) - 1)
            text = replaced(text, f"{name}:{spaces}{{ managed: true }}", f"{name}: {{ {reference} }}")
        text = replaced(text, "admin: { listen: 127.0.0.1:9900 }", 'admin: { listen: "unix:admin.sock" }')
        text = replaced(text, "127.0.0.1:8080", f"127.0.0.1:{self.gateway_port}")
        text = replaced(text, "\nexchanges:\n", f"\n{OBSERVER_SERVICE}exchanges:\n")
        text = replaced(text, "\nqueues:\n", f"\nqueues:\n{OBSERVER_QUEUE}")
        for service, instances in SCALED.items():
            text = replaced(text, f"    command: shop {service}\n", f"    command: shop {service}\n    instances: {instances}\n")
        return text

    # What is done to it.

    def pids(self, target):
        if target == "supervisor":
            found = [self.shop.processes().get("supervisor")]
        elif target == "servers' supervisor":
            found = [self.servers.processes().get("supervisor")]
        elif target in self.proxies:
            found = [self.servers.processes().get(f"{target}/1")]
        else:
            found = [pid for name, pid in self.shop.processes().items() if name.split("/")[0] == target]
        return [pid for pid in found if pid]

    def signal(self, pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if number == signal.SIGSTOP:
            self._stopped.add(pid)
        elif number == signal.SIGCONT:
            self._stopped.discard(pid)

    def set_memory_alarm(self, is_on):
        self._is_alarmed = is_on
        self.rabbitmqctl("set_vm_memory_high_watermark", "0.000001" if is_on else "0.4")

    def set_full_disk(self, is_full):
        ballast = os.path.join(self.disk, "ballast")
        if not is_full:
            if os.path.exists(ballast):
                os.remove(ballast)
            return
        with open(ballast, "wb") as file:
            block = bytes(1 << 20)
            try:
                while True:
                    file.write(block)
                    file.flush()
            except OSError:
                pass

    def poison(self, name):
        """A message that no handler can read."""
        self.management("POST", "/api/exchanges/shop/shop.events/publish", {
            "routing_key": "order.created", "payload": "{\"order_id\": 7", "payload_encoding": "string",
            "properties": {
                "delivery_mode": 2, "message_id": name, "type": "order.created", "content_type": "application/json",
                "headers": {
                    "cloudEvents:specversion": "1.0", "cloudEvents:id": name, "cloudEvents:type": "order.created",
                    "cloudEvents:source": "/faults", "cloudEvents:subject": name, "cloudEvents:time": "2026-01-01T00:00:00Z",
                },
            },
        })

    def heal(self):
        for pid in list(self._stopped):
            self.signal(pid, signal.SIGCONT)
        self._stopped.clear()
        for proxy in self.proxies.values():
            proxy.resume()
        self.set_full_disk(False)
        if self._is_alarmed:
            self.set_memory_alarm(False)

    def wait_until_ready(self, patience):
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.servers.is_ready() and self.shop.is_ready():
                return True
            time.sleep(0.2)
        return False

    def close(self):
        self.heal()
        for topology in (getattr(self, "shop", None), getattr(self, "servers", None)):
            if topology is None:
                continue
            try:
                topology.down()
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                print(f"{topology.folder}: {error}")
        for proxy in self.proxies.values():
            proxy.close()
        if self.can_mount:
            subprocess.run(["umount", "--lazy", self.disk], check=False)

    # What is asked of it.

    def rabbitmqctl(self, *words):
        broker = os.path.join(self.servers.state, "broker")
        environment = dict(os.environ)
        with open(os.path.join(broker, "rabbitmq-env.conf")) as file:
            for line in file:
                name, separator, value = line.strip().partition("=")
                if separator and not name.startswith("#"):
                    environment["RABBITMQ_" + name] = value.strip("'\"")
        for entry in self._broker_environment():
            name, _, value = entry.partition("=")
            if name.startswith(("RABBITMQ_", "ERL_")) or name == "HOME":
                environment[name] = value
        subprocess.run(
            ["/usr/lib/rabbitmq/bin/rabbitmqctl", "--quiet", *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=TOOL_PATIENCE, check=False)

    def _broker_environment(self):
        for pid in self.pids("broker"):
            with open(f"/proc/{pid}/environ", "rb") as file:
                return file.read().decode(errors="replace").split("\0")
        return []

    def management(self, method, path, body=None):
        token = base64.b64encode(f"signalbox:{self.servers.secret('broker-administrator')}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.management_port, timeout=20)
        try:
            connection.request(
                method, path, json.dumps(body) if body is not None else None,
                {"Authorization": f"Basic {token}", "Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read()
            if response.status >= 300:
                raise OSError(f"{method} {path} was answered with {response.status}: {text[:300]!r}")
            return json.loads(text) if text else None
        finally:
            connection.close()

    def dead_letters(self):
        """As `signalbox dead-letters list --each --json` tells them, one a line."""
        lines = self.shop.command("dead-letters", "list", "--each", "--limit", "1000000", "--json").splitlines()
        return [json.loads(line) for line in lines if line]

    def query(self, sql, database="shop"):
        """Rows as lists of texts; as superuser, past the proxies."""
        done = subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator", "\t", "--host", "127.0.0.1", "--port",
             str(self.database_port), "--username", "postgres", "--dbname", database, "--command", sql],
            env={**os.environ, "PGPASSWORD": self.servers.secret("database-superuser"), "PGCONNECT_TIMEOUT": "5"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TOOL_PATIENCE)
        if done.returncode != 0:
            raise OSError(f"psql: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines() if line]


def replaced(text, old, new):
    if old not in text:
        raise RuntimeError(f"topology.yaml has no {old!r} any more; Tests/Faults/faults/host.py has to follow it")
    return text.replace(old, new)
