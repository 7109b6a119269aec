"""The course as Google Colab runs it: its versions, its folder, one notebook alone."""
