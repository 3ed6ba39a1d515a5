"""Every bundled driver does what it declares, on its simulated instrument and as recorded."""

from __future__ import annotations

import pytest

from benchctl.core.places import bundled
from benchctl.drivers import Shelf, driver_names
from benchctl.workshop import check_driver, subject_of


@pytest.mark.parametrize("name", driver_names([bundled("drivers")]))
def test_a_bundled_driver_does_what_it_declares(shelf: Shelf, name: str) -> None:
    report = check_driver(subject_of(name, shelf))
    assert [(s.name, s.channel, str(s.what)) for s in report.failed] == []
    assert len(report.steps) > 1
