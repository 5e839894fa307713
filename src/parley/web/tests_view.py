"""What the pages of tests show of questions and answers, and how answers come out of a form.

Texts of questions may be HTML, as their authors' programs write it; of that a few harmless tags are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import nh3
from markupsafe import Markup, escape

from parley.domain.tests import Part, PartKind, Question, Responses
from parley.domain.tests_grading import needs_mark
from parley.web.words import said


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_TAGS: Final = frozenset(
    (
        *("b", "strong", "i", "em", "u", "s", "sub", "sup", "small", "mark", "code", "kbd", "samp", "var", "q", "cite"),
        *("p", "br", "pre", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "hr", "abbr", "span", "ruby", "rt"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td"),
    )
)
#: Inside of a label only these, which make no block.
_INLINE: Final = frozenset(
    ("b", "strong", "i", "em", "u", "s", "sub", "sup", "small", "mark", "code", "kbd", "samp", "var", "q", "br", "span")
)
_IS_HTML: Final = re.compile(r"</?[A-Za-z][^<>]*>|&[A-Za-z#0-9]{1,10};")
_FIELD: Final = re.compile(r"q(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?")
_INPUT_MODES: Final = {"Integer": "numeric", "Decimal": "decimal", "Scientific": "text"}
_HINTS: Final = {
    "Integer": _("A whole number."),
    "Decimal": _("A number."),
    "Scientific": _("A number, such as 1.5e3."),
    "Boolean": _("True or false."),
}


def shown(text: str, *, inline: bool = False) -> Markup:
    """A text of a test as it is put into a page: line breaks stay, HTML does no harm."""
    text = text.strip()
    if _IS_HTML.search(text):
        return Markup(nh3.clean(text, tags=set(_INLINE if inline else _TAGS), attributes={}))  # noqa: S704 - cleaned
    return escape(text)


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """A choice of a part: its field and value, and of an ordered part the place that it has ("" for none)."""

    name: str
    value: str
    text: Markup
    taken: bool
    place: str


@dataclass(frozen=True, slots=True)
class PartView:
    """A part of a question as a form has it; `kind` is one, several, order, text or essay."""

    kind: str
    name: str
    hint: str
    value: str
    longest: int
    input_mode: str
    choices: list[ChoiceView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with the answers given so far; `number` counts from 1."""

    number: int
    texts: list[Markup]
    parts: list[PartView]


def question_view(place: int, question: Question, responses: Responses) -> QuestionView:
    """A question as the page shows it; `place` counts from 0."""
    essay = needs_mark(question)
    parts = [
        _part_view(f"q{place}.{number}", part, responses.get(number, []), essay=essay)
        for number, part in enumerate(question.parts)
    ]
    return QuestionView(place + 1, [shown(text) for text in question.texts], parts)


def _part_view(name: str, part: Part, given: Sequence[str], *, essay: bool) -> PartView:
    if part.kind is PartKind.TEXT:
        return PartView(
            kind="essay" if essay else "text",
            name=name,
            hint=_HINTS.get(part.fib_type, ""),
            value=given[0] if given else "",
            longest=part.longest,
            input_mode=_INPUT_MODES.get(part.fib_type, "text"),
        )
    ordered = part.kind is PartKind.ORDER
    options = [
        ChoiceView(
            name=f"{name}.{number}" if ordered else name,
            value=str(number),
            text=shown(choice.text, inline=True),
            taken=choice.ident in given,
            place=str(given.index(choice.ident) + 1) if ordered and choice.ident in given else "",
        )
        for number, choice in enumerate(part.choices)
    ]
    return PartView(part.kind.value, name, _choices_hint(part), "", 0, "", options)


def _choices_hint(part: Part) -> str:
    if part.kind is PartKind.ONE:
        return _("Choose one.")
    if part.kind is PartKind.ORDER:
        return _("Give each a place; 1 comes first.")
    least, most = part.least or 0, part.most if part.most is not None else len(part.choices)
    if least and least == most:
        return said(_("Choose %(count)s."), count=least)
    if least and most < len(part.choices):
        return said(_("Choose %(least)s to %(most)s."), least=least, most=most)
    if most < len(part.choices):
        return said(_("Choose %(count)s at most."), count=most)
    return said(_("Choose %(count)s at least."), count=least) if least else _("Choose all that apply.")


def answers_in(
    pairs: Iterable[tuple[str, str]], questions: Sequence[Question], places: Iterable[int]
) -> dict[int, Responses]:
    """The answers that a form gives to the questions at these places (from 0); what was left empty is no answer."""
    sent: dict[tuple[int, int], list[tuple[int, str]]] = {}
    for name, value in pairs:
        found = _FIELD.fullmatch(name)
        if found is not None:
            question, part, option = int(found[1]), int(found[2]), int(found[3] or 0)
            sent.setdefault((question, part), []).append((option, value))
    return {
        place: {
            number: _given(part, sent.get((place, number), [])) for number, part in enumerate(questions[place].parts)
        }
        for place in places
    }


def _given(part: Part, sent: list[tuple[int, str]]) -> list[str]:
    if part.kind is PartKind.TEXT:
        return [_clean(text) for _, text in sent[:1]]
    if part.kind is PartKind.ORDER:
        ranked = sorted(
            (int(rank), option) for option, rank in sent if rank.isascii() and rank.isdecimal() and len(rank) < 5
        )
        numbers = [option for _, option in ranked]
    else:
        numbers = [int(text) for _, text in sent if text.isascii() and text.isdecimal() and len(text) < 5]
    return [part.choices[number].ident for number in numbers if number < len(part.choices)]


def _clean(text: str) -> str:
    """A written answer without characters that mean nothing; line breaks are those of texts, not of forms."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c.isprintable() or c in "\n\t")


def given_text(question: Question, responses: Mapping[int, list[str]]) -> list[str]:
    """What was answered, in words: a line for each part."""
    lines = []
    for number, part in enumerate(question.parts):
        names = {choice.ident: choice.text for choice in part.choices}
        lines.append(", ".join(names.get(each, each) for each in responses.get(number, [])))
    return lines
