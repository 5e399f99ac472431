"""The pictures of perfkit.plots, one a module; only ever imported by that face."""
