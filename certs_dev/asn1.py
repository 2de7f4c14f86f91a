"""Two things to know about asn1crypto, for the modules that put ASN.1 together with it."""

from __future__ import annotations

from typing import TypeVar

from asn1crypto import core

# What asn1crypto raises on bytes that are not the structure they are read as (found by feeding it damaged ones).
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)

Value = TypeVar("Value", bound=core.Asn1Value)


def frozen(value: Value) -> Value:
    """`value` as read back from its DER: asn1crypto encodes what was built at every dump anew."""
    loaded: Value = type(value).load(value.dump())
    return loaded
