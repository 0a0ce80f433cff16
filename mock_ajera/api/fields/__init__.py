"""The field vocabulary, in an accountant's terms: ``from mock_ajera.api import fields as f``.

The class of a member defines its accepted values, its stored form and its printed form. Vendor members are also named
Text, Key and Date, so this package is used through its prefix.
"""

from mock_ajera.api.fields.keys import AskedKey, Delete, Instruction, Key, Stamp
from mock_ajera.api.fields.references import (
    AlwaysNull,
    Computed,
    Embedded,
    Lookup,
    Ref,
    ReverseRef,
    RowRef,
    SecondName,
)
from mock_ajera.api.fields.rows import KeyedRows, Object, ReadOnlyRows, RowClaims, Rows
from mock_ajera.api.fields.values import Choice, Day, Flag, Money, Rate, Text, Whole
from mock_ajera.api.schema import Members

__all__ = [
    "AlwaysNull",
    "AskedKey",
    "Choice",
    "Computed",
    "Day",
    "Delete",
    "Embedded",
    "Flag",
    "Instruction",
    "Key",
    "KeyedRows",
    "Lookup",
    "Members",
    "Money",
    "Object",
    "Rate",
    "ReadOnlyRows",
    "Ref",
    "ReverseRef",
    "RowClaims",
    "RowRef",
    "Rows",
    "SecondName",
    "Stamp",
    "Text",
    "Whole",
]
