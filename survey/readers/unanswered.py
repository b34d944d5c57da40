"""Codes in the place of answers that say why there is none."""

from dataclasses import replace

from survey.readers.export import Export


def keep_apart(export: Export, code: str, why: str, *, columns: int = 1) -> Export:
    """Move a code for "no answer" from the answers to `Export.missing`.

    Parameters
    ----------
    export
        The export; columns of metadata are left alone.
    code
        The code, as the whole cell holds it.
    why
        What it says, for `Export.decisions`.
    columns
        In how many columns it must occur to be such a code; in fewer it is an answer.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> frame = pd.DataFrame({"age": ["40", "N/A"]}, dtype="str")
    >>> export = Export(frame, {}, "limesurvey", "utf-8", 1, np.array([2, 3]), "2025.csv")
    >>> apart = keep_apart(export, "N/A", "not shown")
    >>> apart.frame["age"].tolist(), apart.missing["age"].tolist()
    (['40', nan], [nan, 'N/A'])
    """
    own = [str(column) for column in export.frame if column not in export.metadata]
    held = {column: mask for column in own if (mask := export.frame[column] == code).any()}
    if len(held) < columns:
        return export
    kept = export.frame[list(held)]
    answers = {column: kept[column].mask(mask) for column, mask in held.items()}
    missing = export.missing.reindex(export.frame.index).assign(
        **{column: kept[column].where(mask) for column, mask in held.items()}
    )
    said = f"has {code!r} in {len(held)} column{'s' if len(held) > 1 else ''}: {why}, kept apart"
    return replace(
        export,
        frame=export.frame.assign(**answers),
        missing=missing,
        decisions=(*export.decisions, said),
    )
