"""Time scorecards as HTML and PDF against a parameterised notebook per company: papermill, nbconvert, a browser's PDF.

The rival has what a scorecard shows, ready computed, in one CSV file per table: it draws the same four figures and
writes the same two tables and the sentences. Seconds of processor time, those of child processes included; the run of
the study, which both need, is left out.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import nbformat
import pandas as pd

from alignmark.card_files import Order, write_cards
from alignmark.run import compute
from alignmark.scorecards import Cards, cards_of, report_of
from alignmark.study import read_study
from reports.theme import PLAIN

STUDY = Path(__file__).resolve().parents[1] / "examples" / "alignment_study" / "study.yaml"
OURS, THEIRS = 20, 2

CELLS = """
import pandas as pd, matplotlib.pyplot as plt
from IPython.display import Markdown, display
rows, views, history, norms = (pd.read_csv(f"{folder}/{name}.csv") for name in ("rows", "views", "history", "norms"))
def reach(part):
    return part.estimate - part.conf_low, part.conf_high - part.estimate
you = rows.iloc[0]
rows = rows.iloc[1:].sort_values("distance")
---
display(Markdown(f"# {company}\\nYou score {you.estimate:.0f} of 100 ({you.conf_low:.0f} to {you.conf_high:.0f})."))
fig, ax = plt.subplots(figsize=(6.8, 2.5))
ax.scatter(norms.alignment, norms.index % 5)
ax.axvspan(you.conf_low, you.conf_high, alpha=.1)
ax.axvline(you.estimate)
plt.show()
---
fig, ax = plt.subplots(figsize=(6.8, 4))
for name, part in views.groupby("function"):
    ax.errorbar(part.estimate, part.label, xerr=reach(part), fmt="o", label=name)
ax.legend()
plt.show()
display(rows[["label", "gap", "gap_low", "gap_high", "gap_usual_low", "gap_usual_high"]].round())
---
fig, ax = plt.subplots(figsize=(6.8, 4))
ax.errorbar(rows.estimate, rows.label, xerr=reach(rows), fmt="o")
ax.plot(rows["median"], rows.label, "s")
ax.plot(rows.best, rows.label, "d")
plt.show()
display(rows[["label", "estimate", "median", "best", "distance"]].round())
---
display(Markdown("\\n".join(f"- {row.label}: {row.distance:.0f}" for row in rows.head(3).itertuples())))
fig, ax = plt.subplots(figsize=(6.8, 1.5))
ax.plot(history.wave, history.estimate, "o-")
ax.plot(history.wave, history["median"])
plt.show()
"""


def seconds() -> float:
    """Processor time of this process and of those that it waited for."""
    return sum(os.times()[:4])


def whole(cards: Cards) -> list[str]:
    """Ids of the companies whose scorecard has all four figures."""
    return [company for company in cards.names if len(cards.card(company).comparison.views)]


def ours(cards: Cards, folder: Path) -> float:
    """Seconds for a scorecard as HTML and PDF, in one process."""
    names = {company: cards.names[company] for company in whole(cards)[:OURS]}
    order = Order(partial(report_of, cards), ("html", "pdf"), PLAIN, "bench")
    start = seconds()
    table = write_cards(order, names, folder, workers=1, advance=lambda _name: None)
    assert table["status"].eq("written").all()
    return (seconds() - start) / len(names)


def theirs(cards: Cards, folder: Path) -> float:
    """Seconds for the same content by papermill, nbconvert and, where there is one, a browser that prints."""
    cells = [nbformat.v4.new_code_cell("company, folder = '', ''", metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(text) for text in CELLS.split("---")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "card.ipynb")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    companies = whole(cards)[:THEIRS]
    for company in companies:
        _tables(cards, company, folder / company)
    start = seconds()
    for company in companies:
        _print(company, folder, browser)
        assert (folder / f"{company}.html").stat().st_size > 100_000
    return (seconds() - start) / len(companies)


def _tables(cards: Cards, company: str, folder: Path) -> None:
    folder.mkdir()
    found = cards.card(company)
    norms = pd.DataFrame({"alignment": found.comparison.pack.benchmarks.norms["alignment"].steps})
    frames = {"rows": found.comparison.constructs, "views": found.comparison.views, "history": found.history}
    for name, frame in {**frames, "norms": norms}.items():
        frame.to_csv(folder / f"{name}.csv", index=False)


def _print(company: str, folder: Path, browser: str | None) -> None:
    tool = Path(sys.executable).parent
    run = partial(subprocess.run, check=True, capture_output=True, cwd=folder)
    filled = ["-p", "company", company, "-p", "folder", str(folder / company)]
    run([tool / "papermill", "card.ipynb", f"{company}.ipynb", *filled])
    run([tool / "jupyter-nbconvert", "--to", "html", "--no-input", f"{company}.ipynb"])
    if browser:
        page = (folder / f"{company}.html").as_uri()
        run([browser, "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={company}.pdf", page])


def main() -> None:
    """Print seconds, scorecards per minute and the ratio."""
    file = read_study(STUDY)
    cards = cards_of(*compute(file), file)
    with tempfile.TemporaryDirectory() as folder:
        own = ours(cards, Path(folder) / "cards")
        rival = theirs(cards, Path(folder))
    print(
        f"a scorecard as HTML and PDF: {own:.2f} s of processor time, {60 / own:.0f} a minute and processor"
    )
    print(
        f"  papermill, nbconvert, browser: {rival:.1f} s, {60 / rival:.1f} a minute: {rival / own:.0f} times as long"
    )


if __name__ == "__main__":
    main()
