"""What /proc says, and the end of what was started here."""

import ctypes
import os
import resource
import signal
import time

# What Debian gives a shell and a service. A supervisor of 500 has to raise it for itself.
OPEN_FILES = 1024
PR_SET_CHILD_SUBREAPER = 36
TICKS = os.sysconf("SC_CLK_TCK")


def become_subreaper():
    """Whatever loses its parent comes to this process, so that nothing that was started here is ever out of sight."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def limit_open_files():
    """For this process and all that it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard), hard))


def table():
    """{pid: (state, parent)} of everything that runs."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = _stat(int(entry))
            if fields:
                found[int(entry)] = (fields[0], int(fields[1]))
    return found


def descendants(root, among=None):
    """Pids below `root` that are no zombies, without itself."""
    among = among or table()
    children = {}
    for pid, (_, parent) in among.items():
        children.setdefault(parent, []).append(pid)
    found, waiting = [], [root]
    while waiting:
        for child in children.get(waiting.pop(), []):
            waiting.append(child)
            if among[child][0] != "Z":
                found.append(child)
    return found


def is_alive(pid):
    fields = _stat(pid)
    return bool(fields) and fields[0] not in "ZX"


def executable(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def arguments(pid):
    return _read(f"/proc/{pid}/cmdline").split("\0")[:-1]


def running(program):
    """Pids that execute `program`."""
    return [pid for pid, (state, _) in table().items() if state not in "ZX" and executable(pid) == program]


def pss_mib(pids):
    """Memory with each shared page counted in parts, in MiB."""
    total = 0
    for pid in pids:
        for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def cpu_seconds(pids):
    """{pid: user and system time that it has used so far, with that of its children that have ended}."""
    return {pid: sum(map(int, fields[11:15])) / TICKS for pid, fields in ((pid, _stat(pid)) for pid in pids) if fields}


def cpu_since(before, pids):
    """What `pids` have used since `before`, which need not have known them all."""
    return {pid: seconds - before.get(pid, 0) for pid, seconds in cpu_seconds(pids).items()}


def reap(keeping=()):
    """Takes leave of dead orphans, except of `keeping`, which somebody else waits for."""
    own = os.getpid()
    for pid, (state, parent) in table().items():
        if state == "Z" and parent == own and pid not in keeping:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass


def sweep(limit=10.0):
    """Kills whatever runs below this process, and waits until it is gone."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        left = descendants(os.getpid())
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        reap()
        if not left:
            return
        time.sleep(0.02)


def _stat(pid):
    """The fields after the command's name, which may hold spaces."""
    return _read(f"/proc/{pid}/stat").rpartition(") ")[2].split()


def _read(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:
        return ""
