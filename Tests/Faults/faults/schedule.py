"""What is done to whom, and when: a pure function of the seed."""

import random
from dataclasses import dataclass

# Seconds in which orders come in and faults strike.
LENGTH = 8.0
FEWEST, MOST = 3, 6

SERVICES = ["gateway", "order", "inventory", "payment", "notification", "analytics", "audit", "users"]
SERVERS = ["broker", "database", "cache"]
# The supervisor of the shop, and that of the three servers.
SUPERVISORS = ["supervisor", "servers' supervisor"]

# Kind, weight, targets, shortest and longest duration in seconds.
KINDS = [
    ("kill", 10, SERVICES + SERVERS * 2 + SUPERVISORS, 0, 0),
    ("stop", 6, SERVICES + SERVERS + SUPERVISORS, 0.5, 6),
    ("halt", 4, SERVERS, 0.5, 6),
    ("reset", 4, SERVERS, 0, 3),
    ("memory alarm", 1, ["broker"], 2, 5),
    ("full disk", 1, ["servers' disk"], 1, 4),
    ("poison", 1, ["shop.events"], 0, 0),
]
# Only with a file system of its own, which needs root.
NEEDS_MOUNT = {"full disk"}


@dataclass(frozen=True)
class Fault:
    at: float
    kind: str
    target: str
    duration: float

    def __str__(self):
        lasting = f" for {self.duration:.1f} s" if self.duration else ""
        return f"{self.at:4.1f} s  {self.kind} {self.target}{lasting}"


def draw(seed, can_mount):
    """The faults of one schedule, in the order of their times."""
    dice = random.Random(seed)
    kinds = [kind for kind in KINDS if can_mount or kind[0] not in NEEDS_MOUNT]
    faults = []
    for _ in range(dice.randint(FEWEST, MOST)):
        kind, _, targets, shortest, longest = dice.choices(kinds, [kind[1] for kind in kinds])[0]
        at = dice.uniform(0.3, LENGTH - 0.5)
        faults.append(Fault(round(at, 2), kind, dice.choice(targets), round(dice.uniform(shortest, longest), 2)))
    return sorted(faults, key=lambda fault: fault.at)
