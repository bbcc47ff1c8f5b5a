"""Keys are read from an issuer over HTTP, whatever it answers, and nobody waits for it longer than needed."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import Key

from api.auth import keys
from api.auth.issuers import source
from api.auth.keys import FRESH, MOST_STALE, PAUSE, Source
from api.settings import SettingError
from models.errors import Unavailable
from tests.auth.flow import BASE, SMART, bearer, ec, jwks, rsa
from tests.auth.issuing import Publisher, publishing
from tests.in_process import application

KEY, NEW = rsa(kid="k1"), rsa(kid="k2")
ISSUER = "https://login.example"
BROKEN = ("down", "moved", "no JSON", "endless", "dripping")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing(jwks(KEY)) as made:
        yield made


def kids(of: Source, kid: str) -> int:
    """How many keys of a name there are; whoever is not answered in this time is not bounded."""
    return len(asyncio.run(asyncio.wait_for(of.keys(kid, "RS256"), 30)))


def test_keys_are_read_once_and_rotated_when_a_token_names_a_new_one(
    publisher: Publisher, clock: Clock
) -> None:
    of = Source(publisher.url, clock)
    assert [kids(of, "k1"), kids(of, "k1"), kids(of, "k2")] == [1, 1, 0]
    assert len(publisher.requests) == 1, "anybody can name a key that does not exist"
    publisher.body = jwks(NEW)
    clock.now += PAUSE
    assert [kids(of, "k2"), kids(of, "k1")] == [1, 0]
    assert publisher.requests[0]["accept-encoding"] == "identity"


@pytest.mark.parametrize("how", BROKEN)
def test_a_source_that_is_broken_is_no_source(
    publisher: Publisher, clock: Clock, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "PATIENCE", 0.5)
    of, publisher.how = Source(publisher.url, clock), how
    with pytest.raises(Unavailable):
        kids(of, "k1")
    publisher.how = "well"
    clock.now += PAUSE
    assert kids(of, "k1") == 1
    publisher.how = how
    clock.now += FRESH + 1
    assert kids(of, "k1") == 1, "what is known counts for a while"
    clock.now += MOST_STALE
    with pytest.raises(Unavailable):
        kids(of, "k1")


def test_one_waits_for_a_slow_issuer_and_the_others_go_on(
    publisher: Publisher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "PATIENCE", 60.0)
    of = Source(publisher.url, clock)

    async def ask() -> None:
        await of.keys("k1", "RS256")
        publisher.how = "waiting"
        publisher.asked.clear()
        clock.now += FRESH + 1
        first = asyncio.create_task(of.keys("k1", "RS256"))
        assert await asyncio.to_thread(publisher.asked.wait, 30)
        assert len(await asyncio.wait_for(of.keys("k1", "RS256"), 10)) == 1
        assert not first.done()
        publisher.held.set()
        assert len(await first) == 1

    asyncio.run(ask())


def token(key: Key, kid: str | None, algorithm: str = "RS256") -> str:
    claims = {"iss": ISSUER, "aud": f"{BASE}/fhir", "exp": int(time.time()) + 60, "sub": "engine"}
    head = {"alg": algorithm, **({"kid": kid} if kid else {})}
    return jwt.encode(head, {**claims, "scope": "system/Goal.rs"}, key, [algorithm])


@pytest.mark.filterwarnings("ignore:Key size")  # the library warns of what is refused here
def test_a_token_is_verified_by_keys_that_are_read_over_http_and_by_none_too_short(
    tmp_path: Path, publisher: Publisher
) -> None:
    weak, other = rsa(1024, "weak"), ec("P-521", "other")
    publisher.body = jwks(KEY, weak, other)
    (tmp_path / "issuers.toml").write_text(f'[[issuer]]\nissuer = "{ISSUER}"\njwks = "{publisher.url}"\n')
    options = {**SMART, "auth_issuers": str(tmp_path / "issuers.toml")}
    given = (token(KEY, "k1"), token(weak, "weak"), token(weak, None), token(other, "other", "ES512"))
    with application(f"sqlite:///{tmp_path / 'ward.db'}", **options) as client:
        statuses = [client.get("/fhir/Goal", headers=bearer(one)).status_code for one in given]
    assert statuses == [200, 401, 401, 401]
    assert len(publisher.requests) == 1


@pytest.mark.parametrize(
    "text", ["https://", "https://a b/", "https://x:99999/", "https://[x", "http://evil.example", "ftp://x"]
)
def test_what_is_no_address_of_keys_is_refused_before_it_is_needed(text: str) -> None:
    with pytest.raises(SettingError):
        source(text, Path())
