"""A page of slides for each lesson, made of the runs that the book keeps."""
