"""The nested forms in which version 1 prints a project."""

from __future__ import annotations

from mock_ajera.api.context import Visibility
from mock_ajera.api.records import Record
from mock_ajera.api.shapes import plain
from mock_ajera.api.views import Render

ALL_RESOURCES = (Visibility.RESOURCES, Visibility.RESOURCE_NAMES)


def with_resources(record: Record) -> Render:
    """Render version 1 with the Resources of the project and its phases, and the names of the records they refer to."""
    return lambda body, view, stamp: plain(record)(body, view.showing(*ALL_RESOURCES), stamp)


def as_updated(record: Record) -> Render:
    """Render version 1 with Resources that have keys only (claim ``project.update-answer-resources``)."""
    return lambda body, view, stamp: plain(record)(
        body, view.like_sample("update").showing(Visibility.RESOURCES), stamp
    )


def template(record: Record) -> Render:
    """Render a template in version 1. The page lacks some members that it has for projects; clients read them all."""
    return lambda body, view, stamp: plain(record)(body, view.like_sample("template"), stamp)
