"""What is driven and switched on a simulated bench, whatever order writes and looks come in."""

import math

import pytest

from benchctl.simulation import Driven, Switched


def test_a_driven_quantity_goes_to_its_target_with_its_time_constant():
    driven = Driven(10.0, tau=2.0)
    driven.drive(5.0, 110.0)
    assert driven.at(5.0) == 10.0
    assert driven.at(7.0) == pytest.approx(110.0 - 100.0 * math.exp(-1.0))
    assert driven.at(60.0) == pytest.approx(110.0)
    assert driven.target(5.0) == 110.0
    assert driven.target(4.9) == 10.0


def test_a_correction_is_no_stroke_and_another_set_point_is():
    driven = Driven(0.0, tau=1.0, trim=1.0)
    driven.drive(10.0, 50.0)
    driven.drive(20.0, 49.9)
    assert driven.rising(21.0)
    assert driven.since(21.0) == 10.0
    assert driven.at(60.0) == pytest.approx(49.9)
    driven.drive(70.0, 20.0)
    assert not driven.rising(71.0)
    assert driven.since(71.0) == 70.0
    assert driven.rising(69.0), "what was before stays"


def test_a_write_that_comes_late_counts_at_its_own_instant():
    driven = Driven(0.0, tau=1.0)
    driven.drive(20.0, 0.0, tau=3.0)
    assert driven.at(23.0) == 0.0
    driven.drive(10.0, 60.0)
    assert driven.at(15.0) == pytest.approx(60.0 * (1 - math.exp(-5.0)))
    at_20 = driven.at(20.0)
    assert driven.at(23.0) == pytest.approx(at_20 * math.exp(-1.0))


def test_a_contact_tells_when_it_went_on():
    contact = Switched()
    assert contact.rose(5.0) == -math.inf
    contact.put(10.0, True)
    contact.put(12.0, True)
    contact.put(14.0, False)
    assert contact.at(11.0)
    assert not contact.at(14.0)
    assert contact.rose(13.0) == 10.0
    assert contact.rose(9.0) == -math.inf
    contact.put(16.0, True)
    assert contact.rose(15.0) == 10.0
    assert contact.rose(16.0) == 16.0
