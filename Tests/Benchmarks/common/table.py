"""Figures as a table for people."""

SIGNS = {"at most": "≤", "at least": "≥", "exactly": "="}


def render(figures, ours, peers, references):
    rows = [["figure", "unit", ours, *peers, "÷ best peer", "goal", "met"]]
    for figure in figures:
        summary = figure.summary(ours, references)
        cells = [_number(summary["ours"], figure.digits)]
        cells += [_number(summary["peers"].get(peer), figure.digits) for peer in peers]
        ratio = summary["ratio"]
        rows.append([
            figure.title, figure.unit, *cells, "" if ratio is None else f"{ratio:.2f}",
            f"{SIGNS[figure.sense]} {figure.goal:g}" + (f" × {figure.against}" if figure.against else ""), "yes" if summary["met"] else "NO",
        ])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


def _line(row, widths):
    left = 2
    cells = [cell.ljust(width) if column < left else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))]
    return "  ".join(cells).rstrip()


def _number(value, digits):
    return "" if value is None else f"{value:.{digits}f}"
