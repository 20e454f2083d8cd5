"""How the documentation is built: python -m sphinx -W -b html docs docs/_build/html."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path

import lsoahot

sys.path.insert(0, str(Path(__file__).parent))

project = "lsoahot"
author = "The lsoahot developers"
release = version = installed("lsoahot")
copyright = author  # noqa: A001 - Sphinx's name for it

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_gallery.gen_gallery",
]
root_doc = "contents"  # the pages are plain Markdown, which also reads on a code host
exclude_patterns = ["_build", "sg_execution_times.rst", "**/sg_execution_times.rst"]
nitpicky = False
language = "en_GB"

# No intersphinx: the documentation must build, and be read, without the internet.
autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's Parameters say it in words
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

# `plot_*.py` run on the packaged sample; the others need data that cannot be packaged, and are
# shown as they are.
sphinx_gallery_conf = {
    "examples_dirs": ["../examples"],
    "gallery_dirs": ["tutorial"],
    "filename_pattern": r"/plot_",
    "within_subsection_order": "gallery.TutorialFirst",
    "plot_gallery": True,
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_signature": False,
    "remove_config_comments": True,
    "min_reported_time": 60,
    "reset_modules": ("gallery.tight",),
    "image_scrapers": ("matplotlib",),
    "ignore_repr_types": r"matplotlib\.(axes|figure)",
}

# A page for each function, from its docstring.
FUNCTIONS = Path(__file__).with_name("functions.rst")
FUNCTIONS.write_text(
    "Every function\n==============\n\n.. currentmodule:: lsoahot\n\n.. autosummary::\n"
    "   :toctree: generated\n   :nosignatures:\n\n"
    + "".join(f"   {name}\n" for name in sorted(lsoahot.__all__) if not name.startswith("_")),
    encoding="utf-8",
)

templates_path = ["_templates"]
html_theme = "furo"
html_title = f"lsoahot {version}"
html_static_path = ["_static"]
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#8c2d04",
        "color-brand-content": "#08519c",
    },
    "dark_css_variables": {
        "color-brand-primary": "#fdae6b",
        "color-brand-content": "#9ecae1",
    },
}
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
