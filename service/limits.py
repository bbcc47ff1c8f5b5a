"""The site's limits file, and the presets that it can start from: TOML, checked whole, every fault with its line.

    preset = "etsu-inpatient"
    setting = "outpatient"            # of patients whose orders do not say; else inpatient

    [rules]
    bradycardia = false            # switched off; `all = false` first, for those not named

    [limits.hypotension]
    systolic = 85                  # or { value = 85, source = "ward protocol 7" }

A preset moves the defaults, the file moves the preset; both only within the bounds of each limit.
"""

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any, NamedTuple

from service.rules.rule import Limit, Limits, Rule
from service.rules.wording import plain

PRESETS = ("default", "etsu-inpatient", "lofexidine-trial", "ctn-0002-entry", "who-closed-settings")
_SECTIONS = {"preset", "setting", "rules", "limits"}
CARE_SETTINGS = ("inpatient", "outpatient")
HOLD = "hold-dose-advised"
"""The rule whose limits are the hold block of the preset."""
_ABOUT_PRESET = {"title", "about", "source", "mark", "hold", "start"}


class LimitsError(ValueError):
    """The limits file cannot be used; one line a fault."""


class Preset(NamedTuple):
    """A published set of limits: `moved` by rule and key, the pressures and rates that hold a dose, and those that a
    course starts from."""

    id: str
    title: str
    about: str
    source: str
    moved: Mapping[str, Limits]
    hold: Mapping[str, Decimal]
    start: Limits


class Site(NamedTuple):
    """What a site has set: preset, rules switched on or off, limits by rule and key, and whether its patients are
    outpatients where their orders do not say."""

    preset: Preset
    switched: Mapping[str, bool]
    moved: Mapping[str, Limits]
    outpatient: bool = False


class _File:
    """A TOML text under examination: what it says, and the faults found so far."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self._lines = name, text.splitlines()
        self.faults: list[str] = []
        try:
            self.said: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            raise LimitsError(f"{name}: no valid TOML: {error}") from error

    def fault(self, table: str, key: str, text: str) -> None:
        self.faults.append(f"{self.name}{self._line(table, key)}: {text}")

    def _line(self, table: str, key: str) -> str:
        """Where the key stands: TOML keeps no positions, so it is looked up in the text."""
        inside = ""
        for number, line in enumerate(self._lines, 1):
            head = line.split("#")[0].strip()
            if head.startswith("["):
                inside = head.strip("[] ").replace('"', "")
                if inside == f"{table}.{key}".strip("."):
                    return f", line {number}"
            elif inside == table and head.split("=")[0].strip().strip('"') == key:
                return f", line {number}"
        return ""

    def table(self, name: str, said: Any) -> Mapping[str, Any]:
        if isinstance(said, dict):
            return said
        self.fault("", name, f"{name} must be a table.")
        return {}


def site(text: str | None, rules: Mapping[str, Rule]) -> Site:
    """A checked limits file; without one the default preset alone. Raises LimitsError with every fault."""
    file = _File("limits file", text or "")
    for key in file.said.keys() - _SECTIONS:
        file.fault("", key, f"{key} is not known; known are {', '.join(sorted(_SECTIONS))}.")
    name = file.said.get("preset", "default")
    if name not in PRESETS:
        file.fault("", "preset", f"preset is {name!r}; there are {', '.join(PRESETS)}.")
        name = "default"
    setting = file.said.get("setting", CARE_SETTINGS[0])
    if setting not in CARE_SETTINGS:
        file.fault("", "setting", f"setting is {setting!r}; there are {', '.join(CARE_SETTINGS)}.")
    made = Site(
        preset(name, rules),
        dict(_switched(file, rules)),
        _moved(file, rules, "the site's limits file"),
        setting == "outpatient",
    )
    if file.faults:
        raise LimitsError("\n".join(file.faults))
    return made


def preset(name: str, rules: Mapping[str, Rule]) -> Preset:
    """One of the presets that are shipped."""
    file = _File(f"preset {name}", files("service").joinpath("presets", f"{name}.toml").read_text("utf-8"))
    said = file.said
    for key in said.keys() - _ABOUT_PRESET - {"limits"}:
        file.fault("", key, f"{key} is not known.")
    cited = f"preset {name}, {said['title']} ({said['source']})"
    moved = _moved(file, rules, cited, said.get("mark"))
    if file.faults:
        raise LimitsError("\n".join(file.faults))
    hold, start = (
        {key: Decimal(value) for key, value in said.get(block, {}).items()} for block in ("hold", "start")
    )
    begun: Limits = {}
    if HOLD in rules:
        marked = (cited, said.get("mark", "F"))
        moved[HOLD] = {limit.key: _held(limit, hold, *marked) for limit in rules[HOLD].limits}
        begun = {
            limit.key: _held(limit, start, *marked) for limit in rules[HOLD].limits if limit.key in start
        }
    return Preset(name, said["title"], said["about"], said["source"], moved, hold, begun)


def _held(default: Limit, hold: Mapping[str, Decimal], source: str, mark: Any) -> Limit:
    """The limit that holds a dose, as the preset has it."""
    value = hold.get(default.key, default.value)
    return default if value == default.value else default._replace(value=value, source=source, mark=mark)


def _switched(file: _File, rules: Mapping[str, Rule]) -> Iterator[tuple[str, bool]]:
    said = file.table("rules", file.said.get("rules", {}))
    if isinstance(said.get("all"), bool):
        yield from ((rule, said["all"]) for rule in rules)
    for key, value in said.items():
        if key != "all" and key not in rules:
            file.fault("rules", key, f"there is no rule {key}.")
        elif not isinstance(value, bool):
            file.fault("rules", key, f"rules.{key} must be true or false.")
        elif key != "all":
            yield key, value


def _moved(file: _File, rules: Mapping[str, Rule], source: str, mark: Any = None) -> dict[str, Limits]:
    moved: dict[str, Limits] = {}
    for name, said in file.table("limits", file.said.get("limits", {})).items():
        if name not in rules:
            file.fault("limits", name, f"there is no rule {name}.")
            continue
        known = {limit.key: limit for limit in rules[name].limits}
        table = file.table(f"limits.{name}", said)
        found = (_limit(file, name, key, value, known, source, mark) for key, value in table.items())
        moved[name] = {limit.key: limit for limit in found if limit}
    return moved


def _limit(
    file: _File, rule: str, key: str, said: Any, known: Limits, source: str, mark: Any
) -> Limit | None:
    table, default = f"limits.{rule}", known.get(key)
    if default is None:
        file.fault(table, key, f"{rule} has no limit {key}; it has {', '.join(known) or 'none'}.")
        return None
    if isinstance(said, dict):
        said, source = said.get("value"), str(said.get("source", source))
    if isinstance(said, bool) or not isinstance(said, int | Decimal):
        file.fault(table, key, f"{rule}.{key} must be a number in {default.unit}.")
        return None
    if not default.low <= said <= default.high:
        bounds = f"{plain(default.low)} to {plain(default.high)} {default.unit}"
        file.fault(table, key, f"{rule}.{key} is {said}; it must lie within {bounds}.")
        return None
    if said == default.value:
        return default
    return default._replace(value=Decimal(said), source=source, mark=mark or "E")
