"""Test the connection to an Ajera account before it is linked, and explain what is wrong with it.

The program reads AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD from the environment.
It ends with exit code 0 if the account can be linked, and with 1 if not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import requests
from ajera_client import Ajera, Record, Refused, connect

READS: dict[str, Record] = {
    "ListProjects": {},
    "GetProjects": {"RequestedProjects": []},
    "ListContacts": {},
    "GetContacts": {"RequestedContacts": []},
}
"""The methods that the import calls, with the arguments of a call that reads next to nothing."""

WHERE_THE_URL_IS = "Copy the API URL again: Setup > Utility > Setup Integrations > API Settings."
WHERE_THE_USER_IS = "Use an API user, not an employee's login: Setup > Utility > Setup Integrations > API User."


def missing_permissions(ajera: Ajera) -> Iterator[str]:
    """Yield the methods that the API user may not call. Ajera refuses such a call with the name of the method."""
    for method, arguments in READS.items():
        try:
            ajera.call(method, arguments, PageResults=True, PageSize=1)
        except Refused as refused:
            if not any("unauthorized method" in text.lower() for text in refused.texts):
                raise
            yield method


def problem(ajera: Ajera) -> str:
    """Return what prevents the link and what to do about it, or an empty text."""
    try:
        company = ajera.log_in()
        missing = list(missing_permissions(ajera))
    except requests.HTTPError as error:
        return f"The server returns HTTP status {error.response.status_code}. {WHERE_THE_URL_IS}"
    except requests.JSONDecodeError:
        return f"The server is not Ajera. {WHERE_THE_URL_IS}"
    except requests.Timeout:
        return "The server does not answer in time. Try again later."
    except requests.RequestException:
        return f"There is no server at this URL. {WHERE_THE_URL_IS}"
    except Refused as refused:
        if any("unable to authenticate" in text.lower() for text in refused.texts):
            return f"The user name or the password is wrong. {WHERE_THE_USER_IS}"
        return f"Ajera refuses the URL ({'; '.join(refused.texts)}). {WHERE_THE_URL_IS}"
    if missing:
        return f"The API user may not call {', '.join(missing)}. Check the permissions of the API user in Ajera."
    print(f"Linked with {company['CompanyName']} (Ajera {company['AjeraVersion']}).")
    return ""


def main() -> int:
    """Test the connection and print the result."""
    with connect() as ajera:
        found = problem(ajera)
    if found:
        print(f"Not linked: {found}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
