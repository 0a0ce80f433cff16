"""The field vocabulary, named after what an accountant calls things: ``from mock_ajera.api import fields as f``.

A member's class says what it takes, how it is stored and how it is printed. Vendor members are called Text, Key and
Date too: that is why this package is used through its prefix.
"""

from mock_ajera.api.fields.keys import Delete, Instruction, Key, Stamp
from mock_ajera.api.fields.references import Alias, AlwaysNull, Computed, Embedded, Lookup, Ref, ReverseRef
from mock_ajera.api.fields.rows import KeyedRows, Object, ReadOnlyRows, Rows
from mock_ajera.api.fields.values import Choice, Day, Flag, Money, Rate, Text, Whole
from mock_ajera.api.records import Members

__all__ = [
    "Alias",
    "AlwaysNull",
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
    "Rows",
    "Stamp",
    "Text",
    "Whole",
]
