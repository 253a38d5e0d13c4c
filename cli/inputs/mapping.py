"""The option --mapping: which headers of a file hold what, from a YAML file."""

from pathlib import Path

from data_ingestion.formats.column_mapping import ColumnMapping, mappings_from_yaml
from retention.errors import OptionError


def mappings_of(path: Path | None) -> tuple[ColumnMapping, ...]:
    """Return the mappings that a file holds; none without a file.

    Raises:
        OptionError: The file cannot be read, or holds no mapping.
    """
    if path is None:
        return ()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise OptionError(
            f"cannot be read ({reason.lower()})", where=f"--mapping {path}", hint="Check the path"
        ) from error
    return mappings_from_yaml(text, source=path.name)
