"""The recipes for integration engines: scripts run as they are written, mappings give what the tables say."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT
from tests.consumers import told
from tests.docs.test_documentation import blocks, post, tools
from tests.fhir_client import phase, resources

MIRTH, ENGINES = ROOT / "docs/how-to/mirth.md", ROOT / "docs/how-to/engines.md"
HL7 = ROOT / "docs/reference/hl7v2.md"
HARNESS = Path(__file__).with_name("mirth.js")
READING: dict[str, Any] = json.loads(blocks(HL7, "json")[0])
MESSAGE, ALERT = (text.replace("\n", "\r") for text in blocks(HL7, "hl7"))
OBX = "OBX|1|NM|8480-6^Systolic blood pressure^LN||84|mm[Hg]^^UCUM|||||F"


@pytest.fixture
def node() -> str:
    found = shutil.which("node")
    if not found:
        pytest.skip("Node.js is not there: the scripts of docs/how-to/mirth.md are neither parsed nor run")
    return found


class Mirth:
    """The functions of the page, run as expressions that give JSON."""

    def __init__(self, node: str, folder: Path) -> None:
        self._command = [node, str(HARNESS), str(folder / "templates.js")]
        (folder / "templates.js").write_text("".join(blocks(MIRTH, "js")[:2]))

    def __call__(self, expression: str) -> Any:
        done = subprocess.run(
            self._command, input=expression, capture_output=True, text=True, env=tools(), check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def readings(self, text: str) -> Any:
        return self(f"readings(message({json.dumps(text)}))")


@pytest.fixture
def mirth(node: str, tmp_path: Path) -> Mirth:
    return Mirth(node, tmp_path)


@pytest.fixture
def base(sqlite_client: httpx.Client) -> str:
    return str(sqlite_client.base_url).rstrip("/")


@pytest.mark.parametrize("at", range(len(blocks(MIRTH, "js"))))
def test_a_script_for_mirth_is_javascript_and_no_modern_one(node: str, tmp_path: Path, at: int) -> None:
    script = blocks(MIRTH, "js")[at]
    (tmp_path / "script.cjs").write_text(script)
    subprocess.run([node, "--check", "script.cjs"], cwd=tmp_path, check=True)
    assert re.findall(r"=>|`|\?\.|\?\?|\.\.\.|\b(?:let|const|class|async)\b", script) == []


def test_the_message_of_the_page_becomes_the_reading_of_the_page(mirth: Mirth) -> None:
    assert mirth.readings(MESSAGE) == [READING]


@pytest.mark.parametrize(
    ("line", "component"),
    [
        (OBX.replace("|84|", "||"), "unknown"),
        (OBX.replace("|84|", '|""|'), "unknown"),
        (OBX.replace("|84|", "|ERR|"), "error"),
        (OBX[:-1] + "X", "not-performed"),
        (OBX[:-1] + "N", "not-asked"),
        (OBX[:-1] + "D", "error"),
    ],
)
def test_what_was_not_measured_is_absent_and_never_zero(mirth: Mirth, line: str, component: str) -> None:
    (made,) = mirth.readings(MESSAGE.replace(OBX, line))
    assert "valueQuantity" not in made["component"][0]
    assert made["component"][0]["dataAbsentReason"]["coding"][0]["code"] == component
    assert made["component"][1] == READING["component"][1]


def test_the_letters_of_the_table_give_the_status_that_stands_beside_them(mirth: Mirth) -> None:
    rows = re.findall(r"^\| ((?:`[A-Z]`[,;*() a-z]*)+) \| `([a-z-]+)`", HL7.read_text(), re.MULTILINE)
    named = {letter: status for letters, status in rows for letter in re.findall(r"`([A-Z])`", letters)}
    assert set("FPRSCABDWXN") == named.keys()
    for letter, status in named.items():
        assert mirth(f"status('{letter * 3}')") == status
    assert [mirth(f"status('{text}')") for text in ("FCF", "FFD", "FXF")] == [
        "corrected",
        "corrected",
        "final",
    ]
    assert mirth("status('')") == "final"
    for letter in "IOU":
        assert mirth.readings(MESSAGE.replace("|F\r", f"|{letter}\r")) == []


@pytest.mark.parametrize(
    ("time", "effective"),
    [
        ("20261122095800", "2026-11-22T09:58:00+01:00"),
        ("202611220958-0500", "2026-11-22T09:58:00-05:00"),
        ("20261122095800.25+0000", "2026-11-22T09:58:00.25+00:00"),
        ("20261122", "2026-11-22"),
    ],
)
def test_times_keep_their_zone_or_get_that_of_the_site(mirth: Mirth, time: str, effective: str) -> None:
    (made,) = mirth.readings(MESSAGE.replace("20261122095800+0000", time))
    assert made["effectiveDateTime"] == effective


def test_a_time_of_its_own_makes_a_reading_of_its_own(mirth: Mirth) -> None:
    later = MESSAGE.replace("61|bpm|||||F", "61|bpm|||||F|||20261122100100+0000")
    panel, rate = mirth.readings(later)[:2]
    assert [one["code"]["coding"][0]["code"] for one in panel["component"]] == ["8480-6", "8462-4"]
    assert (rate["code"]["coding"][0]["code"], rate["valueQuantity"]["value"]) == ("8867-4", 61)
    assert rate["identifier"][0]["value"] == "BP-20261122-0017.20261122100100+0000"


def test_the_patient_is_never_guessed_and_a_strange_unit_never_translated(mirth: Mirth) -> None:
    (made,) = mirth.readings(MESSAGE.replace("4711^^^HOSP^MR", "99^^^OTHER~4711^^^HOSP^MR"))
    assert made["subject"] == READING["subject"]
    text = json.dumps(MESSAGE.replace("HOSP^MR", "OTHER^MR"))
    assert "no authority" in mirth(
        f"(function () {{ try {{ return readings(message({text})); }} catch (error) {{ return error.message; }}"
        "})()"
    )
    (made,) = mirth.readings(MESSAGE.replace("|mm[Hg]^^UCUM|", "|cmH2O|"))
    assert made["component"][0]["valueQuantity"] == {"value": 84, "unit": "cmH2O"}


@pytest.fixture
def alert(sqlite_client: httpx.Client) -> dict[str, Any]:
    """What the reading of the page raises, as a client gets its first version."""
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": {**READING, "id": "bp-20261122-0017"}}],
    }
    answer = sqlite_client.post("/fhir/$evaluate?at=2026-11-22T10:00:00Z", json=bundle)
    (found,) = resources(answer.json())
    found["meta"] |= {"versionId": "1", "lastUpdated": "2026-11-22T09:59:14.417201Z"}
    return found


def test_the_alert_has_what_the_table_names(alert: dict[str, Any]) -> None:
    fields = {line.split("|")[0]: line.split("|") for line in reversed(ALERT.strip().split("\r"))}
    assert fields["MSH"][9] == f"{alert['id']}.{alert['meta']['versionId']}"
    codings = alert["code"]["coding"]
    assert fields["OBX"][3].split("^")[::3] == [one["code"] for one in codings]
    assert fields["OBX"][5].split("^")[0] == alert["valueCodeableConcept"]["coding"][0]["code"]
    assert fields["OBX"][8].split("~") == [one["coding"][0]["code"] for one in alert["interpretation"]]
    assert fields["OBR"][29] == f"^{alert['derivedFrom'][0]['reference'].partition('/')[2]}"
    assert alert["note"][0]["text"].startswith(fields["NTE"][3].removesuffix("..."))
    assert phase(alert) == "new"


def test_the_alert_becomes_the_message_of_the_page(mirth: Mirth, alert: dict[str, Any]) -> None:
    made = mirth(f"oru({json.dumps(alert)}, '2026-11-22T09:59:15Z')")
    note = alert["note"][0]["text"]
    assert made.replace(note, note.partition(" Limits")[0] + " ...") == ALERT


def test_a_later_version_corrects_and_a_retraction_says_wrong(mirth: Mirth, alert: dict[str, Any]) -> None:
    alert["meta"]["versionId"] = "2"
    for status, letter in (("final", "C"), ("entered-in-error", "W")):
        lines = mirth(f"oru({json.dumps(alert | {'status': status})}, '')").split("\r")
        assert lines[2].split("|")[25] == "C"
        assert {line.split("|")[11] for line in lines if line.startswith("OBX")} == {letter}


def test_what_divides_fields_is_escaped(mirth: Mirth) -> None:
    assert mirth(r"escaped('a|b^c&d~e\\f\ng')") == r"a\F\b\S\c\T\d\R\e\E\f g"


def test_keeping_is_safe_to_repeat_and_corrections_find_what_they_correct(
    mirth: Mirth, base: str, sqlite_client: httpx.Client
) -> None:
    def kept(**changes: str) -> int:
        status = mirth(f"keep('{base}', {json.dumps(READING | changes)}).status")
        assert isinstance(status, int)
        return status

    statuses = ("preliminary", "final", "final", "corrected", "final", "entered-in-error")
    assert [kept(status=status) for status in statuses] == [201, 200, 200, 200, 200, 200]
    found = sqlite_client.get("/fhir/Observation?identifier=BP-20261122-0017").json()
    (reading,) = resources(found)
    assert (reading["status"], reading["meta"]["versionId"]) == ("entered-in-error", "4")
    alerts = resources(sqlite_client.get("/fhir/Observation?category=alert").json())
    assert {one["status"] for one in alerts} == {"entered-in-error"}


def test_mirth_hands_on_every_alert_and_gets_again_what_it_could_not(
    mirth: Mirth, base: str, sqlite_client: httpx.Client
) -> None:
    def drained(fails: int) -> Any:
        return mirth(
            "(function () { var seen = []; try { drain('" + base + "', 'mirth', function (alert) {"
            f"if (seen.length === {fails}) {{ throw new Error(); }} seen.push(alert.id); }});"
            "} catch (error) { seen.push('failed'); } return seen; })()"
        )

    assert drained(99) == []
    ids = post(sqlite_client, "east", 25)
    assert drained(22) == [*ids[:22], "failed"]
    assert drained(99) == ids[20:]
    assert drained(99) == []


def scripts(folder: Path) -> None:
    for text in blocks(ENGINES, "sh"):
        name = text.split()[2]
        (folder / name).write_text(text.replace("--retry 8", "--retry 0").replace("--retry 3", "--retry 0"))


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", *command], cwd=folder, env=tools(), capture_output=True, text=True, check=False
    )


def test_cron_hands_on_every_alert_and_acknowledges_only_what_was_handed_on(
    base: str, sqlite_client: httpx.Client, tmp_path: Path
) -> None:
    scripts(tmp_path)
    pager = tmp_path / "page.sh"
    pager.write_text("#!/bin/sh\njq -r .id >> seen\n[ ! -e broken ]\n")
    pager.chmod(0o755)
    assert run(tmp_path, "alerts.sh", base).returncode == 0
    ids = post(sqlite_client, "east", 3)
    (tmp_path / "broken").touch()
    assert run(tmp_path, "alerts.sh", base).returncode != 0
    (tmp_path / "broken").unlink()
    for _ in range(2):
        assert run(tmp_path, "alerts.sh", base).returncode == 0
    assert (tmp_path / "seen").read_text().split() == [ids[0], *ids]
    assert told(sqlite_client, "cron")["alerts"] == 0


def test_a_file_is_posted_once_however_often_and_refusals_are_kept(
    base: str, sqlite_client: httpx.Client, tmp_path: Path
) -> None:
    scripts(tmp_path)
    second = {**READING, "identifier": [{"system": "urn:oid:1.3.6.1.4.1.32473.1.1", "value": "2"}]}
    wrong = {**second, "identifier": [{"system": "urn:x", "value": "3"}], "status": "bogus"}
    lines = [json.dumps(one) for one in (READING, wrong, second)]
    (tmp_path / "readings").write_text("\n".join(lines).replace("84,", "84.00,") + "\n")
    for _ in range(2):
        assert run(tmp_path, "post.sh", "readings", base).returncode == 1
    (refused,) = (tmp_path / "readings.refused").read_text().splitlines()
    assert json.loads(refused)["reading"]["status"] == "bogus"
    assert json.loads(refused)["outcome"]["issue"][0]["expression"] == ["Observation.status"]
    found = sqlite_client.get("/fhir/Observation?code=85354-9")
    assert len(resources(found.json())) == 2
    assert found.text.count("84.00") == 2
    assert run(tmp_path, "post.sh", "readings", "http://127.0.0.1:9").returncode != 0
