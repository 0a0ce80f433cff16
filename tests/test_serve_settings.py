"""ServeSettings: one field for each setting, and what is checked when it is built."""

from __future__ import annotations

import pickle
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_type_hints

from mock_ajera.cli.serve_settings import ServeSettings
from mock_ajera.settings import SETTINGS

DEFAULTS = {setting.attribute: setting.default for setting in SETTINGS}


def settings(**chosen: Any) -> ServeSettings:
    return ServeSettings(**DEFAULTS | chosen)


def test_each_setting_is_a_field_in_the_order_of_the_table():
    own = [each.name for each in fields(ServeSettings) if each.init and each.name != "profile_chosen"]
    assert own == [setting.attribute for setting in SETTINGS], "add the setting to ServeSettings and to SETTINGS"


def test_a_field_has_the_type_of_its_setting():
    hints = get_type_hints(ServeSettings)
    for setting in SETTINGS:
        declared = hints[setting.attribute]
        if setting.choices:
            assert declared.__args__ == setting.choices
        elif setting.multiple:
            assert declared == tuple[str, ...]
        elif isinstance(setting.default, float):
            assert declared is float
        else:
            wanted = int if setting.at_most is not None else str
            assert declared == (wanted | None if setting.default is None else wanted), setting.name


def test_the_derived_values():
    built = settings(host="0.0.0.0", quirk=("success-code=ZERO",), freeze="2026-03-02T09:00:00+00:00")
    assert built.asked_quirks == {"success_code": "zero"}
    assert built.frozen_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert built.clock().now_utc() == built.frozen_at
    assert built.exposure.off
    assert built.profile_quirks["success_code"] == "200"


def test_a_secret_is_never_shown():
    built = settings(control_token="hush")
    defaults = {setting.name: setting.default for setting in SETTINGS} | {"time-scale": Decimal("1.0")}
    assert built.shown() == defaults | {"control-token": "set"}
    assert "hush" not in repr(built)


def test_it_can_be_passed_to_another_process():
    built = settings(quirk=("success_code=zero",), fault=("delay seconds=1",), control_token="hush")
    assert pickle.loads(pickle.dumps(built)) == built
