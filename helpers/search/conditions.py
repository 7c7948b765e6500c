"""Which rows may be found: conditions on columns, in the words of Python or of SQL."""

import math
from collections.abc import Collection, Mapping

from helpers import checks

Where = Mapping[str, object] | str | None


def sql(where: Where = None, *, exclude: Mapping[str, object] | None = None, columns: Collection[str]) -> str | None:
    """Write conditions as the store reads them.

    Parameters
    ----------
    where : dict or str, optional
        ``{"label": ["dog", "rain"], "fold": 1}`` keeps rows that have one of
        the values in each of the columns; None as a value is an empty cell. A
        text is taken as it is, as the condition of an SQL query:
        ``"start >= 2.5 AND label LIKE '%bird%'"``.
    exclude : dict, optional
        Leaves out what ``where`` would keep: ``{"source": "1-100032-A"}``.
    columns : collection of str
        Columns that there are.

    Returns
    -------
    str or None
        None where there is no condition.

    Raises
    ------
    InputError
        If there is no such column, or a value is no text, number or None.

    Examples
    --------
    >>> sql({"label": ["dog", "cat's"]}, exclude={"fold": 1}, columns=["label", "fold"])
    "(`label` IN ('dog', 'cat''s')) AND NOT COALESCE(`fold` IN (1), false)"
    """
    if (where is not None and not isinstance(where, str | Mapping)) or not isinstance(exclude, Mapping | None):
        raise checks.fail("conditions such as {'label': ['dog', 'rain']}", repr(where if exclude is None else exclude),
                          "Give columns with the values that they may have")
    if isinstance(where, str):
        parts = [f"({where})"] if where.strip() else []
    else:
        parts = [f"({_one_of(column, values, columns=columns)})" for column, values in (where or {}).items()]
    # what is empty is no member of any list: SQL calls the answer unknown, and here that must mean "not left out"
    parts += [f"NOT COALESCE({_one_of(column, values, columns=columns)}, false)"
              for column, values in (exclude or {}).items()]
    return " AND ".join(parts) or None


def _one_of(column: str, values: object, *, columns: Collection[str]) -> str:
    """The condition that a column has one of some values."""
    checks.one_of(column, list(columns), name="a column")
    several = not isinstance(values, str) and hasattr(values, "__iter__")
    texts = [_literal(value) for value in (values if several else [values])]
    known = [text for text in texts if text != "NULL"]
    parts = [f"`{column}` IN ({', '.join(known)})"] if known else []
    parts += [f"`{column}` IS NULL"] if len(known) < len(texts) else []
    return " OR ".join(parts) or "false"


def _literal(value: object) -> str:
    """A value as SQL writes it."""
    value = value.item() if hasattr(value, "item") else value           # numpy's numbers
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, int | float) and math.isfinite(value):
        return repr(value)
    raise checks.fail("texts and numbers to compare a column with", repr(value), "Turn it into text or a number first")
