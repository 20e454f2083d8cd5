"""The report: an assessment as a Word document, to be edited and signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsoahot.assessment.assess import assess
from lsoahot.assessment.result import Assessment
from lsoahot.common import checks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lsoahot.assessment.settings import Config


def report(
    assessment: Assessment | Config | str | Path | Mapping[str, Any],
    path: str | Path,
    *,
    template: str | Path | None = None,
) -> Path:
    """Write an assessment as a Word document: tables, maps, charts and sentences from the data.

    Parameters
    ----------
    assessment : Assessment, or path, dict or Config
        What `assess` returned; or the settings, which are then assessed.
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
        If the folder, the template or a file that the settings name does not exist.
    ValueError
        If ``path`` does not end in ``.docx``, the template is not a Word document, or the settings
        or the data are not fit for the job.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import lsoahot as lh
    >>> found = lh.assess({
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ... })
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lh.report(found, pathlib.Path(folder, "report.docx")).name
    'report.docx'
    """
    path = Path(path)
    checks.one_of(path.suffix.lower(), (".docx",), "the ending of path")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}. Make it first, or mend path.")
    from .compose import write_report

    # `_publishing` calls write_report itself: `assessments` imports it, and this module `assessments`.
    notes = assessment if isinstance(assessment, Assessment) else assess(assessment)
    return write_report(notes, path, template=template)
