"""A chart as PowerPoint embeds it: its drawing, and the workbook that people edit it in."""

import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pptx.opc.oxml import serialize_part_xml
from pptx.oxml import parse_xml
from xlsxwriter import Workbook

from reports.chart import Bars, Plane, Rows
from reports.writers.chart_cells import CellBlock
from reports.writers.chart_paper import Paper
from reports.writers.native_chart import native_chart
from reports.writers.slide_paper import region

CREATED = datetime(2000, 1, 1)
"""Date written into every workbook, so that equal charts give equal bytes."""

SHEET = "Chart"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedChart:
    """What python-pptx asks of the data of a chart: its XML and its workbook."""

    chart: Rows | Plane | Bars
    paper: Paper

    def xml_bytes(self, _chart_type: Any) -> bytes:
        """Return the XML of the chart, written by the same library as the charts of workbooks."""
        with zipfile.ZipFile(io.BytesIO(self._workbook(drawn=True))) as book:
            root = parse_xml(book.read("xl/charts/chart1.xml"))
        for name in ("printSettings", "lang", "roundedCorners"):
            for element in root.findall(f"{C}{name}"):
                root.remove(element)
        code = region(self.paper.language)
        language = root.makeelement(f"{C}lang", {"val": code})
        root.insert(0, root.makeelement(f"{C}roundedCorners", {"val": "0"}))
        root.insert(0, language)
        for series in root.iter(f"{C}ser"):
            if series.find(f"{C}xVal") is not None:
                series.append(series.makeelement(f"{C}smooth", {"val": "0"}))
        for shown in root.iter(f"{C}plotVisOnly"):
            # Programs differ in what they take a cell for that is not there, unless they are told.
            shown.addnext(shown.makeelement(f"{C}dispBlanksAs", {"val": "gap"}))
        for labels in root.iter(f"{C}dLbls"):
            _value_alone(labels)
        for label in root.iter(f"{C}dLbl"):
            _keep_lines(label)
        for letters in root.iter(f"{A}rPr"):
            letters.set("lang", code)
        content: bytes = serialize_part_xml(root)
        return content

    @property
    def xlsx_blob(self) -> bytes:
        """Return the workbook with the numbers alone."""
        return self._workbook(drawn=False)

    def _workbook(self, *, drawn: bool) -> bytes:
        buffer = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with Workbook(buffer, options) as book:
            book.set_properties({"created": CREATED})
            sheet = book.add_worksheet(SHEET)
            if drawn:
                sheet.insert_chart(0, 0, native_chart(book, CellBlock(sheet, SHEET), self.chart, self.paper))
            else:
                write_cells(CellBlock(sheet, SHEET), self.chart, self.paper)
        return buffer.getvalue()


def write_cells(block: CellBlock, chart: Rows | Plane | Bars, paper: Paper) -> None:
    """Write the cells of a chart, and no chart: it is drawn in a workbook that nobody keeps."""
    native_chart(Workbook(io.BytesIO(), {"in_memory": True}), block, chart, paper)


def _value_alone(label: Any) -> None:
    """Say that a label shows no key and no names: programs differ in what they show unless they are told."""
    value = label.find(f"{C}showVal")
    if value is None:
        return
    value.addprevious(label.makeelement(f"{C}showLegendKey", {"val": "0"}))
    for name in ("showBubbleSize", "showPercent", "showSerName", "showCatName"):
        value.addnext(label.makeelement(f"{C}{name}", {"val": "0"}))


def _keep_lines(label: Any) -> None:
    """Keep a label in the lines that it has, aligned to the side on which it stands."""
    _value_alone(label)
    side = label.find(f"{C}dLblPos")
    align = {"l": "r", "r": "l", "outEnd": "l"}.get("" if side is None else side.get("val", ""), "ctr")
    for body in label.iter(f"{A}bodyPr"):
        body.set("wrap", "none")
        body.set("anchor", "ctr")
    for paragraph in label.iter(f"{A}p"):
        properties = paragraph.find(f"{A}pPr")
        if properties is None:
            properties = paragraph.makeelement(f"{A}pPr", {})
            paragraph.insert(0, properties)
        properties.set("algn", align)
