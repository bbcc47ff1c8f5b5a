"""The rules that the settings ask for."""

from pathlib import Path

from api.settings import PREFIX, SettingError
from service.ruleset import Ruleset, load


def ruleset(file: str, named: str = f"{PREFIX}LIMITS_FILE") -> Ruleset:
    """The rules with the site's limits, if there is a file of them. Raises SettingError, saying who `named` it."""
    try:
        return load(Path(file).read_text(encoding="utf-8") if file else None)
    except OSError as error:
        raise SettingError(f"{named}: {file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SettingError(f"{named}: {file}: {error}") from error
