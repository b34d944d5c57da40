"""What was done to the answers, in words: companies, functions, missing codes, cleaning, careless people."""

from collections.abc import Iterator, Sequence

from alignmark.inputs import Inputs
from alignmark.study import Study
from survey.identifying import says_title
from survey.language import digits, look_up, say
from survey.places import PLACE_COLUMNS


def rules_in_words(study: Study, inputs: Inputs) -> tuple[str, ...]:
    """Say how names became companies and titles functions, what cleaning did, and who counts as careless."""
    cleaning = study.cleaning.in_words()
    told = (*_not_asked(study, inputs), *_missing_codes(study, inputs))
    mapped = {key for wave in (inputs.coded.waves if inputs.coded else ()) for key in wave.columns}
    register = study.register_of_companies
    companies = study.companies.in_words(
        register=register is not None,
        emails="email" in mapped and register is not None and "domains" in register.columns,
        places=not mapped.isdisjoint({*PLACE_COLUMNS} - {*inputs.instrument.columns}),
    )
    return (*companies, *told, *cleaning, *study.careless.in_words())


def _missing_codes(study: Study, inputs: Inputs) -> Iterator[str]:
    """Say which codes are no answers, as the questionnaire or the study has declared."""
    for name, scale in inputs.instrument.scales.items():
        if scale.missing_codes:
            yield say(
                "On the scale {name} {codes} is no answer.", name=name, codes=_codes(scale.missing_codes)
            )
    for wave in study.waves:
        for name, asked in wave.scales.items():
            if asked.missing_codes:
                codes = _codes(asked.missing_codes)
                yield say(
                    "In {file}, on the scale {name}, {codes} is no answer.",
                    file=wave.file,
                    name=name,
                    codes=codes,
                )


def _codes(codes: Sequence[float]) -> str:
    return say(" or ").join(digits(code, "g") for code in codes)


def _not_asked(study: Study, inputs: Inputs) -> Iterator[str]:
    """Say in which files job titles stand for the function, and which have no attention check."""
    waves = inputs.coded.waves if inputs.coded is not None else ()
    if by_title := [matched.export.file for matched in waves if says_title(matched)]:
        yield say(
            "In {files} job titles and departments tell the function, by the table of words that ships."
            if study.job_titles.file is None
            else "In {files} job titles and departments tell the function, by the table of words in {table}.",
            files=_listed(by_title),
            table=study.job_titles.file,
        )
        for title, meant in study.job_titles.titles.items():
            yield say(
                "The study takes the job title “{title}” for {function}.",
                title=title,
                function=look_up(meant),
            )
    checks = {key for key, question in inputs.instrument.columns.items() if question.role == "attention"}
    lacking = [matched.export.file for matched in waves if not checks & set(matched.columns)]
    if checks and lacking and study.cleaning.failed_attention == "drop":
        yield say(
            "No attention check was read in {files}, so nobody there was dropped for failing one.",
            files=_listed(lacking),
        )


def _listed(files: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(files))
