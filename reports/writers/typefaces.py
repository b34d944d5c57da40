"""The typefaces that ship with the reports: which letters they have, and words for those that nobody has."""

import json
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import typst
from matplotlib.ft2font import FT2Font

from reports.style import FONTS

FAMILIES = ("Inter", "Noto Sans Hebrew", "Noto Sans Arabic", "Noto Sans Symbols2")
"""In the order in which a letter is looked for."""

INVISIBLE = frozenset({"Cf", "Zl", "Zp", "Cc"})
"""Unicode's categories of what has no shape of its own."""

ONE_SIGN = "#set document(title: [sign])\n#set text(font: json(bytes(sys.inputs.families)))\n#sys.inputs.sign"


@lru_cache(maxsize=2)
def typefaces(*, of_the_machine: bool) -> typst.Fonts:
    """Return the typefaces that ship, and if asked those of the machine."""
    return typst.Fonts(include_system_fonts=of_the_machine, include_embedded_fonts=False, font_paths=[FONTS])


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Return the code points of every letter that the typefaces that ship can show."""
    files = sorted(FONTS.glob("*-Regular.*"))
    return frozenset().union(*(FT2Font(str(file)).get_charmap() for file in files))


def strange(text: str) -> list[str]:
    """Return the signs of a text, sorted, that no typeface that ships can show.

    Examples
    --------
    >>> strange("Łódź, שלום, Ωμέγα, 🚀")
    ['🚀']
    """
    signs = sorted(set(text))
    return [
        sign for sign in signs if ord(sign) not in covered() and unicodedata.category(sign) not in INVISIBLE
    ]


def in_words(text: str, signs: Sequence[str]) -> str:
    r"""Write what the machine, too, has no typeface for as its Unicode name, or number where it has none.

    Examples
    --------
    >>> in_words("To the \u0378", ["\u0378"])
    'To the [U+0378]'
    """
    return text.translate({ord(sign): _name(sign) for sign in signs if not _machine_shows(sign)})


def _name(sign: str) -> str:
    name = unicodedata.name(sign, "").lower()
    return f"[{name}]" if name and "ideograph" not in name else f"[U+{ord(sign):04X}]"


@lru_cache(maxsize=1024)
def _machine_shows(sign: str) -> bool:
    """Say whether a typeface of the machine has a sign: setting it says so, for want of another way."""
    compiler = typst.Compiler(font_paths=typefaces(of_the_machine=True), ignore_system_fonts=True)
    inputs = {"sign": sign, "families": json.dumps(FAMILIES)}
    try:
        compiler.compile(ONE_SIGN.encode(), format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"])
    except typst.TypstError:
        return False
    return True
