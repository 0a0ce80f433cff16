"""Generated employees, clients with their contacts, and vendors. Names and streets come from faker."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from faker import Faker
from faker.providers.person.en_US import Provider as Names

from mock_ajera.sample import words
from mock_ajera.sample.payroll import pay_rates
from mock_ajera.sample.rows import Row, day, days_from_today, filled, slug, stamp

KeyOf = Callable[[str, str], int | None]
"""Returns the key of a firm's record by kind and name, or None if there is no such record."""
NextKey = Callable[[str], int]
"""Returns the next key of a sequence."""


class People:
    """Generates employees, clients and vendors from a seed. The methods must be called in this order."""

    def __init__(self, seed: str, key_of: KeyOf, next_key: NextKey) -> None:
        self._seed, self._key, self._next_key = seed, key_of, next_key
        self._faker = Faker("en_US")
        self._faker.seed_instance(f"{seed} people")
        self._firsts, self._lasts = _Names(Names.first_names), _Names(Names.last_names)
        self._names = random.Random(f"{seed} names")
        self._taken: set[tuple[str, str]] = set()
        self._numbers: defaultdict[str, int] = defaultdict(int)

    def name(self) -> tuple[str, str]:
        """Return a first and last name, unique in the firm unless 20 draws fail."""
        for _ in range(20):
            name = self.first(), self.last()
            if name not in self._taken:
                break
        self._taken.add(name)
        return name

    def first(self) -> str:
        """Return a first name."""
        return self._firsts.draw(self._names)

    def last(self) -> str:
        """Return a last name."""
        return self._lasts.draw(self._names)

    def middle(self) -> str:
        """Return a middle initial."""
        return f"{self.first()[:1]}."

    def address(self, rng: random.Random) -> Row:
        """Return the members of a primary address."""
        town, state, digits = rng.choice(words.TOWNS)
        return {
            "PrimaryAddressLineOne": str(self._faker.street_address().partition(" Apt")[0].partition(" Suite")[0]),
            "PrimaryAddressCity": town,
            "PrimaryAddressZip": f"{digits}{rng.randint(1, 39):02d}",
            "PrimaryAddressState": state,
            "PrimaryAddressCountry": "USA",
        }

    def employees(self, count: int) -> list[Row]:
        """Generate employees."""
        rng = random.Random(f"{self._seed} employees")
        shape = ("Architect", "Designer", "Engineer", "Designer", "Engineer", "Architect", "Administrator", "Principal")
        found: list[Row] = []
        for i in range(count):
            kind = shape[i % len(shape)]
            engineer = kind == "Engineer" or (kind in ("Principal", "Designer") and i % 2 == 1)
            systems = engineer and rng.random() < 0.5
            department = (
                "Administration"
                if kind == "Administrator"
                else "Mechanical, Electrical and Plumbing"
                if systems
                else "Structural Engineering"
                if engineer
                else "Architecture"
            )
            first, last = self.name()
            hired = rng.randint(200, 6500)
            left = rng.random() < 0.16
            row: Row = {
                "EmployeeKey": self._next_key("Employee"),
                "LastModifiedDate": stamp(rng, rng.randint(1, 400)),
                "FirstName": first,
                "MiddleName": self.middle() if rng.random() < 0.2 else "",
                "LastName": last,
                "Title": rng.choice(words.TITLES[kind]),
                "Status": "Inactive" if left else "Active",
                "CompanyKey": 2 if engineer else 1,
                "DepartmentKey": self._key("Department", department),
                "IsPrincipal": kind == "Principal",
                "IsSupervisor": kind == "Principal" or rng.random() < 0.15,
                "IsProjectManager": kind == "Principal" or (kind in ("Architect", "Engineer") and rng.random() < 0.7),
                "IsMarketingContact": kind in ("Principal", "Administrator") and rng.random() < 0.5,
                "EmployeeTypeKey": self._key("EmployeeType", kind),
                "Email": f"{slug(first)}.{slug(last)}@fennimorequay.example",
                "PrimaryPhoneNumber": f"518-555-{110 + i % 80:04d}",
                "PrimaryPhoneDescription": "Office",
                "DateHired": day(-hired),
                "DateTerminated": day(-rng.randint(20, hired - 100)) if left else None,
                "OverheadGroupKey": 1 if kind == "Administrator" else 2,
                **self.address(rng),
            }
            row["PayRates"] = self._pay_rates(i, hired, -(days_from_today(row["DateTerminated"]) or 0), kind)
            found.append(filled(row))
        return found

    def _pay_rates(self, index: int, hired: int, left: int, kind: str) -> list[Row]:
        """Generate the pay rates of an employee. They have draws of their own: no other value depends on them."""
        return pay_rates(random.Random(f"{self._seed} pay rate {index}"), hired, left, kind, self._next_key)

    def personal_records(self, employees: Sequence[Row], contacts: int) -> list[Row]:
        """Add credit cards and emergency contacts to some employees, and return the contacts.

        ``contacts``: the number of generated contacts so far, for telephone numbers.
        """
        rng = random.Random(f"{self._seed} personal records")
        accounts = [key for name in ("Operating", "Payroll") if (key := self._key("BankAccount", name)) is not None]
        found: list[Row] = []
        for i, employee in enumerate(employees):
            name = f"{employee['FirstName']} {employee['LastName']}"
            if accounts and i % 3 == 1:
                employee["CreditCards"] = [
                    {"BankAccountKey": key, "Order": order, "CardholderName": name}
                    for order, key in enumerate(accounts[: rng.choice((1, 1, 2))])
                ]
            if i % 4 == 2:
                first, last = self.name()
                contact: Row = {
                    "ContactKey": self._next_key("Contact"),
                    "FirstName": first,
                    "LastName": last,
                    "PrimaryPhoneNumber": f"518-555-{100 + (contacts + len(found)) % 100:04d}",
                    "PrimaryPhoneDescription": "Home",
                    "LastModifiedDate": stamp(rng, rng.randint(1, 900)),
                }
                found.append(contact)
                employee["Contacts"] = [{"ContactKey": contact["ContactKey"], "Order": 0, "Text": "Emergency contact"}]
        return found

    def clients(self, count: int, taken: set[str]) -> tuple[list[Row], list[Row]]:
        """Generate clients and their contacts. ``taken`` are names in lowercase; new names are added to it."""
        rng = random.Random(f"{self._seed} clients")
        clients: list[Row] = []
        contacts: list[Row] = []
        for i in range(count):
            pattern, kind = rng.choice(words.CLIENTS)
            name = self._unique_name(pattern, words.TOWNSHIPS if kind == "Public Agency" else words.PLACES, rng, taken)
            domain = f"{slug(name)[:18]}.example"
            own: list[Row] = []
            address = self.address(rng)
            gone = rng.random() < 0.08
            for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3))):
                first, last = self.name()
                own.append(
                    {
                        "ContactKey": self._next_key("Contact"),
                        "FirstName": first,
                        "LastName": last,
                        "Company": name,
                        "Title": rng.choice(words.CONTACT_TITLES[kind]),
                        "Status": "Inactive" if gone or rng.random() < 0.05 else "Active",
                        "Email": f"{slug(first)[:1]}{slug(last)}@{domain}",
                        "PrimaryPhoneNumber": f"518-555-{100 + (len(contacts) + len(own)) % 100:04d}",
                        "PrimaryPhoneDescription": "Office",
                        "ContactTypeKey": 1,
                        "LastModifiedDate": stamp(rng, rng.randint(1, 900)),
                        **address,
                    }
                )
            contacts += own
            company = rng.choice((1, 1, 1, 2, None))
            clients.append(
                filled(
                    {
                        "ClientKey": self._next_key("Client"),
                        "LastModifiedDate": stamp(rng, rng.randint(1, 900)),
                        "Description": name,
                        "Status": "Inactive" if gone else "Active",
                        "CompanyKey": company,
                        "ClientTypeKey": self._key("ClientType", kind),
                        "DateEstablished": day(-rng.randint(300, 6000)),
                        "SendStatements": rng.random() < 0.6,
                        "AccountID": f"{slug(name)[:4].upper()}-{i + 10:03d}",
                        "Email": f"payables@{domain}",
                        "Website": f"https://{domain}",
                        "InvoiceDeliveryPreference": rng.choice(("Email", "Email", "Printed")),
                        "PrimaryPhoneNumber": f"518-555-{100 + i % 100:04d}",
                        "PrimaryPhoneDescription": "Main",
                        **address,
                        "Contacts": [
                            {"ContactKey": row["ContactKey"], "Order": order, "Text": row["Title"]}
                            for order, row in enumerate(own)
                        ],
                    }
                )
            )
        return clients, [filled(row) for row in contacts]

    def vendors(self, count: int, taken: set[str]) -> list[Row]:
        """Generate vendors. ``taken`` are names in lowercase; new names are added to it."""
        rng = random.Random(f"{self._seed} vendors")
        found: list[Row] = []
        for i in range(count):
            pattern, kind = words.VENDORS[i % len(words.VENDORS)]
            name = self._unique_name(pattern, words.PLACES, rng, taken)
            found.append(
                filled(
                    {
                        "VendorKey": self._next_key("Vendor"),
                        "Name": name,
                        "Status": "Inactive" if rng.random() < 0.1 else "Active",
                        "CompanyKey": rng.choice((1, 2, None)),
                        "DateEstablished": day(-rng.randint(300, 6000)),
                        "Receives1099Form": kind == "Engineering Consultant" and rng.random() < 0.4,
                        "VendorTypeKey": self._key("VendorType", kind),
                        "VendorAccountID": f"FQ{rng.randint(1000, 9999)}",
                        "CalculatePaymentDateMethod": "Number of days",
                        "NumberOfDaysFromInvoiceDate": rng.choice((15, 30, 30, 45, 60)),
                        "Email": f"billing@{slug(name)[:18]}.example",
                        "PrimaryPhoneNumber": f"518-555-{100 + i % 100:04d}",
                        "LastModifiedDate": stamp(rng, rng.randint(1, 900)),
                        **self.address(rng),
                    }
                )
            )
        return found

    def _unique_name(self, pattern: str, places: tuple[str, ...], rng: random.Random, taken: set[str]) -> str:
        """Draw a unique name from a pattern. After 30 draws, the next number of a name makes it unique."""
        for _ in range(30):
            name = pattern.format(place=rng.choice(places), name=self.last(), other=self.last(), first=self.first())
            if name.lower() not in taken:
                break
        plain = name
        while name.lower() in taken:
            self._numbers[plain] += 1
            name = f"{plain} {self._numbers[plain] + 1}"
        taken.add(name.lower())
        return name


class _Names:
    """Names that are drawn as often as faker does: its own draws take 50 times as long."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._names, self._upto = list(weights), list(accumulate(weights.values()))

    def draw(self, rng: random.Random) -> str:
        """Draw a name."""
        return rng.choices(self._names, cum_weights=self._upto)[0]
