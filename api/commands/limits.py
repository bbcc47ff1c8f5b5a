"""The rules that the settings ask for."""

from pathlib import Path

from api.settings import PREFIX, SettingError
from service.ruleset import Ruleset, load


def ruleset(file: str) -> Ruleset:
    """The rules with the site's limits, if there is a file of them. Raises SettingError."""
    try:
        return load(Path(file).read_text(encoding="utf-8") if file else None)
    except OSError as error:
        raise SettingError(f"{PREFIX}LIMITS_FILE: {file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SettingError(f"{PREFIX}LIMITS_FILE: {file}: {error}") from error
