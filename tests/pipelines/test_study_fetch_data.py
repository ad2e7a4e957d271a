"""`make data`: R's own data files, read without R."""

import bz2
import importlib.util
import lzma
import os
import zlib
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("fetch_data", ROOT / "tools" / "fetch_data.py")
fetch_data = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fetch_data)


def test_the_three_kinds_of_block_of_a_lazy_load_database_unpack():
    content = b"an R object " * 50
    size = len(content).to_bytes(4, "big")
    raw = lzma.compress(content, format=lzma.FORMAT_RAW, filters=fetch_data.XZ)
    for block in (size + zlib.compress(content), size + b"2" + bz2.compress(content), size + b"Z" + raw):
        assert fetch_data.unpacked_block(block) == content
    with pytest.raises(fetch_data.CannotFetchError):
        fetch_data.unpacked_block((1).to_bytes(4, "big") + zlib.compress(content))


def test_without_apt_it_says_what_to_do_instead(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(fetch_data, "ROOT", tmp_path)
    monkeypatch.setattr(fetch_data.shutil, "which", lambda _tool: None)
    assert fetch_data.main() == 2
    assert "Debian" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", fetch_data.FILES)
def test_what_was_fetched_is_what_the_tests_know(name):
    known, fetched = (Path(os.environ.get("UNDRING_DATA", "")) / name, ROOT / "data" / name)
    if not known.exists() or not fetched.exists() or known.samefile(fetched):
        pytest.skip(f"NOT COMPARED: needs {name} both in UNDRING_DATA and, by `make data`, in data/")
    read = pl.read_parquet if name.endswith("parquet") else pl.read_csv
    assert read(known).equals(read(fetched))
