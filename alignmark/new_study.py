"""A study folder from nothing: invented answers as the platforms export them, and the study file over them."""

from pathlib import Path
from string import Template

from survey.instrument import read_instrument
from survey.problems import InputError, Problem
from survey.simulate import Settings, simulate
from survey.simulated_exports import write_study_data

TEMPLATE = Path(__file__).parent / "study_template.yaml"


def write_new_study(
    folder: Path, *, companies: int, seed: int, halo: float = 0.0, confounder: float = 0.0
) -> None:
    """Write simulated exports, register, revenue records, truth.json and the study.yaml that runs them.

    Parameters
    ----------
    folder
        A new or empty folder.
    companies, seed, halo, confounder
        See `survey.simulate.Settings`.

    Raises
    ------
    InputError
        If the folder holds something already.
    """
    if folder.exists() and (folder.is_file() or any(folder.iterdir())):
        raise InputError(
            [Problem("is not empty; nothing was written", file=str(folder), allowed="a new folder")]
        )
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(companies=companies, halo=halo, confounder=confounder)
    files = write_study_data(simulate(read_instrument("alignment"), settings, seed=seed), folder)
    waves = "\n".join(
        f"  - {{wave: {wave}, file: {name}, platform: {platform}}}"
        for wave, (name, platform) in files.items()
    )
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        name=folder.resolve().name, seed=seed, waves=waves
    )
    (folder / "study.yaml").write_text(text, encoding="utf-8")
