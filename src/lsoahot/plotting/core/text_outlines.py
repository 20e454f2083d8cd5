"""Text as lines around its letters, for halos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

if TYPE_CHECKING:
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.text import Text
    from matplotlib.transforms import Transform
    from matplotlib.typing import ColorType
    from numpy.typing import ArrayLike


class _Pen(RendererBase):
    """Keeps the paths that it is to draw: one with no way of its own to draw text gets it as paths."""

    def __init__(self, dpi: float) -> None:
        super().__init__()
        self.dpi = dpi
        self.drawn: list[Path] = []

    def draw_path(
        self,
        gc: GraphicsContextBase,  # noqa: ARG002
        path: Path,
        transform: Transform,
        rgbFace: ColorType | None = None,  # noqa: ARG002, N803 (matplotlib's name)
    ) -> None:
        self.drawn.append(transform.transform_path(path))

    def points_to_pixels(self, points: ArrayLike) -> ArrayLike:
        return np.multiply(points, self.dpi / 72)

    def flipy(self) -> bool:
        return False


def outlines(text: Text) -> Path:
    """Return the outlines of a text's letters, in inches from the point that it is aligned to."""
    dpi = float(text.figure.dpi)
    pen = _Pen(dpi)
    text.draw(pen)
    x, y = text.get_transform().transform(text.get_position())
    to_inches = Affine2D().translate(-x, -y).scale(1 / dpi)
    return to_inches.transform_path(Path.make_compound_path(*pen.drawn))
