"""The machine that figures come from."""

import os
import platform
import time


def describe():
    memory = _first_line_value("/proc/meminfo", "MemTotal").split()[0]
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": os.cpu_count(),
        "model": _first_line_value("/proc/cpuinfo", "model name") or platform.machine(),
        "kernel": platform.release(),
        "memory_mib": int(memory) // 1024,
        "distribution": _first_line_value("/etc/os-release", "PRETTY_NAME", "=").strip('"'),
        "load": os.getloadavg()[0],
        "user": "root" if os.geteuid() == 0 else "ordinary user",
    }


def sentence(machine):
    return (
        f"{machine['cores']} × {machine['model']}, {machine['memory_mib']} MiB, {machine['distribution']}, "
        f"Linux {machine['kernel']}, load {machine['load']:.1f} at the start, as {machine['user']}, {machine['time']}"
    )


def _first_line_value(path, key, separator=":"):
    try:
        with open(path) as file:
            for line in file:
                name, found, value = line.partition(separator)
                if found and name.strip() == key:
                    return value.strip()
    except OSError:
        pass
    return ""
