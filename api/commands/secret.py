"""`secret`: what the receiver of a Subscription checks signatures with."""

from argparse import Namespace

from api.cli import CommandError
from api.delivery.signature import secret
from api.settings import PREFIX, Settings


def run(given: Namespace, settings: Settings) -> int:
    """Print the secret of one Subscription."""
    if not settings.subscription_secret:
        raise CommandError(f"{PREFIX}SUBSCRIPTION_SECRET is not set, so nothing is signed.")
    print(secret(settings.subscription_secret, given.id))
    return 0
