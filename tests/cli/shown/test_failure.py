"""What a person is told of an error, and the exit code."""

from errno import ENOENT, ENOSPC

import pytest
import typer

from cli.shown.failure import reported


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OSError(ENOSPC, "No space left on device"), 2, "no temporary file can be written. Make room"),
        (FileNotFoundError(ENOENT, "No usable temporary directory found in ['/tmp']"), 2, "in the variable TMPDIR"),
        (FileNotFoundError(ENOENT, "No such file", "ann@shop.example"), 1, "Error on our side: FileNotFoundError"),
        (MemoryError(), 2, "this needs more memory"),
    ],
)
def test_a_full_disk_is_told_and_is_no_fault_of_ours(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, reported(debug=False, options=frozenset()):
        raise error
    told = capsys.readouterr().err
    assert ended.value.exit_code == code
    assert said in told
    assert "ann@" not in told
