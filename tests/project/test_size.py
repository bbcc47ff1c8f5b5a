"""A file can be read in one sitting."""

from tests.conftest import ROOT

LONGEST = 300
FOLDERS = ("api", "service", "models", "tests", "bench")


def test_no_file_is_longer_than_a_sitting() -> None:
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    long = {
        str(file.relative_to(ROOT)): lines
        for file in files
        if (lines := len(file.read_text().split("\n"))) > LONGEST
    }
    assert long == {}
