"""What the README shows is what the commands print."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import transcripts

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = list(transcripts.transcripts(PAGE))


@pytest.mark.parametrize("transcript", SHOWN, ids=lambda t: t.command)
def test_readme_shows_what_is_printed(transcript) -> None:
    printed = transcript.run()
    assert transcript.agrees(printed), printed


def test_there_is_something_to_compare() -> None:
    assert len(SHOWN) >= 8


def test_a_wrong_transcript_is_seen() -> None:
    wrong = transcripts.Transcript(SHOWN[0].command, "something else")
    assert not wrong.agrees(wrong.run())
