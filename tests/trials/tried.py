"""Small programs to be tried. Each uses only the standard library, so that it starts fast."""

from __future__ import annotations

import sys
from pathlib import Path

_CLIENT = '''
import http.client, json, os, sys, time
from urllib.parse import urlsplit

URL = urlsplit(os.environ["AJERA_API_URL"])
STAMP = "2017-12-06 14:46:06.873 GMT-08:00"
TIMEOUT = float(os.environ.get("AJERA_TIMEOUT", "1.5"))
token = ""

class Refused(Exception):
    pass

class NoAnswer(Exception):
    """There is no answer of Ajera. It may have done what it was asked."""

def post(**body):
    connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=TIMEOUT)
    try:
        connection.request("POST", f"{URL.path}?{URL.query}", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read()
        if response.status != 200:
            time.sleep(int(response.headers.get("Retry-After", 0)))
            raise NoAnswer(response.status)
        envelope = json.loads(text)
        errors = [error["ErrorMessage"] for error in envelope["Errors"] if error["ErrorID"]]
        if errors:
            raise Refused("; ".join(errors))
        if envelope.get("Content") is None:
            raise NoAnswer("no Content")
        return envelope["Content"]
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(repr(error)) from None
    finally:
        connection.close()

def call(method, **arguments):
    global token
    if not token:
        login = {name: os.environ[f"AJERA_API_{name.upper()}"] for name in ("Username", "Password")}
        token = post(Method="CreateAPISession", APIVersion=1, **login)["SessionToken"]
    try:
        return post(Method=method, SessionToken=token, MethodArguments=arguments)
    except Refused as refused:
        if "Invalid Session" in str(refused):
            token = ""
        raise

def has(name):
    return bool(call("ListProjects", FilterByDescriptionEquals=name)["Projects"])

def create(name):
    new = {"LastModifiedDate": STAMP, "Contacts": [], "BillingType": "TimeAndExpense"}
    phase = new | {"PhaseKey": -3, "Description": "Design"}
    group = {"InvoiceGroupKey": -2, "Description": "Design", "InvoiceFormatKey": 1, "Client": {"ClientKey": 3}}
    project = {"ProjectKey": -1, "Description": name, "CompanyKey": 1, "InvoiceGroups": [group | {"Phases": [phase]}]}
    call("UpdateProjects", UpdatedProjects=[new | project], UnchangedProjects=[])

def client(key):
    return call("GetClients", RequestedClients=[key])["Clients"][0]

def note(client, text):
    call("UpdateClients", UpdatedClients=[client | {"Notes": text}], UnchangedClients=[client])
'''
_PROGRAMS = {
    # Looks for what it has created before it tries again.
    "careful": """
for attempt in range(5):
    time.sleep(attempt * 0.25)
    try:
        if has("Mill Race"):
            sys.exit(0)
        create("Mill Race")
        if has("Mill Race"):
            sys.exit(0)
    except (Refused, NoAnswer) as error:
        print("attempt", attempt, repr(error))
sys.exit(1)
""",
    # Repeats what was not answered, whatever it was.
    "naive": """
has("Mill Race")
for attempt in range(5):
    try:
        create("Mill Race")
        break
    except NoAnswer:
        time.sleep(0.1)
""",
    # Waits for answers forever.
    "patient": """
TIMEOUT = None
create("Mill Race")
""",
    # Takes a refusal for a success.
    "deaf": """
has("Mill Race")
try:
    create("Mill Race")
except (Refused, NoAnswer):
    pass
""",
    # Leaves the notes of a client as they were if they have changed, and fails.
    "polite": """
note(client(1), "by the program")
""",
    # Reads the client again if it has changed, only to write over it.
    "overwriting": """
found = client(1)
try:
    note(found, "by the program")
except Refused:
    note(client(1), "by the program")
""",
    # Writes something else each time.
    "changing": """
create(os.urandom(4).hex())
""",
}
NAMES = tuple(_PROGRAMS)


def program(name: str, folder: Path) -> tuple[str, str]:
    """Write a program into a folder, and return its command."""
    file = folder / f"{name}.py"
    file.write_text(_CLIENT + _PROGRAMS[name], encoding="utf-8")
    return sys.executable, str(file)
