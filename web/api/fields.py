"""Kinds of values in bodies and addresses, each with its rule and its place in the published specification.

Must not know which body has which field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from domain.reference.currencies import CURRENCIES
from domain.values import clean_text, duplicates, parse_money, parse_number, parse_partial_date

UUID_PATTERN = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
REFERENCE_PATTERN = "^[0-9]{4}-[0-9]{4,9}$"
PARTIAL_DATE_PATTERN = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
DECIMAL_PATTERN = r"^-?[0-9]{1,18}(\.[0-9]{1,6})?$"
POSITIVE_DECIMAL_PATTERN = r"^[0-9]{1,18}(\.[0-9]{1,4})?$"
INTEGER_MAX = 2**63 - 1


class StrictSchema(Schema):
    """Unknown fields are refused, never dropped."""

    class Meta:
        unknown = RAISE


def length(least: int, most: int, of: str) -> validate.Length:
    """A validator of how long something is."""
    error = f"must have {least} to {most:,} {of}." if least else f"must have at most {most:,} {of}."
    return validate.Length(min=least or None, max=most, error=error)


class Text(fields.String):
    """Words that somebody wrote: no control characters but line breaks, no white space at the ends."""

    def __init__(self, *, chars_max: int, chars_min: int = 0, **kwargs: Any) -> None:
        super().__init__(validate=length(chars_min, chars_max, "characters"), **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            return clean_text(text)
        except ValueError as problem:
            raise ValidationError(str(problem)) from None


class Blank(Text):
    """Words that may be left out; nothing but white space is nothing."""

    def __init__(self, *, chars_max: int, **kwargs: Any) -> None:
        super().__init__(chars_max=chars_max, allow_none=True, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        return super()._deserialize(value, attr, data, **kwargs) or None

    def _validate(self, value: Any) -> None:
        if value is not None:
            super()._validate(value)


def _rule(parse: Callable[[str], object]) -> Callable[[str], None]:
    """A validator from a function that raises ValueError with the rule."""

    def check(text: str) -> None:
        try:
            parse(text)
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    return check


class Formed(fields.String):
    """A text of a fixed form: the pattern is what the specification shows, the rule is what is checked."""

    def __init__(self, pattern: str, rule: Callable[[str], object], **kwargs: Any) -> None:
        kwargs["metadata"] = {"pattern": pattern, **kwargs.get("metadata", {})}
        super().__init__(validate=_rule(rule), **kwargs)


class PartialDate(Formed):
    """A day, a month or a year; kept as it came."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(PARTIAL_DATE_PATTERN, parse_partial_date, **kwargs)


class Number(Formed):
    """A number of a target, as a decimal string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(DECIMAL_PATTERN, parse_number, **kwargs)


def parse_id(text: str) -> UUID:
    """An id as RFC 9562 writes it, and no other way."""
    if not _UUID.match(text):
        raise ValueError("must be an id such as 0190d7e2-5c3a-7000-8000-0123456789ab.")
    return UUID(text)


_UUID = re.compile(UUID_PATTERN.replace("$", r"\Z"), re.ASCII)


class Id(Formed):
    """An id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(UUID_PATTERN, parse_id, metadata={"format": "uuid"}, **kwargs)

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super().deserialize(value, *args, **kwargs)
        return UUID(text) if isinstance(text, str) else text


class Whole(fields.Integer):
    """A whole number, written as one."""

    def __init__(self, *, least: int = 0, most: int = INTEGER_MAX, **kwargs: Any) -> None:
        error = f"must be from {least} to {most}." if most < INTEGER_MAX else f"must be at least {least}."
        super().__init__(strict=True, validate=validate.Range(min=least, max=most, error=error), **kwargs)


class WholeInQuery(Whole):
    """A whole number in an address: digits and nothing else."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.strict = False

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not re.fullmatch("[0-9]{1,18}", str(value)):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, *args, **kwargs)


class Truth(fields.Boolean):
    """true or false, and nothing that merely looks like it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Distinct(fields.List[Any]):
    """A list without duplicates. Where it may be cleared, null is an empty list."""

    def __init__(
        self, inner: fields.Field[Any], *, items_max: int = 200, clearable: bool = False, **kwargs: Any
    ) -> None:
        kwargs["metadata"] = {"uniqueItems": True, **kwargs.get("metadata", {})}
        super().__init__(
            inner, validate=[length(0, items_max, "items"), _distinct], allow_none=clearable, **kwargs
        )

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        found = super().deserialize(value, *args, **kwargs)
        return [] if found is None else found


def _distinct(items: list[Any]) -> None:
    if again := duplicates(repr(item) for item in items):
        raise ValidationError(f"must hold no duplicates ({str(again[0])[:60]}).")


class ByName(fields.Dict):
    """Texts by name; what is wrong with a name or its text is said under the name."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, *args, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as problem:
            said = problem.messages
            if not isinstance(said, dict):
                raise
            named = {
                name: [text for texts in inner.values() for text in texts] for name, inner in said.items()
            }
            raise ValidationError(named) from None


def one_of(*choices: Any, **kwargs: Any) -> fields.String:
    """One word of a closed list."""
    error = f"must be one of {', '.join(map(str, choices))}."
    validators: Any = validate.OneOf([*choices, None] if kwargs.get("allow_none") else choices, error=error)
    return fields.String(validate=validators, **kwargs)


def _currency(code: str) -> None:
    if code not in CURRENCIES:
        raise ValueError(f"must be an ISO 4217 code such as EUR, not {code[:20]!r}.")


class MoneyBody(StrictSchema):
    """An amount in its original currency."""

    value = Formed(POSITIVE_DECIMAL_PATTERN, lambda text: parse_money(text, "EUR"), required=True)
    currency = Formed("^[A-Z]{3}$", _currency, required=True)
