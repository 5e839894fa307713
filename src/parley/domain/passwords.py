"""Password rules of a site: checking a password against them and making one that keeps them.

A site has three sets of rules, for meeting passwords, account passwords and recording passwords
(facts/user-site.md, section 7, "Password policy"). They share one structure here; a switch that a set does not have
stays off. Whether a set applies at all is decided by the caller: `securityOptions/meetings/strictPasswords` switches
the one for meetings on, `strictUserPassword` the one for accounts, and `enforcePassword` false in a request leaves
the meeting rules out for that request (facts/meeting-event.md, section 1).

What the facts leave open, as chosen here:

* the forbidden list refuses a password that equals an entry, in any letter case;
* forbidden texts of the pages (site name, names of the host, name of the session) refuse a password that equals one
  of them or, from four characters on, contains it, in any letter case and with or without its blanks;
* "three times repeated" means three equal characters in a row;
* blanks and control characters are in no password, everything else that prints is allowed.
"""

from __future__ import annotations

import enum
import re
import secrets
from typing import Final

import msgspec

MEETING_PASSWORD_LENGTH: Final = 16
"""Longest session password (contract: maxLength of meetingPassword and sessionPassword)."""

ACCOUNT_PASSWORD_LENGTH: Final = 60
"""Longest account password (contract: maxLength of the user's password)."""

MOST_FORBIDDEN: Final = 1000
"""Forbidden passwords of a set of rules."""

LONGEST_FORBIDDEN: Final = ACCOUNT_PASSWORD_LENGTH
"""Longest of them; no password is longer."""

USUAL_FORBIDDEN: Final = ("password", "passwd", "pass")
"""The list of forbidden meeting and recording passwords as recorded (facts/user-site.md, section 7)."""

_CONTAINED_FROM: Final = 4
"""Shortest forbidden text that is also looked for inside a password; shorter ones would refuse by accident."""


class Criteria(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a password must be like (facts/user-site.md, section 7; facts/versions.md, the three criteria types).

    Lengths and counts are in characters. `disallow_repeated` is disallow3XRepeatedChar. `disallowed` holds the values
    of disallowValue and is looked at only with `disallow_list`. The two `disallow_web_text_*` switches forbid the
    texts given to `violations` in `WebText`. The structure is kept in the settings of a site as JSON; it is immutable,
    so one value may be shared.
    """

    mixed_case: bool = False
    min_length: int = 0
    min_alpha: int = 0
    min_numeric: int = 0
    min_special: int = 0
    disallow_repeated: bool = False
    disallow_web_text_sessions: bool = False
    disallow_web_text_accounts: bool = False
    disallow_list: bool = False
    disallowed: tuple[str, ...] = ()


MEETING_CRITERIA: Final = Criteria(
    min_length=4,
    disallow_web_text_sessions=True,
    disallow_web_text_accounts=True,
    disallow_list=True,
    disallowed=USUAL_FORBIDDEN,
)
"""Rules for meeting passwords of a new site, as recorded (facts/user-site.md, section 7)."""

ACCOUNT_CRITERIA: Final = Criteria(
    mixed_case=True,
    min_length=8,
    min_alpha=2,
    min_numeric=1,
    disallow_repeated=True,
    disallow_web_text_accounts=True,
    disallow_list=True,
    disallowed=(*USUAL_FORBIDDEN, "webex", "cisco", "xebew", "ocsic"),
)
"""Rules for account passwords of a new site, as recorded (facts/user-site.md, section 7)."""

RECORDING_CRITERIA: Final = Criteria(
    mixed_case=True, min_length=8, min_alpha=2, min_numeric=1, disallowed=USUAL_FORBIDDEN
)
"""Rules for recording passwords of a new site, as recorded (facts/user-site.md, section 7)."""


class WebText(msgspec.Struct, frozen=True, kw_only=True):
    """Texts that stand on the pages around a password and make it easy to guess.

    `site` (site and brand names) is forbidden with either of the two switches, `account` (Webex ID, names and e-mail
    address of the host or user) with `disallow_web_text_accounts`, `session` (name of the session) with
    `disallow_web_text_sessions`. Empty texts are left out of account.
    """

    site: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    session: tuple[str, ...] = ()


NO_TEXT: Final = WebText()


class Fault(enum.StrEnum):
    """Which rule a password breaks; in the order in which `violations` tells them."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    CHARACTER = "character"
    MIXED_CASE = "mixed_case"
    ALPHA = "alpha"
    NUMERIC = "numeric"
    SPECIAL = "special"
    REPEATED = "repeated"
    LISTED = "listed"
    WEB_TEXT = "web_text"


class Violation(msgspec.Struct, frozen=True):
    """One rule a password breaks.

    `limit` is the number of characters asked for or allowed (None where the rule has no number). The wording for
    people is made elsewhere; neither the password nor a part of it is ever in here.
    """

    fault: Fault
    limit: int | None = None


class CriteriaError(ValueError):
    """No password can keep these rules: more characters are asked for than may be used."""


def violations(
    password: str, criteria: Criteria, texts: WebText = NO_TEXT, *, longest: int = MEETING_PASSWORD_LENGTH
) -> list[Violation]:
    """Every rule of `criteria` that `password` breaks, in the order of `Fault`; an empty list for a good one.

    `texts` are the texts forbidden by the `disallow_web_text_*` switches (facts/user-site.md, section 7), `longest` is
    the number of characters the contract allows.
    """
    length = len(password)
    found: list[Violation] = []
    if length < criteria.min_length:
        found.append(Violation(Fault.TOO_SHORT, criteria.min_length))
    if length > longest:
        found.append(Violation(Fault.TOO_LONG, longest))
        # A text of any size can be sent; what is too long anyway is not searched through.
        password = password[:longest]
    if any(character.isspace() or not character.isprintable() for character in password):
        found.append(Violation(Fault.CHARACTER))
    found += _missing(password, criteria)
    if criteria.disallow_repeated and _THREE_TIMES.search(password):
        found.append(Violation(Fault.REPEATED, 3))
    folded = password.casefold()
    if criteria.disallow_list and any(folded == value.casefold() for value in criteria.disallowed):
        found.append(Violation(Fault.LISTED))
    if any(_gives_away(folded, text) for text in _forbidden_texts(criteria, texts)):
        found.append(Violation(Fault.WEB_TEXT))
    return found


_THREE_TIMES: Final = re.compile(r"(.)\1\1", re.DOTALL)


def _missing(password: str, criteria: Criteria) -> list[Violation]:
    """The kinds of characters of which there are too few."""
    found: list[Violation] = []
    if criteria.mixed_case and not (any(map(str.isupper, password)) and any(map(str.islower, password))):
        found.append(Violation(Fault.MIXED_CASE))
    alpha = sum(map(str.isalpha, password))
    numeric = sum(map(str.isdecimal, password))
    if alpha < criteria.min_alpha:
        found.append(Violation(Fault.ALPHA, criteria.min_alpha))
    if numeric < criteria.min_numeric:
        found.append(Violation(Fault.NUMERIC, criteria.min_numeric))
    if len(password) - alpha - numeric < criteria.min_special:
        found.append(Violation(Fault.SPECIAL, criteria.min_special))
    return found


def _forbidden_texts(criteria: Criteria, texts: WebText) -> tuple[str, ...]:
    """The texts that the switches of `criteria` forbid."""
    sessions, accounts = criteria.disallow_web_text_sessions, criteria.disallow_web_text_accounts
    return (
        (texts.site if sessions or accounts else ())
        + (texts.account if accounts else ())
        + (texts.session if sessions else ())
    )


def _gives_away(folded: str, text: str) -> bool:
    """Whether the case-folded password is the text or contains it."""
    words = text.casefold().split()
    whole = "".join(words)
    if not whole:
        return False
    return folded == whole or (len(whole) >= _CONTAINED_FROM and whole in folded)


def is_possible(criteria: Criteria, longest: int = MEETING_PASSWORD_LENGTH) -> bool:
    """Whether a password of at most `longest` characters can have the length and the characters asked for."""
    numbers = (criteria.min_length, criteria.min_alpha, criteria.min_numeric, criteria.min_special)
    alpha = max(criteria.min_alpha, 2 if criteria.mixed_case else 0)
    least = max(criteria.min_length, alpha + criteria.min_numeric + criteria.min_special)
    return min(numbers) >= 0 and least <= longest


_CAPITALS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_SMALL: Final = "abcdefghijkmnopqrstuvwxyz"
_DIGITS: Final = "23456789"
_SPECIAL: Final = "!#$*+-=?@_"
_ALL_LETTERS: Final = _CAPITALS + _SMALL

_USUAL_LENGTH: Final = 11
_ATTEMPTS: Final = 100


def generate_password(criteria: Criteria, texts: WebText = NO_TEXT, *, longest: int = MEETING_PASSWORD_LENGTH) -> str:
    """A random password that keeps `criteria`, from a cryptographic source of random numbers.

    It has 11 characters, or as many as the rules ask for, and none that are easily mistaken for one another
    (I l 1, O 0). Later versions of the service hand such a password back when a site demands one and the request
    had none (facts/meeting-event.md, section 1). Raises CriteriaError when the rules contradict each other.
    """
    alpha = max(criteria.min_alpha, 2 if criteria.mixed_case else 1)
    numeric = max(criteria.min_numeric, 1)
    special = criteria.min_special
    least = max(criteria.min_length, alpha + numeric + special)
    if least > longest:
        # The one digit or letter that is only wished for must not make a tight set of rules impossible.
        alpha = max(criteria.min_alpha, 2 if criteria.mixed_case else 0)
        numeric = criteria.min_numeric
        least = max(criteria.min_length, alpha + numeric + special)
    if least > longest:
        raise CriteriaError(f"{least} characters are asked for and {longest} allowed")
    length = min(max(least, _USUAL_LENGTH), longest)
    for _ in range(_ATTEMPTS):
        password = _draw(length, alpha, numeric, special, mixed=criteria.mixed_case)
        if not violations(password, criteria, texts, longest=longest):
            return password
    raise CriteriaError("no password was found that keeps the rules")


def _draw(length: int, alpha: int, numeric: int, special: int, *, mixed: bool) -> str:
    """Random characters with at least so many of each kind, shuffled."""
    letters = alpha
    characters: list[str] = []
    if mixed:
        characters += [secrets.choice(_CAPITALS), secrets.choice(_SMALL)]
        letters -= 2
    characters += [secrets.choice(_ALL_LETTERS) for _ in range(letters)]
    characters += [secrets.choice(_DIGITS) for _ in range(numeric)]
    characters += [secrets.choice(_SPECIAL) for _ in range(special)]
    characters += [secrets.choice(_ALL_LETTERS + _DIGITS) for _ in range(length - len(characters))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


# --- age -------------------------------------------------------------------------------------------------------------

_DAY: Final = 86_400


def days_left(changed_at: int, lifetime: int | None, now: int) -> int | None:
    """Days until a password expires, begun ones counted whole; 0: it has expired; None: it never does.

    Args:
        changed_at, now: UTC epoch seconds.
        lifetime: days that a password is good for (securityOptions/passwordLifetime); None for ever.
    """
    if lifetime is None:
        return None
    return max(0, -((now - changed_at - lifetime * _DAY) // _DAY))


def has_expired(changed_at: int, lifetime: int | None, now: int) -> bool:
    """Whether a password is older than the site allows; the arguments are those of `days_left`."""
    return days_left(changed_at, lifetime, now) == 0
