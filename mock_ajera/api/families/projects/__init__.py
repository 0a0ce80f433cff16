"""Projects, with their invoice groups, phases and resources. Source: Ajera API, Projects pages (version 1 and 2), and
clients in the field.
"""

from __future__ import annotations

from mock_ajera.api import filters
from mock_ajera.api.families.projects.records import STATUSES, Project
from mock_ajera.api.families.projects.views import flat, nested, with_resources
from mock_ajera.api.shapes import getting, listing, updating

RECORDS = (PROJECT := Project(),)

_FILTERS = (
    filters.status("FilterByStatus", *STATUSES, claim="project.filter-status"),
    filters.keys("FilterByCompany", "CompanyKey", "project.filter-company"),
    filters.Like("FilterByNameLike", ("Description", "ID"), "project.filter-name-like"),
    filters.Like("FilterByDescriptionLike", ("Description",), "project.filter-description-like"),
    filters.Equals("FilterByDescriptionEquals", ("Description",), "project.filter-description-equals"),
    filters.Like("FilterByIDLike", ("ID",), "project.filter-id-like"),
    filters.keys("FilterByProjectType", "ProjectTypeKey", "project.filter-project-type", null_items=True),
    filters.flags("FilterBySyncToCRM", "SyncToCRM", "project.filter-sync-to-crm"),
    *filters.modified(),
)

METHODS = (
    listing(
        PROJECT,
        {"ProjectKey": "ProjectKey", "ID": "ID", "Description": "Description"},
        _FILTERS,
        versions=(1, 2),
        claim="project.list-members",
    ),
    getting(
        PROJECT,
        {1: nested(PROJECT), 2: flat(PROJECT)},
        lists=("InvoiceGroups", "Phases", "Resources"),
        claim="list.get-several",
    ),
    updating(PROJECT, with_resources(PROJECT), claim="write.mixed-call"),
)
