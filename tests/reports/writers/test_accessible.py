"""axe-core finds nothing wrong with a page, narrow or wide, light or dark, and nothing has to be scrolled sideways."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_core_python
import pytest

from reports.report import Report, Section
from reports.writers.html import to_html

AXE = Path(axe_core_python.__file__).parent / "axe.min.js"
WIDTHS = (320, 1280)
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")

RUN = """
axe.run(document, {resultTypes: ["violations"]}).then(found => {
  const told = parent.document.createElement("script");
  told.type = "application/json";
  told.className = "told";
  told.textContent = JSON.stringify({
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    width: innerWidth,
    needs: document.documentElement.scrollWidth,
    passes: found.passes.length,
    violations: found.violations.map(one => one.id + ": " + one.nodes.map(node => node.html).join(" ").slice(0, 300)),
  });
  parent.document.body.append(told);
});
"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no chromium on this machine")


def looked_at(page: str, folder: Path, *, dark: bool) -> list[dict[str, Any]]:
    """Show a page in frames of several widths, run axe-core in each and return what it tells."""
    script = f"<script>{AXE.read_text(encoding='utf-8')}{RUN}</script>"
    open_to_scripts = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    inner = html.escape(open_to_scripts.replace("</body>", script + "</body>"))
    frames = [
        f'<iframe title="{width}" width="{width}" height="900" srcdoc="{inner}"></iframe>' for width in WIDTHS
    ]
    outer = folder / "frames.html"
    outer.write_text(f"<!DOCTYPE html><title>frames</title><body>{''.join(frames)}</body>", encoding="utf-8")
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    options = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--virtual-time-budget=60000",
        "--dump-dom",
        scheme,
    )
    ended = subprocess.run(
        [str(BROWSER), *options, f"--user-data-dir={folder / 'browser'}", outer.as_uri()],
        check=True, capture_output=True, text=True, timeout=170,
    )  # fmt: skip
    told = re.findall(r'<script type="application/json" class="told">(.*?)</script>', ended.stdout, re.DOTALL)
    return [json.loads(one) for one in told]


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_violation(whole_report: Callable[[], Report], tmp_path: Path, dark: bool) -> None:
    appended = Section("details", "Details", "How?", "", appendix=True)
    report = whole_report()
    found = looked_at(
        to_html(Report(report.title, "", "en", (*report.sections, appended), report.facts)),
        tmp_path,
        dark=dark,
    )
    assert sorted(one["width"] for one in found) == list(WIDTHS)
    for one in found:
        assert one["violations"] == []
        assert one["passes"] > 20
        assert one["dark"] is dark
        assert one["needs"] <= one["width"]


@pytest.mark.slow
def test_axe_sees_what_is_wrong(tmp_path: Path) -> None:
    page = '<!DOCTYPE html><html lang="en"><title>t</title><body><main><h1>t</h1><img src="x"></main></body></html>'
    found = looked_at(page, tmp_path, dark=False)
    assert all(any(said.startswith("image-alt") for said in one["violations"]) for one in found)
    assert len(found) == len(WIDTHS)
