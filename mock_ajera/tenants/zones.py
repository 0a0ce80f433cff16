"""Time zones by IANA name, with their Windows names, which Ajera prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

from mock_ajera.spelling import did_you_mean, similar

__all__ = ["Zone"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1)
_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE

_WINDOWS: dict[tuple[str, int], str] = {
    # Windows name of standard time, its offset in minutes: the IANA zones that have it.
    ("Coordinated Universal Time", 0): "UTC Etc/UTC Etc/GMT",
    ("Hawaiian Standard Time", -600): "Pacific/Honolulu US/Hawaii",
    ("Aleutian Standard Time", -600): "America/Adak",
    ("Alaskan Standard Time", -540): """America/Anchorage America/Juneau America/Metlakatla America/Nome America/Sitka
        America/Yakutat US/Alaska""",
    ("Pacific Standard Time", -480): "America/Los_Angeles America/Vancouver US/Pacific Canada/Pacific",
    ("Pacific Standard Time (Mexico)", -480): "America/Tijuana",
    ("Yukon Standard Time", -420): "America/Whitehorse America/Dawson",
    ("US Mountain Standard Time", -420): """America/Phoenix America/Creston America/Dawson_Creek America/Fort_Nelson
        America/Hermosillo US/Arizona""",
    ("Mountain Standard Time", -420): """America/Denver America/Boise America/Cambridge_Bay America/Ciudad_Juarez
        America/Edmonton America/Inuvik America/Yellowknife US/Mountain Canada/Mountain""",
    ("Mountain Standard Time (Mexico)", -420): "America/Mazatlan",
    ("Central Standard Time", -360): """America/Chicago America/Indiana/Knox America/Indiana/Tell_City
        America/Matamoros America/Menominee America/North_Dakota/Beulah America/North_Dakota/Center
        America/North_Dakota/New_Salem America/Ojinaga America/Rankin_Inlet America/Resolute America/Winnipeg
        US/Central Canada/Central""",
    ("Canada Central Standard Time", -360): "America/Regina America/Swift_Current Canada/Saskatchewan",
    ("Central Standard Time (Mexico)", -360): """America/Mexico_City America/Bahia_Banderas America/Chihuahua
        America/Merida America/Monterrey""",
    ("Central America Standard Time", -360): """America/Guatemala America/Belize America/Costa_Rica
        America/El_Salvador America/Managua America/Tegucigalpa""",
    ("Eastern Standard Time", -300): """America/New_York America/Detroit America/Indiana/Petersburg
        America/Indiana/Vincennes America/Indiana/Winamac America/Iqaluit America/Kentucky/Louisville
        America/Kentucky/Monticello America/Montreal America/Nassau America/Thunder_Bay America/Toronto
        US/Eastern Canada/Eastern""",
    ("US Eastern Standard Time", -300): """America/Indiana/Indianapolis America/Indiana/Marengo
        America/Indiana/Vevay US/East-Indiana""",
    ("Eastern Standard Time (Mexico)", -300): "America/Cancun",
    ("SA Pacific Standard Time", -300): "America/Atikokan America/Cayman America/Jamaica America/Panama",
    ("Atlantic Standard Time", -240): """America/Halifax America/Glace_Bay America/Goose_Bay America/Moncton
        America/Thule Atlantic/Bermuda Canada/Atlantic""",
    ("SA Western Standard Time", -240): "America/Puerto_Rico America/Blanc-Sablon America/St_Thomas",
    ("Newfoundland Standard Time", -210): "America/St_Johns Canada/Newfoundland",
    ("GMT Standard Time", 0): """Europe/London Europe/Dublin Europe/Belfast Europe/Guernsey Europe/Isle_of_Man
        Europe/Jersey Europe/Lisbon""",
    ("W. Europe Standard Time", 60): """Europe/Berlin Europe/Amsterdam Europe/Luxembourg Europe/Malta Europe/Monaco
        Europe/Oslo Europe/Rome Europe/Stockholm Europe/Vaduz Europe/Vienna Europe/Zurich""",
    ("Romance Standard Time", 60): "Europe/Paris Europe/Brussels Europe/Copenhagen Europe/Madrid",
    ("Central Europe Standard Time", 60): """Europe/Budapest Europe/Belgrade Europe/Bratislava Europe/Ljubljana
        Europe/Prague""",
    ("Central European Standard Time", 60): "Europe/Warsaw Europe/Sarajevo Europe/Skopje Europe/Zagreb",
    ("W. Australia Standard Time", 480): "Australia/Perth",
    ("Aus Central W. Standard Time", 525): "Australia/Eucla",
    ("AUS Central Standard Time", 570): "Australia/Darwin",
    ("Cen. Australia Standard Time", 570): "Australia/Adelaide Australia/Broken_Hill",
    ("AUS Eastern Standard Time", 600): "Australia/Sydney Australia/Melbourne Australia/Canberra",
    ("E. Australia Standard Time", 600): "Australia/Brisbane Australia/Lindeman",
    ("Tasmania Standard Time", 600): "Australia/Hobart",
    ("West Pacific Standard Time", 600): "Pacific/Guam Pacific/Saipan",
    ("Lord Howe Standard Time", 630): "Australia/Lord_Howe",
    ("New Zealand Standard Time", 720): "Pacific/Auckland",
    ("Chatham Islands Standard Time", 765): "Pacific/Chatham",
}

_NAMED = {zone: windows for windows, zones in _WINDOWS.items() for zone in zones.split()}


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone by its IANA name, such as ``America/New_York``. Zones with the same name are equal.

    Raises ``ValueError`` for an unknown name (the message suggests similar ones), for a zone without a known Windows
    name, and if the machine has no data for the zone.
    """

    name: str
    _info: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Load the data of the zone."""
        if self.name not in _NAMED:
            raise ValueError(_why_not(self.name))
        try:
            info = ZoneInfo(self.name)
        except (LookupError, OSError):
            raise ValueError(f"this machine has no data for the time zone {self.name}") from None
        object.__setattr__(self, "_info", info)

    def offset_and_name(self, utc_ms: int) -> tuple[int, str]:
        """Return the offset from UTC in minutes at an instant, and the Windows name of the time then.

        An offset with seconds, as some were before 1946, is rounded to a minute. An offset above the standard offset
        is daylight time (claim ``value.stamp-zone-fits-date``).
        """
        standard, usual = _NAMED[self.name]
        minutes = self._offset(utc_ms)
        if minutes > usual:
            return minutes, standard.replace(" Standard ", " Daylight ")
        return minutes, standard

    def local_midnight(self, day: str) -> int:
        """Return the first instant of a day ``YYYY-MM-DD`` in UTC milliseconds.

        If clocks skip midnight, that is the instant of the change; if midnight occurs twice, the first. Raises
        ``ValueError`` for text that is not a day.
        """
        wall = (date.fromisoformat(day) - _FIRST_DAY).days * _DAY
        guesses = {wall - self._offset(wall + shift) * _MINUTE for shift in (-_DAY, _DAY)}
        midnights = [guess for guess in guesses if self._wall(guess) == wall]
        if midnights:
            return min(midnights)
        before, after = min(guesses) - _MINUTE, max(guesses)
        while after - before > 1:
            middle = (before + after) // 2
            if self._wall(middle) < wall:
                before = middle
            else:
                after = middle
        return after

    def local_time(self, day: str, since_midnight: int) -> int:
        """Return the instant of a local time, given in milliseconds since midnight, in UTC milliseconds."""
        midnight = self.local_midnight(day)
        at = midnight + since_midnight
        # The offset may change between midnight and then.
        return at - (self._offset(at) - self._offset(midnight)) * _MINUTE

    def wall_clock(self, utc_ms: int) -> datetime:
        """Return the local time of an instant, with its offset in whole minutes."""
        zone = timezone(timedelta(minutes=self._offset(utc_ms)))
        return (_EPOCH + timedelta(milliseconds=utc_ms)).astimezone(zone)

    def local_date(self, utc_ms: int) -> str:
        """Return the local day ``YYYY-MM-DD`` of an instant."""
        return (_FIRST_DAY + timedelta(days=self._wall(utc_ms) // _DAY)).isoformat()

    def _offset(self, utc_ms: int) -> int:
        offset = (_EPOCH + timedelta(milliseconds=utc_ms)).astimezone(self._info).utcoffset() or timedelta()
        return round(offset.total_seconds() / 60)

    def _wall(self, utc_ms: int) -> int:
        """Return the local time as if it were UTC milliseconds."""
        return utc_ms + self._offset(utc_ms) * _MINUTE


def _why_not(name: str) -> str:
    for standard, _ in _WINDOWS:
        if name.casefold() == standard.casefold():
            example = next(zone for zone, windows in _NAMED.items() if windows[0] == standard)
            return f"{name} is the Windows name of a time zone; give its IANA name, for instance {example}"
    if name in available_timezones():
        return f"the Windows name of the time zone {name} is not known here"
    wanted = name.replace(" ", "_")
    by_city = {zone.rpartition("/")[2]: zone for zone in sorted(_NAMED)}
    near = similar(wanted, _NAMED) or [by_city[city] for city in similar(wanted.rpartition("/")[2], by_city)]
    return f"there is no time zone {name!r}{did_you_mean(near) or '; there are America/New_York, UTC and many more'}"
