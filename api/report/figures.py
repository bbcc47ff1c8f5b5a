"""The report's figures as SVG: drawn once, no script, the same on screen and on paper.

Colours are of the Okabe-Ito palette, told apart by the colour-blind; shape or dash always says the same again.
"""

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from service.comparison import Compared, Comparison, Difference, Side
from service.record.facts import Dose, Fact, Reading
from service.record.moments import BEGINNING
from service.ruleset import Ruleset

INK, GREY, BLUE, RED, PINK = "#1a1a1a", "#767676", "#0072B2", "#D55E00", "#CC79A7"
SIDES: dict[Side, tuple[str, str, str]] = {
    "before": ("limits in force", "#b8b8b8", "////"),
    "after": ("other limits", BLUE, ""),
}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.color": "#ffffff",
    "path.simplify_threshold": 0.5,
}
DAYS, MOST_A_DAY = 14, 6
MANY = 300
"""Points from which on they are drawn without markers, or as a picture of dots: the page has to open fast."""
ALWAYS = (("hypotension", "systolic"), ("hypotension", "diastolic"), ("bradycardia", "heart-rate"))
"""Limits that are drawn even where they do not differ."""


class Mark(NamedTuple):
    """How alerts of a kind are marked in the strip below the readings."""

    label: str
    marker: str
    colour: str


class Line(NamedTuple):
    """How a quantity is drawn."""

    name: str
    colour: str
    marker: str


class Part(NamedTuple):
    """One plot of a patient's figure: its lines, the keys of their limits, its height."""

    label: str
    lines: tuple[Line, ...]
    limits: tuple[str, ...]
    inches: float


PARTS = (
    Part(
        "blood pressure, mm[Hg]",
        (Line("systolic", INK, "o"), Line("diastolic", GREY, "s")),
        ("systolic", "diastolic"),
        2.4,
    ),
    Part("heart rate, /min", (Line("heart_rate", INK, "o"),), ("heart-rate",), 1.3),
)
MARKS: dict[str, Mark] = {
    "added": Mark("added", "^", BLUE),
    "removed": Mark("removed", "x", RED),
    "severity": Mark("other severity", "D", PINK),
    "kept": Mark("in both", "o", GREY),
    "dose": Mark("dose given", "v", INK),
}


def by_rule(comparison: Comparison) -> str:
    """Alerts added and removed, by rule."""
    added, removed = Counter[str](), Counter[str]()
    for row in comparison.rows():
        added[row.rule] += row.added
        removed[row.rule] += row.removed
    names = [name for name in added if added[name] or removed[name]][::-1]
    with mpl.rc_context(STYLE):
        figure = Figure((9, 0.9 + 0.3 * max(len(names), 1)), layout="constrained")
        axes = figure.add_subplot()
        axes.barh(names, [added[name] for name in names], color=BLUE, label="added")
        axes.barh(names, [-removed[name] for name in names], color=RED, hatch="////", label="removed")
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):,.0f}")
        axes.set_xlabel("alerts")
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
        return _svg(figure, "Alerts added and removed, by rule")


def burden(comparison: Comparison) -> str:
    """Pageable alerts a patient-day: over the days of the record, and how they are spread."""
    with mpl.rc_context(STYLE):
        figure = Figure((9, 2.8), layout="constrained")
        left, right = figure.subplots(1, 2)
        days = [day for day in range(1, DAYS + 1) if comparison.days_of[day]]
        for place, side in enumerate(SIDES):
            means = [comparison.by_day[side, day] / comparison.days_of[day] for day in days]
            _bars(left, days, means, place, side)
            spread = [_share(comparison, side, count) for count in range(MOST_A_DAY + 1)]
            _bars(right, list(range(MOST_A_DAY + 1)), spread, place, side)
        left.set(xlabel=f"day of the record (the first {DAYS})", ylabel="pageable alerts a patient-day")
        right.set(xlabel="pageable alerts on a patient-day", ylabel="share of patient-days, %")
        right.set_xticks(range(MOST_A_DAY + 1), [*map(str, range(MOST_A_DAY)), f"{MOST_A_DAY} or more"])
        left.xaxis.set_major_locator(MaxNLocator(integer=True))
        left.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
        return _svg(figure, "Pageable alerts per patient-day, with the limits in force and the others")


def _bars(axes: Axes, at: Sequence[int], heights: Sequence[float], place: int, side: Side) -> None:
    label, colour, hatch = SIDES[side]
    places = [one + (place - 0.5) * 0.4 for one in at]
    axes.bar(places, heights, 0.38, label=label, color=colour, hatch=hatch)


def _share(comparison: Comparison, side: Side, count: int) -> float:
    days = sum(
        number
        for (of, alerts), number in comparison.daily.items()
        if of == side and min(alerts, MOST_A_DAY) == count
    )
    return 100 * days / max(comparison.days, 1)


def patient(one: Compared, rules: Ruleset, other: Ruleset) -> str:
    """A patient's readings with both sets of limits, doses, and what becomes of the alerts."""
    first = beginning(one)
    readings = [reading for reading in one.chart.record.readings if reading.at >= first]
    shown = [part for part in PARTS if any(_values(readings, line.name) for line in part.lines)]
    with mpl.rc_context(STYLE):
        figure = Figure((9, 1.6 + sum(part.inches for part in shown)), layout="constrained")
        ratios = [*(part.inches for part in shown), 1.4]
        *above, strip = figure.subplots(len(ratios), 1, sharex=True, height_ratios=ratios, squeeze=False).flat
        for part, axes in zip(shown, above, strict=True):
            for line in part.lines:
                _line(axes, _values(readings, line.name), line, first)
            _limits(axes, part.limits, rules, other)
            _bands(axes, one, first)
            axes.set_ylabel(part.label)
        if above:
            above[0].legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=4)
        _strip(strip, one, first)
        strip.set_xlabel("day of the record (UTC)")
        strip.xaxis.set_major_locator(MaxNLocator(integer=True))
        return _svg(figure, "Readings over time with limits, doses and alerts")


def beginning(one: Compared) -> datetime:
    """Midnight (UTC) of the first day of which the record knows anything."""
    times = [fact.at for fact in one.chart.record.facts.values()] + [
        alert.at for alert in (*one.before, *one.after)
    ]
    first = min(at for at in times if at > BEGINNING)
    return first.replace(hour=0, minute=0, second=0, microsecond=0)


def _day(at: datetime, first: datetime) -> float:
    return (at - first).total_seconds() / 86_400 + 1


def _values(readings: Iterable[Reading], name: str) -> list[tuple[datetime, Decimal]]:
    known = ((reading.at, getattr(reading, name)) for reading in readings)
    return [(at, value) for at, value in known if value is not None]


def _line(axes: Axes, values: Sequence[tuple[datetime, Decimal]], line: Line, first: datetime) -> None:
    days, heights = [_day(at, first) for at, _ in values], [float(value) for _, value in values]
    axes.plot(days, heights, color=line.colour, marker=line.marker if len(days) <= MANY else "", markersize=2.5,
              linewidth=0.8, label=line.name.replace("_", " "))  # fmt: skip


def _bands(axes: Axes, one: Compared, first: datetime) -> None:
    """Where an alert comes, goes or changes its severity."""
    for difference in one.differences:
        if difference.kind != "otherwise":
            colour = MARKS[difference.kind].colour
            axes.axvline(_day(difference.alert.at, first), color=colour, alpha=0.25, linewidth=2, zorder=0)


def _limits(axes: Axes, names: Sequence[str], rules: Ruleset, other: Ruleset) -> None:
    """Limits as lines: those in force dashed, another one solid where it differs."""
    drawn: dict[str, set[Decimal]] = {"limit in force": set(), "other limit": set()}
    for id in {**rules.by_id, **other.by_id}:
        for name in names:
            old, new = _limit(rules, id, name), _limit(other, id, name)
            if old != new or (id, name) in ALWAYS:
                drawn["limit in force"] |= {old} if old is not None else set()
                drawn["other limit"] |= {new} if new is not None and new != old else set()
    styles = {"limit in force": (INK, (0, (4, 3)), 3), "other limit": (BLUE, "-", 19)}
    for label, values in drawn.items():
        colour, dash, beside = styles[label]
        for number, value in enumerate(sorted(values)):
            height, shown = float(value), "" if number else label
            axes.axhline(height, color=colour, linestyle=dash, linewidth=1, label=shown)
            axes.annotate(f"{value}", (1, height), xycoords=("axes fraction", "data"), color=colour,
                          xytext=(beside, -3), textcoords="offset points", fontsize=7)  # fmt: skip


def _limit(rules: Ruleset, id: str, name: str) -> Decimal | None:
    limit = rules.by_id[id].limits.get(name) if id in rules.by_id else None
    return limit.value if limit else None


def _strip(axes: Axes, one: Compared, first: datetime) -> None:
    """Rows of marks: doses, and alerts by what becomes of them."""
    changed: dict[str, Difference] = {
        difference.alert.id: difference for difference in one.differences if difference.kind != "otherwise"
    }
    times: dict[str, list[datetime]] = {kind: [] for kind in MARKS}
    for difference in changed.values():
        times[difference.kind].append(difference.alert.at)
    times["kept"] = [alert.at for alert in one.after if alert.id not in changed]
    times["dose"] = [fact.at for fact in one.chart.record.facts.values() if _given(fact)]
    for row, (kind, mark) in enumerate(MARKS.items()):
        days = [_day(at, first) for at in times[kind] if at >= first]
        axes.plot(days, [row] * len(days), linestyle="", marker=mark.marker, color=mark.colour, markersize=4,
                  rasterized=len(days) > MANY)  # fmt: skip
    axes.set_yticks(range(len(MARKS)), [f"{mark.label} ({len(times[kind])})" for kind, mark in MARKS.items()])
    axes.set_ylim(-0.6, len(MARKS) - 0.4)
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)


def _given(fact: Fact) -> bool:
    return isinstance(fact, Dose) and fact.given


def _svg(figure: Figure, label: str) -> str:
    """The figure as an element of a page: without what names a file's format, maker and date."""
    written = io.StringIO()
    nothing: dict[str, Any] = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(written, format="svg", metadata=nothing)
    svg = written.getvalue()
    return svg[svg.index("<svg") :].replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
