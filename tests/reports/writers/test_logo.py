import io
from pathlib import Path

import pytest
from PIL import Image

from reports.writers.logo import LARGEST, read_logo
from survey.problems import InputError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" {0}><rect width="9" height="9"/></svg>'


def pixels(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (30, 20)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_pixels_are_wrapped_in_an_svg(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "logo"
    path.write_bytes(pixels(kind))
    logo = read_logo(path)
    assert (logo.format, logo.width, logo.height) == (kind, 30, 20)
    assert f'href="data:image/{kind};base64,' in logo.svg
    assert logo.data_uri in logo.svg


@pytest.mark.parametrize("size", ['viewBox="0 0 40 10"', 'width="40px" height="10"'])
def test_an_svg_stays_as_it_is(tmp_path: Path, size: str) -> None:
    path = tmp_path / "logo.svg"
    path.write_text(SVG.format(size))
    logo = read_logo(path)
    assert (logo.svg, logo.width, logo.height) == (SVG.format(size), 40, 10)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no image"),
        (b"no image", "is no image"),
        (pixels("png")[:45], "is no image"),
        (b"<html><body>404</body></html>", "is no image"),
        (b"<svg", "is no image"),
        (SVG.format("").encode(), "is no image"),
        (b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg/>', "is no image"),
        (b" " * (LARGEST + 1), "too large"),
    ],
)
def test_what_is_no_logo_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as refused:
        read_logo(path)
    assert str(path) in str(refused.value)


def test_a_logo_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_logo(tmp_path / "none.png")
