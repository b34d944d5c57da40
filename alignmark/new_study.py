"""A study folder from nothing: invented answers as the platforms export them, and the study file over them."""

import json
import re
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
        If the folder holds something already, or is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "holds other files" if folder.is_dir() else "is a file"
        advice = "give the name of a folder that is not there yet"
        raise InputError([Problem(what, file=str(folder), allowed="a new or an empty folder", to_do=advice)])
    settings = Settings(companies=companies, halo=halo, confounder=confounder)
    simulation = simulate(read_instrument("alignment"), settings, seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    files = write_study_data(simulation, folder)
    waves = "\n".join(
        f"  - {{wave: {wave}, file: {name}, platform: {platform}}}"
        for wave, (name, platform) in files.items()
    )
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        name=_as_yaml(folder.resolve().name), seed=seed, waves=waves
    )
    (folder / "study.yaml").write_text(text, encoding="utf-8")


def _as_yaml(text: str) -> str:
    """Write text so that YAML reads it as text, whatever it is: "2025", "yes: no"."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", text) and text.lower() not in ("true", "false", "null")
    return text if plain else json.dumps(text, ensure_ascii=False)
