"""The course as a book: run the lessons, keep the runs, build the pages."""
