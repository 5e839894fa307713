"""What passwords must be like, in the three forms that the contract has for it (facts/user-site.md 7)."""

from __future__ import annotations

from typing import Any, Final, TypeAlias, TypeVar

from parley.contract.site import SiteTypeRecordingPasswordCriteria
from parley.contract.site_config import AccountPasswordCriteriaType, PasswordCriteriaType
from parley.domain.passwords import Criteria

AnyCriteria: TypeAlias = PasswordCriteriaType | SiteTypeRecordingPasswordCriteria | AccountPasswordCriteriaType
C = TypeVar("C", bound=AnyCriteria)

#: Fields of a site's criteria but the forbidden passwords, with those of the contract's.
_FIELDS: Final = {name: name for name in Criteria.__struct_fields__ if name != "disallowed"} | {
    "disallow_repeated": "disallow_3x_repeated_char"
}


def told(cls: type[C], rules: Criteria) -> C:
    """Criteria in a form of the contract, as far as it has them."""
    values: dict[str, Any] = {attribute: getattr(rules, field) for field, attribute in _FIELDS.items()}
    values["disallow_value"] = list(rules.disallowed)
    return cls(**{name: values[name] for name in cls.__struct_fields__})


def sent_values(sent: AnyCriteria) -> dict[str, Any]:
    """What a request says of criteria but the forbidden passwords, by the fields of `Criteria`."""
    values = {field: getattr(sent, attribute, None) for field, attribute in _FIELDS.items()}
    return {field: value for field, value in values.items() if value is not None}


def told_fields(cls: type[C]) -> list[str]:
    """The fields of `Criteria` that a form of the contract tells."""
    fields = _FIELDS | {"disallowed": "disallow_value"}
    return [field for field, attribute in fields.items() if attribute in cls.__struct_fields__]
