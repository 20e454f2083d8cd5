"""Colours: told apart by the colour-blind and on a grey printer, and the same on every map."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lsoahot.common.class_labels import (
    CHANGE_CLASSES,
    CLUSTER_CLASSES,
    EMERGING_CLASSES,
    HOTSPOT_CLASSES,
    NOT_TESTED,
)
from lsoahot.plotting import colours as _colours

# Machado, Oliveira & Fernandes (2009), severity 1, for linear RGB.
BLINDNESS = {
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "none": np.eye(3),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
# Two colours side by side are told apart from about 2.3 on; maps need a good deal more.
JUST_ENOUGH = 10
GREY_STEP = 5


def linear(colour: str) -> np.ndarray:
    parts = np.array(to_rgb(colour))
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    xyz = TO_XYZ @ light / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def lightness(colour: str) -> float:
    """Return what a grey printer leaves of a colour, 0 black to 100 white."""
    return float(lab(linear(colour))[0])


SETS = {
    "hot spots": _colours.HOTSPOT_COLOURS,
    "clusters": _colours.CLUSTER_COLOURS,
    "change": _colours.CHANGE_COLOURS,
    "emerging": {
        label: c for label, c in _colours.EMERGING_COLOURS.items() if label not in _colours.STRIPES
    },
    "values": dict(zip("12345", _colours.SEQUENCE, strict=True)),
}


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("name", SETS)
def test_classes_are_told_apart_by_the_colour_blind(name: str, blindness: str) -> None:
    plain = [colour for label, colour in SETS[name].items() if label not in _colours.PATTERNS]
    seen = [lab(np.clip(BLINDNESS[blindness] @ linear(colour), 0, 1)) for colour in plain]
    nearest = min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))
    assert nearest > JUST_ENOUGH


@pytest.mark.parametrize("name", SETS)
def test_classes_are_told_apart_in_grey(name: str) -> None:
    plain = [colour for label, colour in SETS[name].items() if label not in _colours.PATTERNS]
    assert min(np.diff(sorted(map(lightness, plain)))) > GREY_STEP


def test_the_test_would_notice_red_and_green() -> None:
    red, green = (
        lab(np.clip(BLINDNESS["deuteranopia"] @ linear(colour), 0, 1))
        for colour in ("#b35900", "#7a7a00")
    )
    assert np.linalg.norm(red - green) < JUST_ENOUGH


@pytest.mark.parametrize("k", range(2, 10))
def test_higher_classes_are_darker_whatever_their_number(k: int) -> None:
    greys = [lightness(colour) for colour in _colours.ramp(None, k)]
    assert all(lower - higher > GREY_STEP for lower, higher in pairwise(greys))


def test_hot_is_red_and_cold_is_blue_and_the_surest_are_the_darkest() -> None:
    colours = _colours.HOTSPOT_COLOURS
    for heat, first, last in (("Hot", 0, 2), ("Cold", 2, 0)):
        shades = [colours[f"{heat} spot {level}%"] for level in (99, 95, 90)]
        assert all(to_rgb(shade)[first] > to_rgb(shade)[last] for shade in shades)
        assert sorted(shades, key=lightness) == shades


def test_every_label_that_the_statistics_write_has_a_colour() -> None:
    assert tuple(_colours.HOTSPOT_COLOURS) == HOTSPOT_CLASSES
    assert tuple(_colours.CLUSTER_COLOURS) == CLUSTER_CLASSES
    assert tuple(_colours.CHANGE_COLOURS) == CHANGE_CLASSES


def test_no_two_emerging_classes_look_alike() -> None:
    assert tuple(_colours.EMERGING_COLOURS) == EMERGING_CLASSES
    looks = {(c, _colours.STRIPES.get(label)) for label, c in _colours.EMERGING_COLOURS.items()}
    assert len(looks) == len(EMERGING_CLASSES)


def test_what_is_no_value_is_patterned_each_in_its_own_way() -> None:
    assert set(_colours.PATTERNS) == {"No data", "Suppressed", NOT_TESTED, "Can't tell"}
    assert len(set(_colours.PATTERNS.values())) == 4


def test_values_above_the_breaks_are_darker_than_any_class() -> None:
    last = _colours.SEQUENCE[-1]
    assert lightness(_colours.beyond(last)) < lightness(last) - GREY_STEP


def test_an_unknown_colour_map_is_refused() -> None:
    with pytest.raises(ValueError, match="cmap='hotcold' is not a colour map"):
        _colours.ramp("hotcold", 3)


def test_a_colour_map_and_a_list_of_colours_both_serve() -> None:
    assert _colours.ramp("viridis", 2) == ["#440154", "#fde725"]
    assert _colours.ramp(["#fefefe", "#000000"], 3) == ["#fefefe", "#7f7f7f", "#000000"]
