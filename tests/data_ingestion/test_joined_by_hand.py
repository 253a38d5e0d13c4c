"""Headers in the middle of a file, and titles above the header of a later part: counted, and never a customer."""

import io
import zipfile
from pathlib import Path

import pytest

from data_ingestion import ColumnMapping, Intake, ReadOptions, read_customers
from retention.errors import SourceError

HEADER = "user_id,cart_abandoned_date,avg_order_value,email\n"
ROWS = "u1,2025-09-01,10,a@example.com\nu2,2025-09-02,11,b@example.com\n"
MORE = "u3,2025-09-03,12,c@example.com\n"


def read(folder: Path, text: str, name: str = "shop.csv") -> Intake:
    (folder / name).write_text(text, encoding="utf-8")
    return read_customers([folder / name])


@pytest.mark.parametrize(
    "again", [HEADER, HEADER.upper().lower(), '"user_id"," cart_abandoned_date ",avg_order_value,email\n']
)
def test_a_header_in_the_middle_is_counted_and_is_nobody(tmp_path: Path, again: str) -> None:
    intake = read(tmp_path, HEADER + ROWS + again + MORE)
    assert intake.rows["user_id"].tolist() == ["u1", "u2", "u3"]
    assert intake.quarantine[["line", "reason"]].values.tolist() == [[4, "repeated_header"]]


def test_a_header_in_the_middle_of_orders_is_no_order(tmp_path: Path) -> None:
    header = "order_id,email,order_date,total\n"
    text = f"{header}o1,a@example.com,2025-09-01,5\n{header}o2,b@example.com,2025-09-02,6\n"
    (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
    columns = {"email": "email", "time": "order_date", "order": "order_id", "total": "total"}
    options = ReadOptions(mappings=(ColumnMapping("orders", columns),))
    intake = read_customers([tmp_path / "orders.csv"], options=options)
    assert intake.activity is not None
    assert (len(intake.activity.people), intake.quarantine["reason"].tolist()) == (2, ["repeated_header"])


def parts(folder: Path, **files: str) -> Path:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
    path = folder / "export.zip"
    path.write_bytes(content.getvalue())
    return path


@pytest.mark.parametrize("title", ["Shop report\n\n", "# exported 2025-09-03\n#\n", "\n"])
@pytest.mark.parametrize("both", [True, False])
def test_titles_above_the_header_of_a_later_part_are_passed_over(tmp_path: Path, title: str, both: bool) -> None:
    path = parts(tmp_path, e_1=(title if both else "") + HEADER + ROWS, e_2=title + HEADER + MORE)
    intake = read_customers([path])
    assert intake.rows["user_id"].tolist() == ["u1", "u2", "u3"]
    assert intake.quarantine.empty
    told = [warning for warning in intake.warnings if "of further files were passed over" in warning]
    lines = sum(map(bool, title.splitlines()))
    assert [warning.rpartition(": ")[2] for warning in told] == ([str(lines)] if lines else [])


def test_a_part_with_another_header_is_refused_even_if_a_row_is_the_same(tmp_path: Path) -> None:
    path = parts(tmp_path, e_1=HEADER + ROWS, e_2=HEADER.replace("email", "phone") + ROWS)
    with pytest.raises(SourceError, match="start differently"):
        read_customers([path])
