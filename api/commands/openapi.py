"""`openapi`: the OpenAPI document as JSON."""

import json
from argparse import Namespace

from api.openapi import document
from api.settings import Settings


def run(_: Namespace, __: Settings) -> int:
    """Print the document that is served at /openapi.json, its examples at the times that they are written for."""
    print(json.dumps(document(), indent=2, ensure_ascii=False))
    return 0
