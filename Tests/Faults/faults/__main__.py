"""Orders stream in while things are killed, stopped and cut off; afterwards the books must balance."""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from . import schedule
from .host import Host
from .invariants import Invariants
from .load import Load
from .mail import MailServer

READY = 120


def main():
    options = arguments()
    can_mount = can_mount_tmpfs()
    if not can_mount:
        print("not root: the faults that need a file system of their own (full disk) are left out", file=sys.stderr)
    seeds = [options.only] if options.only is not None else [options.seed * 100_000 + number for number in range(options.schedules)]
    folder = tempfile.mkdtemp(prefix="signalbox-faults-")
    mail = MailServer()
    failed = []
    host = None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        host = Host(options.executables, options.project, folder, mail.port, can_mount)
        if not host.wait_until_ready(READY):
            raise RuntimeError(f"the shop did not become ready within {READY} s")
        invariants = Invariants(host, mail)
        for number, seed in enumerate(seeds, 1):
            if not run(number, len(seeds), seed, host, invariants, can_mount, options):
                failed.append(seed)
                break
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        print(f"error: {error}", file=sys.stderr)
        failed = failed or [seeds[0]]
    finally:
        if failed and options.keep:
            print(f"everything is left as it is, in {folder}")
        else:
            if host:
                host.close()
            if failed:
                print(f"what was written is in {folder}")
            else:
                shutil.rmtree(folder, ignore_errors=True)
        mail.close()
    if failed:
        print(f"\nFAILED. The same again: Tests/Faults/run --only {failed[0]}")
        return 1
    print(f"\n{len(seeds)} schedules, {len(invariants.accepted)} orders, every invariant held. Mails sent again under their id: {mail.repeated}.")
    return 0


def run(number, count, seed, host, invariants, can_mount, options):
    faults = schedule.draw(seed, can_mount)
    print(f"[{number}/{count}] seed {seed}: " + "; ".join(str(fault).strip() for fault in faults), flush=True)
    load = Load(host.gateway_port, seed)
    load.start()
    begin = time.monotonic()
    workers = []
    for fault in faults:
        time.sleep(max(0, begin + fault.at - time.monotonic()))
        worker = threading.Thread(target=strike, args=(fault, host, invariants, seed), daemon=True)
        worker.start()
        workers.append(worker)
    time.sleep(max(0, begin + schedule.LENGTH - time.monotonic()))
    load.stop()
    for worker in workers:
        worker.join(60)
    host.heal()
    invariants.accepted |= set(load.accepted)
    healing = time.monotonic()
    problems = []
    if not host.wait_until_ready(READY):
        problems.append(f"not everything is ready {READY} s after the last fault")
    problems += [f"not settled: {thing}" for thing in invariants.settle()]
    settled = time.monotonic() - healing
    problems += invariants.violations()
    refused = ", ".join(f"{count} × {why}" for why, count in sorted(load.refused.items())) or "none refused"
    print(f"    {len(load.accepted)} orders accepted, {refused}; settled after {settled:.1f} s", flush=True)
    for problem in problems:
        print(f"    VIOLATED  {problem}", flush=True)
    return not problems


def strike(fault, host, invariants, seed):
    dice = random.Random(f"{seed} {fault}")
    if fault.kind in ("kill", "stop"):
        pids = host.pids(fault.target)
        if not pids:
            return
        pid = dice.choice(sorted(pids))
        host.signal(pid, signal.SIGKILL if fault.kind == "kill" else signal.SIGSTOP)
        if fault.kind == "stop":
            time.sleep(fault.duration)
            host.signal(pid, signal.SIGCONT)
    elif fault.kind in ("halt", "reset"):
        proxy = host.proxies[fault.target]
        proxy.halt() if fault.kind == "halt" else proxy.reset()
        time.sleep(fault.duration)
        proxy.resume()
    elif fault.kind == "memory alarm":
        host.set_memory_alarm(True)
        time.sleep(fault.duration)
        host.set_memory_alarm(False)
    elif fault.kind == "full disk":
        host.set_full_disk(True)
        time.sleep(fault.duration)
        host.set_full_disk(False)
    elif fault.kind == "poison":
        name = f"poison-{seed}-{dice.randint(0, 1 << 30)}"
        for _ in range(60):
            try:
                host.poison(name)
                invariants.poisons.add(name)
                return
            except OSError:
                time.sleep(0.5)


def can_mount_tmpfs():
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1M", "faults", folder], capture_output=True, check=False)
        if done.returncode == 0:
            subprocess.run(["umount", folder], check=False)
        return done.returncode == 0


def arguments():
    parser = argparse.ArgumentParser(prog="Tests/Faults/run", description=__doc__)
    parser.add_argument("--schedules", type=int, default=20, metavar="N", help="how many, one after the other on one shop (20; the long run: 1000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="from which the schedules are drawn (1)")
    parser.add_argument("--only", type=int, metavar="SEED", help="this one schedule, as a failing run names it")
    parser.add_argument("--keep", action="store_true", help="leave everything running after a failure")
    parser.add_argument("--executables", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--project", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
