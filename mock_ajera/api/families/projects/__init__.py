"""Projects, with their invoice groups, phases and resources.

Source: Ajera API, Projects pages (versions 1 and 2), and public API clients.
"""

from __future__ import annotations

from msgspec.structs import replace

from mock_ajera.api import filters
from mock_ajera.api.context import Visibility
from mock_ajera.api.families.projects.chargeable import chargeable_phases
from mock_ajera.api.families.projects.creating import create_projects
from mock_ajera.api.families.projects.flat import LAYOUTS, flat
from mock_ajera.api.families.projects.flat_changes import update_operation
from mock_ajera.api.families.projects.ledger import Ledger
from mock_ajera.api.families.projects.records import STATUSES, Project, ProjectTemplate, ProjectWithResources
from mock_ajera.api.families.projects.totals import get_totals_method
from mock_ajera.api.families.projects.views import ALL_RESOURCES, as_updated, template, with_resources
from mock_ajera.api.methods import Layout, answering, guessed_method
from mock_ajera.api.shapes import get_method, list_method, plain, update_method

RECORDS = (PROJECT := Project(), TEMPLATE := ProjectTemplate(), Ledger())

_STATUS = filters.status(
    "FilterByStatus", *STATUSES, cased="filter.project-status-case-insensitive", claim="project.filter-status"
)
_FILTERS = (
    filters.keys("FilterByCompany", "CompanyKey", "project.filter-company"),
    filters.Like("FilterByNameLike", ("Description", "ID"), "project.filter-name-like"),
    filters.Like("FilterByDescriptionLike", ("Description",), "project.filter-description-like"),
    filters.Equals("FilterByDescriptionEquals", ("Description",), "project.filter-description-equals"),
    filters.Like("FilterByIDLike", ("ID",), "project.filter-id-like"),
    filters.keys(
        "FilterByProjectType", "ProjectTypeKey", "project.filter-project-type", null_items="filter.null-item-means-none"
    ),
    filters.flags("FilterBySyncToCRM", "SyncToCRM", "project.filter-sync-to-crm"),
    *filters.modified(),
)

METHODS = (
    list_method(
        PROJECT,
        {"ProjectKey": "ProjectKey", "ID": "ID", "Description": "Description"},
        (replace(_STATUS, narrows="project_status_filter"), *_FILTERS),
        versions=(1, 2),
        claim="project.list-members",
    ),
    answering(
        get_method(
            PROJECT,
            {1: plain(PROJECT), 2: flat},
            lists={"InvoiceGroups": "", "Phases": "", "Resources": "project.v2-resources-array"},
            most="projects_per_get",
            claim="list.get-several",
        ),
        {2: LAYOUTS},
    ),
    answering(
        get_method(
            PROJECT,
            {1: with_resources(PROJECT)},
            name="GetProjectsWithResources",
            claim="project.get-with-resources",
        ),
        {1: (Layout.of("Projects", PROJECT, *ALL_RESOURCES),)},
    ),
    get_totals_method(PROJECT),
    update_method(
        PROJECT,
        as_updated(PROJECT),
        claim="write.mixed-call",
        others={2: update_operation(PROJECT)},
        shows=(Visibility.RESOURCES,),
    ),
    list_method(
        TEMPLATE,
        {"ProjectTemplateKey": "ProjectTemplateKey", "ID": "ID", "Description": "Description"},
        (_STATUS, *_FILTERS),
        claim="project.template-list-members",
    ),
    get_method(TEMPLATE, {1: template(TEMPLATE)}, claim="project.template-members"),
    chargeable_phases(PROJECT),
    create_projects(PROJECT),
    guessed_method(
        replace(
            update_method(
                ProjectWithResources(),
                with_resources(PROJECT),
                claim="project.update-with-resources",
                shows=ALL_RESOURCES,
            ),
            name="UpdateProjectsWithResources",
        )
    ),
)
