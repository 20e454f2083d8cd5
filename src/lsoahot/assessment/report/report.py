"""The report: an assessment as a Word document, to be edited and signed."""

from __future__ import annotations

from pathlib import Path

from lsoahot.assessment import findings
from lsoahot.assessment.result import Assessment
from lsoahot.common import checks


def report(
    assessment: Assessment,
    path: str | Path,
    *,
    template: str | Path | None = None,
) -> Path:
    """Write an assessment as a Word document: tables, maps, charts and sentences from the data.

    Parameters
    ----------
    assessment : Assessment
        What `assess` returned.
    path : path
        Where to write, ``.docx``.
    template : path, optional
        A Word document of your own, whose styles, header, footer and page are used; by default the
        one that the settings name, or none.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileNotFoundError
        If the folder or the template does not exist.
    TypeError
        If ``assessment`` is none.
    ValueError
        If ``path`` does not end in ``.docx``, or the template is not a Word document.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import lsoahot as lh
    >>> result = lh.assess({
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ... })
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lh.report(result, pathlib.Path(folder, "report.docx")).name
    'report.docx'
    """
    if not isinstance(assessment, Assessment):
        raise TypeError(
            f"assessment is a {type(assessment).__name__}, not what assess() returns. "
            "Assess first: report(assess(settings), path)."
        )
    path = Path(path)
    checks.one_of(path.suffix.lower(), (".docx",), "the ending of path")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}. Make it first, or mend path.")
    from .compose import write_report

    return write_report(assessment, findings.of(assessment), path, template=template)
