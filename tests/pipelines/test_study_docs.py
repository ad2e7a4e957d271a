import re
from pathlib import Path

from study_builders import written

DOC = Path(__file__).parents[2] / "docs" / "studies.md"


def test_the_study_in_the_documentation_reads(tmp_path):
    [example] = re.findall(r"```toml\n(.*?)```", DOC.read_text(encoding="utf-8"), flags=re.DOTALL)
    study = written(tmp_path, example)
    assert [variable.name for variable in study.variables] == ["ny_hjemmepleje", "indlagt_90d"]
