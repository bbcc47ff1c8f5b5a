"""What helps when a database cannot be used, by what it or its driver says."""

from collections.abc import Mapping

from api.settings import PREFIX

REMEDIES: Mapping[str, str] = {
    "unable to open database file": "See that its folder is there and that this user may write to file and folder",
    "file is not a database": "Name a file that `serve` made, or one that is not there yet",
    "malformed": "The file is damaged: restore the newest backup into another one",
    "readonly database": "This user needs leave to write to the file and its folder",
    "database is locked": "Another program holds it: look for one that is stopped in the midst of writing",
    "is full": "Make room on its disk",
    "No space left": "Make room on its disk",
    "disk I/O error": "See that it is a file, and look at its disk in the system's log",
    "password": f"Put the password into a file and name that in {PREFIX}DATABASE_PASSWORD_FILE",
    'role "': "Make the role with `createuser`, or name another one in the URL",
    'database "': "Make it with `createdb`, or name another one in the URL",
    "permission denied": "GRANT CREATE ON SCHEMA public to its role, or make it the owner of the database",
    "Connection refused": "See that PostgreSQL runs, and listens on that host and port",
    "No such file or directory": "See that PostgreSQL runs, or name its host in the URL",
    "resolve host": "See that the host is spelled as it is known in the network",
    "timeout expired": "See that no firewall is in between",
    "too many": "Let max_connections be 10 for each server process, and some more",
}
"""A part of what is said -> what to do, the first one that fits."""


def remedy(reason: str) -> str:
    """A sentence without its stop, with a blank before it; "" where none is known."""
    return next((f" {text}." for part, text in REMEDIES.items() if part in reason), "")
