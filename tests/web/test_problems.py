"""What operations find wrong, in the language of the page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.mail.languages import language
from parley.protocol import faults
from parley.web.problems import in_words, sentences
from parley.web.words import speak


@pytest.fixture(autouse=True)
def german() -> None:
    speak(language(9))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (faults.START_IN_PAST().reason, "Dieser Zeitpunkt ist vorbei."),
        (faults.HOST_LIMIT(limit=5).reason, "Die Website hat schon alle 5 Gastgeberkonten, die sie haben darf."),
        (
            "accessControl/meetingPassword: at least 6 characters are needed; capital and small letters are needed",
            "Mindestens 6 Zeichen sind nötig. Groß- und Kleinbuchstaben sind nötig.",
        ),
        (faults.NOT_A_DELEGATE(host="<b>; %(x)s").reason, "Sie dürfen keine Besprechungen für <b>; %(x)s planen."),
        ("repeat/interval: a number from 1 to 99 is allowed", "Erlaubt ist eine Zahl von 1 bis 99."),
        ("something/else: nobody knows this", "Nobody knows this."),
        ("at least 6 characters are needed; nobody knows this", "At least 6 characters are needed; nobody knows this."),
        ("", "."),
    ],
)
def test_reasons_are_sentences_of_the_language(reason: str, words: str) -> None:
    assert in_words(reason) == words


def test_english_stays_as_the_api_has_it() -> None:
    speak(language(1))
    assert in_words("schedule/startDate: this time has passed") == "This time has passed."


@given(st.text(max_size=300))
def test_any_reason_is_a_sentence(reason: str) -> None:
    speak(language(9))
    assert in_words(reason).endswith((".", "!", "?"))


def test_every_sentence_has_words_of_its_own() -> None:
    for text in sentences():
        reason = re.sub(r"%\(\w+\)s", "77", text)
        found = in_words(reason)
        assert found != reason
        assert found.count("77") == reason.count("77"), text
