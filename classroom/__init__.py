"""A class: one server for all (JupyterHub), and homework handed in and marked."""
