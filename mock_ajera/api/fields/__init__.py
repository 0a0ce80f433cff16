"""The field vocabulary, named after what an accountant calls things: ``from mock_ajera.api import fields as f``.

A member's class says what it takes, how it is stored and how it is printed. Vendor members are called Text, Key and
Date too: that is why this package is used through its prefix.
"""

from mock_ajera.api.fields.keys import Delete, Key, Stamp
from mock_ajera.api.fields.references import Link, Lookup, Person, Ref, Referrer, Same, Unset
from mock_ajera.api.fields.rows import Children, Fixed, Values
from mock_ajera.api.fields.values import Choice, Day, Flag, Money, Rate, Text, Whole

__all__ = [
    "Children",
    "Choice",
    "Day",
    "Delete",
    "Fixed",
    "Flag",
    "Key",
    "Link",
    "Lookup",
    "Money",
    "Person",
    "Rate",
    "Ref",
    "Referrer",
    "Same",
    "Stamp",
    "Text",
    "Unset",
    "Values",
    "Whole",
]
