"""Lighter pictures for the finished site: half the bytes, the same to look at."""

import io

from PIL import Image

PHOTO = 150_000  # bytes: from where a lossless file is taken for that of a photograph


def make_lighter(site):
    """Turn the figures of a built site (a Path) from PNG into WebP.

    Figures are kept pixel for pixel, except for photographs, where a lossless file
    stays large. The pages' references are renamed with them.
    """
    renamed = {}
    for path in sorted([*site.glob("_images/*.png"), *site.glob("_static/*/*.png")]):
        content = webp(path.read_bytes())
        if len(content) < path.stat().st_size:
            renamed[f"{path.parent.name}/{path.name}"] = path.with_suffix(".webp").name
            path.with_suffix(".webp").write_bytes(content)
            path.unlink()
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for old, new in renamed.items():
            text = text.replace(old, f"{old.split('/')[0]}/{new}")
        page.write_text(text, encoding="utf-8")


def webp(png):
    """Return the content of a WebP file of the picture in a PNG file's content."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture = picture.convert("RGBA")
    picture.save(file, "WEBP", lossless=True)
    if file.tell() > PHOTO:
        lossy = io.BytesIO()
        picture.save(lossy, "WEBP", quality=90)
        if lossy.tell() < file.tell() / 2:
            file = lossy
    return file.getvalue()
