"""Who runs a loop: our driver or a C program."""


class Signalbox:
    name = "signalbox"

    @staticmethod
    def absence():
        return None

    @staticmethod
    def command(bench, what, arguments):
        return [bench.tools.driver, what, *arguments]


class CLoop:
    name = "C loop"

    @staticmethod
    def absence():
        return None

    @staticmethod
    def command(bench, what, arguments):
        # It knows one way of each.
        return [bench.program(what.partition("-")[0]), *arguments]


def measured(figure, told):
    """The figure's value, and what else is worth keeping."""
    return {figure: told["count"] / told["seconds"]}, {
        "cpu_us_each": told["cpu_seconds"] / told["count"] * 1e6, "seconds": told["seconds"], "count": told["count"]}
