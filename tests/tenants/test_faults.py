"""Faults: which calls a rule chooses, which rules are refused, how calls are throttled and delayed."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from checkout import PATIENCE
from client import Client
from hypothesis import given
from hypothesis import strategies as some
from raw_http import post

from mock_ajera import MockAjera
from mock_ajera.api.faults.checking import BadRule, check, rule_of
from mock_ajera.tenants.faults import MOST, Facts, Faults, Rule

NOW = datetime(2026, 3, 9, 15, tzinfo=UTC)
FREEZE = "2026-03-09T15:00:00Z"
HOUR = timedelta(hours=1)


# Which calls a rule chooses


def facts(method="ListClients", user="integrator", version=1, record=("Client", 1), now=NOW):
    return Facts(method, user, version, {}, 0, lambda *named: named == record, int(now.timestamp() * 1000))


def hit(rule, calls, seed=b"seed"):
    """Return the numbers of the calls, from 1, that a rule hits."""
    faults = Faults(seed)
    added = faults.add(rule)
    found = [number for number, call in enumerate(calls, 1) if faults.hitting(call)]
    assert added.fired == len(found)
    return found


number = some.none() | some.integers(1, 6)


@given(nth=number, every=number, times=number, count=some.integers(0, 30))
def test_the_numbers_of_calls(nth, every, times, count):
    """One call with nth alone; else the first of them, or each so-manieth, and so many times."""
    calls = range(1, count + 1)
    if every is None and times is None:
        expected = [each for each in calls if nth in (None, each)]
    else:
        expected = list(calls[(nth or every or 1) - 1 :: every or 1])[:times]
    assert hit(Rule(does="http", nth=nth, every=every, times=times), [facts()] * count) == expected


@given(
    rule=some.fixed_dictionaries(
        {},
        optional={
            "method": some.sampled_from(["ListClients", "GetClients"]),
            "user": some.sampled_from(["integrator", "reader"]),
            "version": some.sampled_from([1, 2]),
            "record": some.sampled_from(["Client 1", "Client 2", "Project 1"]),
        },
    ),
    call=some.fixed_dictionaries(
        {
            "method": some.sampled_from(["ListClients", "GetClients"]),
            "user": some.sampled_from(["integrator", "reader"]),
            "version": some.sampled_from([1, 2, None]),
            "record": some.sampled_from([("Client", 1), ("Client", 2), ("Project", 1)]),
        }
    ),
)
def test_a_rule_applies_to_calls_with_all_that_it_names(rule, call):
    named = call | {"record": "{} {}".format(*call["record"])}
    assert bool(hit(Rule(does="http", **rule), [facts(**call)])) == (rule.items() <= named.items())


@given(others=some.lists(some.booleans(), max_size=20))
def test_calls_to_which_a_rule_does_not_apply_do_not_count(others):
    calls = [facts(method="GetClients" if other else "ListClients") for other in others]
    expected = [place for place, other in enumerate(others, 1) if not other][1:2]
    assert hit(Rule(does="http", method="ListClients", nth=2), calls) == expected


@given(since=some.none() | some.integers(-5, 5), until=some.none() | some.integers(-5, 5), at=some.integers(-6, 6))
def test_a_rule_has_a_time(since, until, at):
    """By the milliseconds of the clock; ``until`` is excluded."""
    times = {
        name: NOW + timedelta(milliseconds=each)
        for name, each in (("since", since), ("until", until))
        if each is not None
    }
    expected = (since is None or since <= at) and (until is None or at < until)
    assert bool(hit(Rule(does="http", **times), [facts(now=NOW + timedelta(milliseconds=at))])) == expected


@given(seed=some.binary(min_size=1, max_size=8), probability=some.floats(0.01, 0.99))
def test_the_same_seed_chooses_the_same_calls(seed, probability):
    rule = Rule(does="http", probability=probability)
    assert hit(rule, [facts()] * 50, seed) == hit(rule, [facts()] * 50, seed)


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.95, 1])
def test_calls_go_wrong_with_a_probability(probability):
    calls = hit(Rule(does="http", probability=probability), [facts()] * 2000)
    assert len(calls) / 2000 == pytest.approx(probability, abs=0.03)


def test_another_seed_chooses_other_calls():
    rule = Rule(does="http", probability=0.5)
    assert hit(rule, [facts()] * 50, b"one") != hit(rule, [facts()] * 50, b"other")


def test_times_counts_the_calls_that_went_wrong():
    """Not those that the probability has spared."""
    assert len(hit(Rule(does="http", probability=0.2, times=3), [facts()] * 200)) == 3


def test_each_rule_counts_for_itself():
    faults = Faults(b"seed")
    rules = Rule(does="http", nth=2), Rule(does="http", every=2), Rule(does="http", method="GetClients")
    names = [faults.add(rule).name for rule in rules]
    assert names == ["http 1", "http 2", "http 3"]
    met = [[each.name for each in faults.hitting(facts())] for _ in range(4)]
    assert met == [[], ["http 1", "http 2"], [], ["http 2"]]
    assert [(each.calls, each.fired) for each in faults] == [(4, 1), (4, 2), (0, 0)]


def test_threads_do_not_exceed_a_number():
    faults = Faults(b"seed")
    added = faults.add(Rule(does="http", times=100))
    with ThreadPoolExecutor(8) as pool:
        met = list(pool.map(lambda _: len(faults.hitting(facts())), range(1000)))
    assert (sum(met), added.fired, added.calls) == (100, 100, 1000)


def test_a_name_is_unique_and_rules_are_bounded():
    faults = Faults(b"seed")
    faults.add(Rule(does="http", name="mine"))
    with pytest.raises(ValueError, match="there is a fault named 'mine' already"):
        faults.add(Rule(does="delay", name="mine"))
    for _ in range(MOST - 1):
        faults.add(Rule(does="http"))
    with pytest.raises(ValueError, match="a tenant has at most 1000 faults"):
        faults.add(Rule(does="http"))


def test_a_rule_for_a_record_hits_the_calls_that_name_it():
    """As a requested key, or as the key of a row at any depth; another kind with the same key is no match."""
    with MockAjera() as ajera, Client(ajera.url) as client:
        fault = ajera.fault("delay", seconds=0.001, record="Client 2")
        calls = [
            ("GetClients", {"RequestedClients": [1, 2]}, True),
            ("GetClients", {"RequestedClients": [1, 3]}, False),
            ("GetContacts", {"RequestedContacts": [2]}, False),
            ("UpdateProjects", {"UpdatedProjects": [{"InvoiceGroups": [{"Client": {"ClientKey": 2}}]}]}, True),
            ("UpdateProjects", {"UpdatedProjects": [{"InvoiceGroups": [{"Client": {"ClientKey": 3}}]}]}, False),
        ]
        for method, arguments, hits in calls:
            client.call(method, arguments)
            assert ajera.journal.last().faults == (("delay 1",) if hits else ())
        assert (fault.calls, fault.fired) == (2, 2)


# Rules that are refused

REFUSED = {
    "another member": ({"does": "http", "sttus": 500}, "a fault has no member 'sttus'; did you mean status?"),
    "no such member": ({"does": "http", "wxyz": 1}, "a fault has no member 'wxyz'; they are does, name, method, "),
    "a wrong type": ({"does": "http", "nth": "first"}, "nth: expected int, got str"),
    "too small": ({"does": "http", "nth": 0}, "nth: expected int >= 1"),
    "no time zone": ({"does": "http", "since": "2026-03-09T08:00:00"}, "since: expected datetime with a timezone"),
    "another fault": ({"does": "dealy"}, "there is no fault 'dealy'; did you mean delay?"),
    "no such fault": ({"does": "wxyz"}, "there is no fault 'wxyz'; they are delay, reset, "),
    "not its parameter": (
        {"does": "http", "seconds": 1},
        "the fault http does not use seconds; it takes status, page, ",
    ),
    "no parameters": ({"does": "hang", "seconds": 1}, "the fault hang does not use seconds"),
    "no rate": ({"does": "drip"}, "the fault drip needs rate"),
    "no change": ({"does": "envelope"}, "the fault envelope needs change"),
    "wrong phase": ({"does": "truncate", "phase": "before"}, "the fault truncate happens after the work only"),
    "wrong phase, too": ({"does": "locked", "phase": "after"}, "the fault locked happens before the work only"),
    "no answer to cut": (
        {"does": "reset", "phase": "before", "size": 9},
        "a reset before the work has no answer to cut off, and so no size",
    ),
    "no wait": ({"does": "delay"}, "the fault delay needs seconds or most_seconds"),
    "two distributions": (
        {"does": "delay", "seconds": 1, "most_seconds": 2, "spread": 1},
        "the waits have either most_seconds or a spread",
    ),
    "most below least": (
        {"does": "delay", "seconds": 2, "most_seconds": 1},
        "most_seconds is 1.0, less than the 2.0 s",
    ),
    "no median": ({"does": "delay", "most_seconds": 0, "spread": 1}, "needs seconds or most_seconds"),
    "retry a success": ({"does": "http", "status": 200, "retry_after": 1}, "a success has no Retry-After"),
    "method": (
        {"does": "http", "method": "UpdateClient"},
        "there is no method 'UpdateClient'; did you mean UpdateClients?",
    ),
    "version": (
        {"does": "http", "method": "CreateProjects", "version": 1},
        "CreateProjects exists in version 2 of the API only",
    ),
    "user": ({"does": "http", "user": "integrato"}, "there is no API user 'integrato'; did you mean integrator?"),
    "never": (
        {"does": "http", "since": "2026-03-09T08:00:00Z", "until": "2026-03-09T08:00:00Z"},
        "until must be later than since",
    ),
    "no more": ({"does": "http", "until": FREEZE}, "until has passed by the frozen clock of the tenant"),
    "no record": ({"does": "http", "record": "Project"}, "'Project' is not the kind and the key of a record, such as"),
    "kind": ({"does": "http", "record": "Projct 7"}, "there is no kind of record 'Projct'; did you mean Project?"),
    "no write": (
        {"does": "locked", "method": "ListClients"},
        "ListClients writes nothing, so the fault locked cannot happen to it",
    ),
    "no login": (
        {"does": "too-many-sessions", "method": "ListClients"},
        "only CreateAPISession can be refused because of too many sessions",
    ),
    "no check box": ({"does": "withdraw", "method": "CreateAPISession"}, "CreateAPISession has no check box"),
    "names no record": (
        {"does": "change", "method": "CreateAPISession"},
        "the calls of CreateAPISession name no record, so the fault change needs a target",
    ),
    "target": ({"does": "delete", "target": "7"}, "'7' is not the kind and the key of a record"),
    "not there": ({"does": "change", "target": "Project 999"}, "there is no Project 999"),
    "in use": ({"does": "delete", "target": "Client 1"}, "Client 1 cannot be deleted: "),
    "no text": ({"does": "change", "target": "Timesheet 1"}, "a Timesheet has no text that could change"),
}


@pytest.fixture(scope="module")
def firm():
    """Return a tenant with a frozen clock. The tests leave it as it is."""
    with MockAjera(freeze=FREEZE) as ajera:
        yield ajera


@pytest.mark.parametrize(("rule", "text"), REFUSED.values(), ids=REFUSED)
def test_a_rule_that_can_never_fire_is_refused(firm, rule, text):
    """The message names the member or the value, and what would be right."""
    with pytest.raises(BadRule) as caught:
        firm.fault(**rule)
    assert text in str(caught.value)
    assert not firm.tenant.faults


def test_a_server_that_cannot_reset_refuses_to(firm):
    with pytest.raises(BadRule, match="this engine cannot reset a connection; truncate closes it, and the engine werk"):
        check(rule_of({"does": "reset"}), firm.tenant, resets=False)


# Throttling, by a frozen clock


def ask(ajera, client):
    """Return the status and the message of a call, and the seconds by which it moved the clock on."""
    before = ajera.clock.now()
    answer = post(ajera.url, {"Method": "ListClients", "SessionToken": client.token, "MethodArguments": {}})
    message = answer.json["Message"] if answer.status == 200 else ""
    return answer.status, message, (ajera.clock.now() - before) / 1000


SERVED = 200, "Success", 0


@pytest.mark.parametrize(
    ("rule", "early"),
    [
        ({}, (200, "Success", 0.5)),
        ({"excess": "delay"}, (200, "Success", 0.5)),
        ({"excess": "refuse"}, (429, "", 0)),
        ({"excess": "login"}, (200, "Unable to authenticate user", 0)),
    ],
    ids=["default", "delay", "refuse", "login"],
)
def test_calls_above_a_rate(rule, early):
    """The calls of one second come at once. The next ones wait for their turn, or are refused until it comes."""
    with MockAjera(sample="empty", freeze=FREEZE) as ajera, Client(ajera.url) as client:
        ajera.fault("throttle", rate=2, **rule)
        assert [ask(ajera, client) for _ in range(4)] == [SERVED, SERVED, early, early]
        ajera.clock.advance(timedelta(seconds=0.5))
        assert ask(ajera, client) == SERVED
        assert ask(ajera, client) == early
        ajera.clock.advance(timedelta(seconds=10))
        assert [ask(ajera, client) for _ in range(3)] == [SERVED, SERVED, early]


def test_a_rate_below_one_call_a_second():
    with MockAjera(sample="empty", freeze=FREEZE) as ajera, Client(ajera.url) as client:
        ajera.fault("throttle", rate=0.1)
        assert [ask(ajera, client)[2] for _ in range(3)] == [0, 10, 10]


def test_each_user_has_a_rate():
    """Nine calls a second by default, as a client observed."""
    with MockAjera(sample="empty", freeze=FREEZE) as ajera, Client(ajera.url) as client:
        ajera.add_user("other", "Offline_4jera")
        with Client(ajera.url, "other") as other:
            fault = ajera.fault("throttle", excess="refuse")
            statuses = [[ask(ajera, each)[0] for _ in range(10)] for each in (client, other)]
        assert statuses == 2 * [[*9 * [200], 429]]
        assert (fault.calls, fault.fired) == (20, 2)


# Waits


def waits(ajera, client, count=1):
    """Return by how many seconds each of some calls moves the clock on."""
    return [ask(ajera, client)[2] for _ in range(count)]


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_frozen_clock_moves_on_and_nothing_is_waited_for(phase):
    with MockAjera(sample="empty", freeze=FREEZE) as ajera, Client(ajera.url) as client:
        with ajera.fault("delay", seconds=3600, phase=phase):
            assert waits(ajera, client) == [3600]
        assert ajera.clock.frozen
        times = {"before": NOW + HOUR, "after": NOW}
        assert ajera.journal.last().time == times[phase]


def test_time_can_be_shortened():
    """The clock moves on by what is not waited for."""
    with MockAjera(sample="empty") as ajera, Client(ajera.url) as client:
        ajera.tenant.faults.time_scale = 0.0001
        with ajera.fault("delay", seconds=3600):
            assert waits(ajera, client)[0] >= 3600
        assert not ajera.clock.frozen


def test_waits_are_spread_evenly():
    """The seed decides."""

    def found():
        with MockAjera(sample="empty", freeze=FREEZE, seed="spread") as ajera, Client(ajera.url) as client:
            ajera.fault("delay", seconds=10, most_seconds=20)
            return waits(ajera, client, 50)

    first = found()
    assert all(10 <= each <= 20 for each in first)
    assert (min(first) < 12, max(first) > 18) == (True, True)
    assert found() == first


def test_waits_have_a_median():
    with MockAjera(sample="empty", freeze=FREEZE, seed="spread") as ajera, Client(ajera.url) as client:
        ajera.fault("delay", seconds=10, spread=1)
        found = waits(ajera, client, 100)
    assert median(found) == pytest.approx(10, rel=0.3)
    assert min(found) < 5
    assert max(found) > 20


def test_what_waits_goes_on_when_its_fault_is_removed():
    with MockAjera(sample="empty") as ajera, Client(ajera.url) as client, ThreadPoolExecutor(1) as pool:
        fault = ajera.fault("delay", seconds=3600)
        call = pool.submit(client.call, "ListClients")
        while not fault.fired:
            time.sleep(0.01)
        fault.remove()
        assert call.result(PATIENCE)["Message"] == "Success"


def test_a_fault_that_is_removed_before_the_wait_causes_none():
    with MockAjera(sample="empty") as ajera, Client(ajera.url) as client:
        fault = ajera.fault("delay", seconds=3600, phase="after")
        ajera.before("ListClients", fault.remove)
        assert client.call("ListClients")["Message"] == "Success"


def test_the_end_of_another_fault_shortens_no_wait():
    with MockAjera(sample="empty") as ajera, Client(ajera.url) as client, ThreadPoolExecutor(1) as pool:
        other = ajera.fault("hang", method="ListVendors")
        fault = ajera.fault("delay", seconds=0.5)
        began = time.monotonic()
        call = pool.submit(client.call, "ListClients")
        while not fault.fired:
            time.sleep(0.01)
        other.remove()
        call.result(PATIENCE)
        assert time.monotonic() - began >= 0.5


# What becomes of a call


def test_calls_of_the_test_never_go_wrong():
    """They do not count either."""
    with MockAjera(sample="empty") as ajera:
        fault = ajera.fault("http")
        assert ajera.call("ListClients")["Message"] == "Success"
        assert (fault.calls, fault.fired) == (0, 0)
        fault.remove()


def test_a_call_that_met_a_fault_is_no_evidence():
    """What it relied on is not counted."""
    with MockAjera(sample="empty") as ajera, Client(ajera.url) as client:
        before = ajera.journal.reliance()
        with ajera.fault("delay", seconds=0.001):
            client.call("ListClients")
        entry = ajera.journal.last()
        assert (entry.outcome, entry.faults, ajera.journal.reliance()) == ("ok", ("delay 1",), before)
        client.call("ListClients")
        assert ajera.journal.last().faults == ()
        assert ajera.journal.reliance() != before


@pytest.mark.parametrize(("phase", "outcome"), [("before", "failed"), ("after", "ok")])
def test_the_journal_says_whether_a_call_was_handled(phase, outcome):
    with MockAjera(sample="empty") as ajera, Client(ajera.url) as client:
        with ajera.fault("http", phase=phase):
            assert ask(ajera, client)[0] == 503
        assert ajera.journal.last().outcome == outcome


def test_nothing_to_withdraw_is_no_fault():
    """A rule counts the calls that really went wrong."""
    with MockAjera(sample="empty") as ajera, Client(ajera.url) as client:
        fault = ajera.fault("withdraw", method="ListClients")
        for _ in range(3):
            client.call("ListClients")
        assert (fault.calls, fault.fired) == (3, 1)
        assert [entry.faults for entry in ajera.journal][1:] == [("withdraw 1",), (), ()]
