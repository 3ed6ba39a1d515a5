"""Densities, buoyancy and reference volume against tables and the vector of the fact sheet."""

import numpy as np
import pytest

from benchctl.metrology import (
    Input,
    air_density,
    buoyancy_factor,
    normal,
    propagate,
    reference_volume,
    water_density,
)

# Tanaka 2001 as tabulated in the fact sheet of the standards (agrees with IAPWS-IF97 to 0.004)
TABLE = [
    (5, 999.9668),
    (10, 999.7027),
    (15, 999.1026),
    (20, 998.2067),
    (25, 997.0470),
    (30, 995.6488),
]


@pytest.mark.parametrize(("t", "density"), TABLE)
def test_water_has_the_tabulated_density(t, density):
    assert water_density(float(t)) == pytest.approx(density, abs=5e-5)


def test_water_is_densest_near_four_degrees():
    assert water_density(3.983035) == 999.974950
    assert max(range(401), key=lambda t: water_density(t / 10)) == 40


@pytest.mark.parametrize("t", [-0.1, 40.1, 90.0, float("nan")])
def test_outside_its_range_the_formula_is_refused(t):
    with pytest.raises(ValueError, match="0 °C to 40 °C"):
        water_density(t)


def test_the_gravimetric_vector_is_reproduced():
    # vector water-grav-3: R 49-2 / OIML R 111 E.3, 100.02 kg at 22.1 °C, air 1005 hPa 60 % 24 °C
    water, air = water_density(22.1), air_density(1005.0, 60.0, 24.0)
    assert water == pytest.approx(997.7502, abs=5e-5)
    assert air == pytest.approx(1.1707, abs=5e-5)
    assert buoyancy_factor(water, air) == pytest.approx(1.001028, abs=5e-7)
    volume = reference_volume(100.02, water, air)
    assert volume == pytest.approx(100.3486, abs=5e-5)
    assert 100 * (100.0 - volume) / volume == pytest.approx(-0.347, abs=0.002)


def test_the_customary_buoyancy_factor_at_20_degrees():
    assert buoyancy_factor(water_density(20.0), 1.2) == pytest.approx(1.00105, abs=5e-6)


def test_air_of_ordinary_state_weighs_1_2():
    # OIML R 111-1, E.3: 1013.25 hPa, 20 °C, 50 %
    assert air_density(1013.25, 50.0, 20.0) == pytest.approx(1.199, abs=5e-4)


def test_sensitivities_pass_through_the_formulae():
    def volume(x):
        return reference_volume(x["m"], water_density(x["t"]), air_density(x["p"], x["h"], x["ta"]))

    values = {"m": 100.02, "t": 22.1, "p": 1005.0, "h": 60.0, "ta": 24.0}
    inputs = [Input(name, v, (normal("u", 1e-3 * v),)) for name, v in values.items()]
    found = {c.input: c.sensitivity for c in propagate(volume, inputs, unit="L").budget}
    for name, value in values.items():
        h = 1e-5 * value
        slope = (volume({**values, name: value + h}) - volume({**values, name: value - h})) / (
            2 * h
        )
        assert found[name] == pytest.approx(slope, rel=1e-6)
    assert found["t"] == pytest.approx(2.2e-4 * 100.35, rel=0.05)  # expansion of water


@pytest.mark.parametrize("t", [5, 10, 15, 20, 25, 30])
def test_pressed_water_is_denser_as_kell_found(t):
    # Kell, J. Chem. Eng. Data 20 (1975) 97, isothermal compressibility in 1e-6/bar
    kell = {5: 49.175, 10: 47.811, 15: 46.736, 20: 45.894, 25: 45.247, 30: 44.768}[t]
    pressed = water_density(float(t), 0.6) / water_density(float(t)) - 1
    assert pressed == pytest.approx(6 * kell * 1e-6, rel=3e-3)


def test_the_density_at_six_tenths_of_a_megapascal_is_that_of_the_benches_table():
    # standards-flow-energy-mass.md, 1: 998.44 kg/m³ at 20 °C and 0.6 MPa absolute (IF97)
    assert water_density(20.0, 0.6 - 0.101325) == pytest.approx(998.44, abs=0.005)


def test_arrays_have_densities_too_and_one_bad_element_is_refused():
    assert water_density(np.array([5.0, 20.0])) == pytest.approx([999.9668, 998.2067], abs=5e-5)
    with pytest.raises(ValueError, match="0 °C to 40 °C"):
        water_density(np.array([5.0, 50.0]))
