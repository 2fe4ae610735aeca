"""What the README and the pages in docs show is what the commands print."""

from __future__ import annotations

import re

import pytest

from docs import transcripts
from docs.transcripts import PAGES, Transcript

TEXTS = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
SHOWN = [
    pytest.param(transcript, id=f"{name}: {transcript.command}")
    for name, text in TEXTS.items()
    for transcript in transcripts.transcripts(text)
]


@pytest.mark.parametrize("transcript", SHOWN)
def test_a_page_shows_what_is_printed(transcript: Transcript) -> None:
    printed = transcript.run()
    assert transcript.agrees(printed), printed


@pytest.mark.parametrize("name", TEXTS)
def test_a_page_shows_something_and_every_other_one_is_linked(name: str) -> None:
    assert len(list(transcripts.transcripts(TEXTS[name]))) >= 2
    assert name == "README.md" or f"docs/{name}" in TEXTS["README.md"]


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name: str) -> None:
    (page,) = (page for page in PAGES if page.name == name)
    prose = re.sub(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$", "", TEXTS[name], flags=re.DOTALL)
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)\)", prose):
        assert (page.parent / target).exists(), target


def test_a_wrong_transcript_is_seen() -> None:
    (transcript, *_) = transcripts.transcripts(TEXTS["README.md"])
    wrong = Transcript(transcript.command, "something else")
    assert not wrong.agrees(wrong.run())
