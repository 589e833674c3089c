"""A service as the sessions declare it; each supervisor has its own words for it."""

from dataclasses import dataclass


@dataclass
class Service:
    name: str
    program: str
    # One word, because a "#!" line hands over one.
    word: str
    has_probe: bool = False
    has_log: bool = False

    @property
    def shebang(self):
        """A run script without a shell in between: the service is its own script's interpreter."""
        return f"#!{self.program} {self.word}\n"


def services(bench, count, mode="idle"):
    """`count` of bench's services, s000 and so on."""
    names = [f"s{number:03d}" for number in range(count)]
    return [
        Service(name, bench.tools.service, f"{bench.collector.path}:{name}:{mode}", has_probe=mode == "http", has_log=mode.isdigit())
        for name in names
    ]
