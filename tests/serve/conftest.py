"""A server in this process, with real workers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from verify.serve.app import application
from verify.serve.limits import Limits

ADDRESS = "http://127.0.0.1"


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """Somebody who asks the server."""
    with TestClient(application(Limits(seconds=120)), base_url=ADDRESS) as asking:
        yield asking
