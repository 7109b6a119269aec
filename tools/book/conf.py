"""Sphinx's settings for the book; tools/book/site.py adds the folders to copy."""

project = "Deep generative models"
author = "the course's authors"
language = "en"

extensions = ["myst_nb", "sphinx_copybutton"]
nb_execution_mode = "off"
nb_render_markdown_format = "myst"
nb_output_stderr = "remove"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type", "myst.xref_missing"]
exclude_patterns = ["_generated", "download"]

mathjax_path = "mathjax/tex-svg-full.js"  # one file, fonts and all, from its package
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "pydata_sphinx_theme"
html_title = project
html_css_files = ["explorer.css", "book.css"]
html_js_files = [("host.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_show_search_summary = False  # it would fetch pages, which a file:// page may not
html_context = {"default_mode": "auto"}
templates_path = ["templates"]
html_sidebars = {"**": ["sidebar-course.html"]}
html_theme_options = {
    "navbar_center": [],
    "navbar_persistent": ["search-lessons"],
    "navigation_with_keys": False,
    "show_prev_next": True,
    "show_nav_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "navbar_align": "left",
    "footer_start": [],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
