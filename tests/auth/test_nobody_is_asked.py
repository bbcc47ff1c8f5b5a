"""AUTH=none asks nobody who they are, and loads nothing that could."""

import subprocess
import sys

from tests.conftest import ROOT

LOADED = """
import sys
from api.app import create_app
from api.service import Service
from api.settings import settings
_, url, auth = sys.argv
given = settings({}, database_url=url, auth=auth, base_url="http://watch.example")
create_app(given)
Service(given)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"joserfc", "cryptography"}))
"""


def loaded(url: str, auth: str) -> str:
    command = [sys.executable, "-c", LOADED, url, auth]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_what_verifies_tokens_is_loaded_where_there_are_any(sqlite_url: str) -> None:
    """It takes 10 MB in each process."""
    assert (loaded(sqlite_url, "none"), loaded(sqlite_url, "smart")) == ("[]", "['cryptography', 'joserfc']")
