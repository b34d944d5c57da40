"""Number formats by which a cell reads as the report writes its number."""

from reports.numeral import PERCENT, SIGNED
from reports.report import Unit
from survey.language import say


def number_format(unit: Unit, decimals: int) -> str:
    """Excel's number format of a unit, by which a cell reads as the report writes its number.

    A sign or a percent sign stands in the format; what is rounded to nothing has no sign, and no p value is 0.

    Examples
    --------
    >>> number_format("percent", 1), number_format("ratio", 2), number_format("p_value", 3)
    ('#,##0.0"%"', '#,##0.00', '[<0.0005]"<0.001";#,##0.000')
    >>> number_format("difference", 0)
    '[>=0.5]+#,##0;[<=-0.5]-#,##0;0'
    """
    tail = "." + "0" * decimals if decimals else ""
    digits, half = f"#,##0{tail}", f"{0.5 / 10**decimals:.{decimals + 1}f}"
    if unit in PERCENT:
        sign = say("{share}%", share="")
        return f'{digits}"{sign}"'
    if unit in SIGNED:
        return f"[>={half}]+{digits};[<=-{half}]-{digits};0{tail}"
    if unit == "p_value":
        return f'[<{half}]"<{10**-decimals:.{decimals}f}";{digits}'
    return {"text": "@", "year": "0"}.get(unit, digits)
