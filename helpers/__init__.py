"""Shared code of the course: everything a lesson needs but does not teach."""
