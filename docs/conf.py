"""How Sphinx builds the documentation."""

from importlib.metadata import version as installed_version

project = "perfkit"
author = "The perfkit developers"
copyright = "2026, The perfkit developers"
release = version = installed_version("perfkit")

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"perfkit {release}"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False

nitpicky = True
# The build is offline, so names of other packages and of the standard library have no page to point at.
nitpick_ignore_regex = [
    ("py:.*", r"(attr|attrs|numpy|np|npt)(\..*)?"),
    ("py:.*", r"(collections|datetime|decimal|enum|fractions|functools|numbers|pathlib|types|typing)(\..*)?"),
]
