"""An SVG as pixels, for programs that show no SVG."""

import typst

PAGE = '#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#image(bytes(sys.inputs.svg), format: "svg")'


def png_of(svg: str, *, ppi: float = 200.0) -> bytes:
    """Return an SVG as PNG; the same drawing gives the same bytes.

    Examples
    --------
    >>> png_of('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')[1:4]
    b'PNG'
    """
    made = typst.compile(PAGE.encode("utf-8"), format="png", ppi=ppi, sys_inputs={"svg": svg})
    if not isinstance(made, bytes):
        raise TypeError("a drawing is one page")
    return made
