"""A line of the table: what was measured, for whom, and what it should have been."""

import json
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Figure:
    name: str
    title: str
    unit: str
    # Absolute, or, with `against`, as a multiple of that peer's.
    goal: float
    # "at most", "at least" or "exactly" the goal.
    sense: str = "at most"
    digits: int = 1
    # The peer that the goal is a multiple of.
    against: str = None
    # Values of each round by contestant.
    values: dict = field(default_factory=dict)
    # Who did not do in some round what was asked of it.
    failed: set = field(default_factory=set)

    def add(self, contestant, value):
        self.values.setdefault(contestant, []).append(value)

    def result(self, contestant):
        """The median of the rounds; of a count that must be exact, the worst."""
        values = self.values.get(contestant)
        if not values:
            return None
        return max(values, key=lambda value: abs(value - self.goal)) if self.sense == "exactly" else median(values)

    def summary(self, ours, references):
        """What --json prints. `references` are shown beside the peers, and are no peers to be compared with."""
        value = self.result(ours)
        peers = {name: self.result(name) for name in self.values if name != ours}
        rivals = [found for name, found in peers.items() if name not in references]
        best = peers.get(self.against) if self.against else None if self.sense == "exactly" else (max if self.sense == "at least" else min)(rivals, default=None)
        ratio = value / best if value is not None and best else None
        judged = ratio if self.against else value
        return {
            "figure": self.name,
            "unit": self.unit,
            "ours": _rounded(value),
            "peers": {name: _rounded(found) for name, found in peers.items()},
            "ratio": _rounded(ratio),
            "goal": self.goal,
            "against": self.against,
            "met": judged is not None and ours not in self.failed and self._is_met(judged),
        }

    def json(self, ours, references):
        return json.dumps(self.summary(ours, references))

    def _is_met(self, value):
        if self.sense == "at least":
            return value >= self.goal
        return value == self.goal if self.sense == "exactly" else value <= self.goal


def _rounded(value):
    return None if value is None else round(value, 3)
