"""`evaluate --limits`: what other limits would change, over files and over a database, printed and as a report."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.demo.replay import ward
from api.report.most import SHOWN
from models.fhir.codec import dump
from models.store.engine import engine, reading
from tests.build import heart_rate, panel
from tests.commands.conftest import Run
from tests.conftest import ROOT

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = ("--at", "2026-11-22T12:00:00Z")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The demo ward as a file."""
    file = tmp_path / "ward.ndjson"
    file.write_bytes(b"".join(dump(one.doc) + b"\n" for one in ward(NOON)))
    return file


@pytest.fixture
def limits(tmp_path: Path) -> Path:
    file = tmp_path / "other.toml"
    file.write_text("[limits.hypotension]\nsystolic = 86\n[limits.bradycardia]\nheart-rate = 55\n")
    return file


def rows(out: str) -> dict[tuple[str, str], list[str]]:
    """The table by rule and severity."""
    first = out.split("\n\n", maxsplit=1)[0].splitlines()[1:-1]
    return {(cells[0], cells[1]): cells[2:] for cells in (line.split() for line in first)}


def test_the_table_tells_by_rule_and_severity_what_comes_and_goes(command: Run, tmp_path: Path) -> None:
    readings = [
        panel(88, 64, "2026-11-22T11:10:00Z"),
        panel(82, 64, "2026-11-22T11:40:00Z"),
        heart_rate(52, "2026-11-22T11:51:00Z"),
        panel(85, 45, "2026-11-22T02:00:00Z", "p2"),
    ]
    (tmp_path / "data.ndjson").write_text("\n".join(map(json.dumps, readings)))
    (tmp_path / "other.toml").write_text(
        "[limits.hypotension]\nsystolic = 85\ndiastolic-high = 42\n[limits.bradycardia]\nheart-rate = 55\n"
    )
    result = command("evaluate", tmp_path / "data.ndjson", "--limits", tmp_path / "other.toml", *AT)
    assert result.status == 0
    assert rows(result.out) == {
        ("hypotension", "high"): ["3", "1", "1", "1", "left"],
        ("hypotension", "moderate"): ["0", "1", "1", "came"],
        ("bradycardia", "high"): ["0", "1", "1"],
    }
    assert "4 resources, 2 patient-days, 3 alerts with the limits in force and 3 with" in result.out
    phases = {line.split()[0]: line.split()[1:] for line in result.out.split("\n\n")[1].splitlines()}
    assert phases["new"] == ["2", "1.00", "3", "1.50"]
    assert phases["pageable"] == ["2", "1.00", "3", "1.50"]
    assert phases["continuing"] == ["1", "0.50", "0", "0.00"]


def test_the_limits_in_force_are_those_of_the_setting(command: Run, course: Path, limits: Path) -> None:
    out = command("evaluate", course, *AT, "--limits", limits, limits_file=str(limits)).out
    assert all(len(cells) == 2 for cells in rows(out).values())


def test_json_gives_the_alerts_under_the_other_limits(command: Run, course: Path, limits: Path) -> None:
    given = command("evaluate", course, *AT, "--json", "--limits", limits).out
    assert given == command("evaluate", course, *AT, "--json", limits_file=str(limits)).out
    assert given != command("evaluate", course, *AT, "--json").out


def test_a_database_gives_what_its_files_gave_and_is_left_as_it_was(
    command: Run, database_url: str, course: Path, limits: Path
) -> None:
    command("load", course, database_url=database_url)
    result = command("evaluate", database_url, "--limits", limits)
    held = ("hold-dose-advised", "high")  # for an open episode: what was recorded days late opens none
    files = rows(command("evaluate", course, "--limits", limits).out)
    assert {**rows(result.out), held: []} == {**files, held: []}
    assert re.search(r"[1-9] patients, [1-9][0-9] patient-days", result.out), result.out
    assert "0 alerts changed" not in result.err
    again = command("evaluate", database_url, "--limits", limits)
    assert again.out == result.out
    plain = command("evaluate", database_url, "--json")
    assert len(plain.out.splitlines()) == int(re.findall(r"([\d,]+) alerts with", result.out)[0])


def test_what_was_recorded_later_than_the_instant_is_left_out(
    command: Run, database_url: str, course: Path
) -> None:
    command("load", course, database_url=database_url)
    assert "7 patients, 0 alerts." in command("evaluate", database_url, *AT).out


def test_a_connection_that_reads_cannot_write(command: Run, database_url: str) -> None:
    command("migrate", database_url=database_url)
    made = reading(database_url)
    with made.connect() as connection, pytest.raises(DBAPIError, match=r"(?i)read-?only"):
        connection.execute(text("INSERT INTO head (patient, seq) VALUES ('Patient/x', 1)"))
    made.dispose()
    writing = engine(database_url)
    with writing.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM head")).scalar_one() == 0
    writing.dispose()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("data.ndjson", "--report", "page.html"), "give --limits too"),
        (("data.ndjson", "--limits", "none.toml", "--report", "page.html", "--json"), "cannot both be given"),
        (("data.ndjson", "--limits", "none.toml", "--names"), "give --report too"),
        (("sqlite:///a.db", "data.ndjson"), "A database is judged by itself"),
        (("data.ndjson", "--limits", "none.toml"), "--limits: none.toml cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.ndjson").write_text(json.dumps(panel(84, 50)))
    result = command("evaluate", *arguments)
    assert (result.status, result.out) == (2, "")
    assert said in result.err


class Page(HTMLParser):
    """Elements, and everything that an attribute refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.refers: list[str] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "action", "data", "srcset"):
                self.refers.append(value or "")
            assert not name.startswith("on")

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def reported(command: Run, data: Path, limits: Path, *options: str) -> str:
    file = data.parent / "report.html"
    result = command("evaluate", data, *AT, "--limits", limits, "--report", file, *options)
    assert result.status == 0, result.err
    assert f"Report: {file}" in result.out
    return file.read_text(encoding="utf-8")


def test_the_report_fetches_nothing_and_runs_nothing(command: Run, course: Path, limits: Path) -> None:
    written = reported(command, course, limits)
    page = Page(written)
    assert page.tags.count("svg") == 3
    assert {"script", "link", "iframe", "object", "embed", "form"} & set(page.tags) == set()
    assert [one for one in page.refers if not one.startswith(("#", "data:image/png;base64,"))] == []
    assert "default-src 'none'" in written
    addresses = set(re.findall(r"https?://[^\s\"'<]+", written))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # names, not places
    assert "@import" not in written
    assert "url(" not in re.sub(r"url\(#\w+\)", "", written)


def test_the_report_names_neither_patients_nor_dates_unless_asked(
    command: Run, course: Path, limits: Path
) -> None:
    written = reported(command, course, limits)
    assert "Patient 1" in written
    assert "demo-" not in written
    assert set(re.findall(r"2026-\d\d-\d\d", written)) == {"2026-11-22"}  # when it was judged
    named = reported(command, course, limits, "--names")
    assert "Patient 1: demo-3, day 1 is 2026-11-17 (UTC)" in named


def test_the_report_tells_limits_counts_and_every_changed_alert(
    command: Run, course: Path, limits: Path
) -> None:
    said = Page(reported(command, course, limits)).said
    for cell in (
        "90 mm[Hg]",
        "86 mm[Hg]",
        "50 /min",
        "55 /min",
        "+3",
        "Low heart rate",
        "7 patients".split(maxsplit=1)[0],
    ):
        assert cell in said
    assert any("heart rate 52 < 55 /min" in one for one in said)


def test_only_the_patients_with_the_most_changes_are_shown_and_the_report_says_so(
    command: Run, tmp_path: Path
) -> None:
    readings = [
        panel(88, 64, f"2026-11-22T0{hour}:00:00Z", f"p{number:02}")
        for number in range(SHOWN + 5)
        for hour in range(1 + (number >= SHOWN))
    ]
    (tmp_path / "data.ndjson").write_text("\n".join(map(json.dumps, readings)))
    (tmp_path / "other.toml").write_text("[limits.hypotension]\nsystolic = 85\n")
    written = reported(command, tmp_path / "data.ndjson", tmp_path / "other.toml", "--names")
    assert f"{SHOWN + 5} of {SHOWN + 5}. Shown in detail: {SHOWN}, those with the most changes" in written
    shown = re.findall(r"<h3>Patient \d+: p(\d+),", written)
    assert shown == [f"{number:02}" for number in [*range(SHOWN, SHOWN + 5), *range(SHOWN - 5)]]


def test_nothing_that_changes_makes_a_report_too(command: Run, tmp_path: Path) -> None:
    (tmp_path / "data.ndjson").write_text(json.dumps(panel(120, 80, "2026-11-22T09:00:00Z")))
    (tmp_path / "<other>.toml").write_text("")
    written = reported(command, tmp_path / "data.ndjson", tmp_path / "<other>.toml")
    assert "What would change with &lt;other&gt;.toml" in written
    assert "<p>None.</p>" in written


def test_many_readings_make_no_heavy_page(command: Run, tmp_path: Path, limits: Path) -> None:
    readings = [
        panel(
            80 + number * 7 % 50,
            64,
            f"2026-11-{1 + number // 144:02}T{number // 6 % 24:02}:{number % 6}5:00Z",
        )
        for number in range(3_000)
    ]
    (tmp_path / "data.ndjson").write_text("\n".join(map(json.dumps, readings)))
    assert len(reported(command, tmp_path / "data.ndjson", limits)) < 1_000_000


def test_without_the_library_the_report_says_what_to_install(course: Path, limits: Path) -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None; from api.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["evaluate", course, "--limits", limits, "--report", course.parent / "page.html"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "install clonidine-watch[report]" in done.stderr
