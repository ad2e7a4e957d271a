import hashlib

import pytest
from study_builders import CHARACTERISTIC, HEAD, OUTCOME, POPULATION, characteristic, study_text, written

from pipelines.errors import InputError, InputErrors
from pipelines.study import Known, inbox_folder, read_study
from pipelines.workspace_check import several_outcomes
from reports.catalogue import Language
from reports.values import Words


def faults(tmp_path, text):
    """What is wrong with a study, as (key, field)."""
    with pytest.raises(InputErrors) as told:
        written(tmp_path, text)
    assert all(error.text(language) for error in told.value.errors for language in ("da", "en"))
    return [(error.key, error.facts.get("field")) for error in told.value.errors]


def test_a_small_study_reads_with_the_defaults_of_the_design(tmp_path):
    study = written(tmp_path, study_text())
    assert (study.alpha, study.lock, study.attempts, study.max_order) == (0.05, 0.3, 20, 3)
    assert (study.limits.smallest_group, study.limits.smallest_difference, study.limits.search_floor) == (10, 5, 50)
    assert study.publish_from == "confirmed"
    assert study.title == Words(da="Prøve", en="Trial")
    assert study.registers == ("besoeg", "cpr")
    assert study.sha256 == hashlib.sha256((tmp_path / "study.toml").read_bytes()).hexdigest()


def test_without_a_lock_a_study_publishes_what_was_discovered(tmp_path):
    study = written(tmp_path, study_text(head=HEAD + "lock = 0.0\n"))
    assert study.publish_from == "discovered"
    assert faults(tmp_path, study_text(head=HEAD + 'lock = 0\npublish_from = "confirmed"\n')) == [
        ("study_confirmed_without_lock", "publish_from")
    ]


def test_everything_that_is_wrong_is_told_at_once_with_its_key_path(tmp_path):
    text = study_text(
        CHARACTERISTIC.replace("[-180, 0]", "[-180, 1]"),
        characteristic("lang_tid", 'rule = "sum"'),
        head=HEAD.replace("demo = true\n", 'demo = "ja"\nalhpa = 0.1\nalpha = "0.05"\nseed = 1.5\n'),
    )
    told = faults(tmp_path, text)
    assert ("study_look_ahead", "characteristic[faldt].window") in told
    assert ("study_missing_key", "characteristic[lang_tid].column") in told
    assert ("study_type_flag", "demo") in told
    assert ("study_type_number", "alpha") in told
    assert ("study_type_whole", "seed") in told
    assert ("study_unknown_key_near", "alhpa") in told


@pytest.mark.parametrize("place", ["top", "population", "limits", "characteristic", "outcome", "where of left"])
def test_an_unknown_key_is_refused_everywhere(tmp_path, place):
    extra = "zzz = 1\n"
    parts = {
        "top": study_text(head=HEAD + extra),
        "population": study_text(population=POPULATION + extra),
        "limits": study_text(population="[limits]\n" + extra + POPULATION),
        "characteristic": study_text(CHARACTERISTIC + extra),
        "outcome": study_text(outcome=OUTCOME + extra),
        "where of left": study_text(population=POPULATION + 'left = {date = "dag", zzz = 1}\n'),
    }
    assert [key for key, field in faults(tmp_path, parts[place]) if field.endswith("zzz")] == ["study_unknown_key"]


def test_a_characteristic_may_not_look_past_the_index_date_and_an_outcome_not_before_it(tmp_path):
    assert written(tmp_path, study_text(CHARACTERISTIC.replace("[-180, 0]", "[-1, 0]")))
    assert faults(tmp_path, study_text(CHARACTERISTIC.replace("[-180, 0]", "[-180, 2]"))) == [
        ("study_look_ahead", "characteristic[faldt].window")
    ]
    assert faults(tmp_path, study_text(outcome=OUTCOME.replace("[1, 91]", "[0, 91]"))) == [
        ("study_outcome_early", "outcome[indlagt].window")
    ]
    adjust = characteristic("alder", 'rule = "count"\ndate = "dag"\nwindow = [-10, 5]', kind="adjust")
    assert faults(tmp_path, study_text(CHARACTERISTIC, adjust)) == [("study_look_ahead", "adjust[alder].window")]


def test_an_outcome_without_a_date_must_say_that_it_is_known_after_the_index_date(tmp_path):
    undated = OUTCOME.replace('date = "dag"\nwindow = [1, 91]\n', "")
    assert faults(tmp_path, study_text(outcome=undated)) == [("study_outcome_undated", "outcome[indlagt].date")]
    assert written(tmp_path, study_text(outcome=undated + "known_after = true\n")).outcomes[0].known_after


def test_an_outcome_must_be_yes_or_no(tmp_path):
    counted = OUTCOME.replace('"any"', '"count"')
    assert faults(tmp_path, study_text(outcome=counted)) == [("study_outcome_yes_no", "outcome[indlagt].rule")]
    assert written(tmp_path, study_text(outcome=counted + "at_least = 2\n")).outcomes[0].yes_no


def test_real_data_need_their_legal_fields_and_a_demo_does_not(tmp_path):
    told = faults(tmp_path, study_text(head=HEAD.replace("demo = true\n", "")))
    assert told == [("study_missing_key", name) for name in ("controller", "dpo", "legal_basis")]
    empty = HEAD.replace("demo = true", 'controller = "Kommune"\ndpo = "dpo"\nlegal_basis = " "')
    assert faults(tmp_path, study_text(head=empty)) == [("study_empty", "legal_basis")]


def test_a_limit_may_be_stricter_but_looser_only_for_a_reason(tmp_path):
    strict = "[limits]\nsmallest_group = 20\nsearch_floor = 100\n"
    assert written(tmp_path, study_text(population=strict + POPULATION)).limits.looser == ()
    loose = "[limits]\nsmallest_group = 9\n"
    assert faults(tmp_path, study_text(population=loose + POPULATION)) == [
        ("study_limit_reason", "limits.smallest_group")
    ]
    reasoned = written(tmp_path, study_text(population=loose + 'reason = "frie data"\n' + POPULATION))
    assert reasoned.limits.looser == ("smallest_group",)


def test_a_name_is_used_once_and_can_be_a_column(tmp_path):
    assert faults(tmp_path, study_text(CHARACTERISTIC, CHARACTERISTIC)) == [("study_name_twice", "faldt")]
    assert faults(tmp_path, study_text(CHARACTERISTIC.replace("faldt", "person"))) == [("study_name_twice", "person")]
    shape = study_text(CHARACTERISTIC.replace('"faldt"', '"Faldt!"'))
    assert faults(tmp_path, shape) == [("study_name_shape", "characteristic[Faldt!].name")]


def test_unknown_unless_needs_a_date_so_that_it_cannot_look_ahead(tmp_path):
    own = written(tmp_path, study_text(CHARACTERISTIC + 'unknown_unless = "besoeg"\n'))
    assert own.characteristics[0].unknown_unless == Known(register="besoeg", date="dag")
    other = written(tmp_path, study_text(CHARACTERISTIC + 'unknown_unless = {from = "klient", date = "fra"}\n'))
    assert other.registers == ("besoeg", "cpr", "klient")
    assert faults(tmp_path, study_text(CHARACTERISTIC + 'unknown_unless = "klient"\n')) == [
        ("study_known_date", "characteristic[faldt].unknown_unless")
    ]


def test_a_broken_or_absent_file_is_told_with_its_line(tmp_path):
    assert faults(tmp_path, 'id = "x"\ndemo = \n') == [("study_syntax", None)]
    with pytest.raises(InputErrors) as told:
        read_study(tmp_path / "ingen")
    assert told.value.key == "study_not_found"
    (tmp_path / "study.toml").write_bytes(b'id = "\xff"')
    with pytest.raises(InputErrors) as told:
        read_study(tmp_path)
    assert told.value.key == "study_encoding"


def test_words_need_both_languages(tmp_path):
    text = study_text(head=HEAD.replace(', en = "Trial"', ""))
    assert faults(tmp_path, text) == [("study_type_words", "title")]


def test_the_inbox_may_lie_in_the_data_folder_that_the_variable_names(tmp_path, monkeypatch):
    workspace = tmp_path / "repo" / "examples" / "x"
    study = written(workspace, study_text(head=HEAD + 'inbox = "$UNDRING_DATA/nafld"\n'))
    monkeypatch.delenv("UNDRING_DATA", raising=False)
    with pytest.raises(InputError) as told:
        inbox_folder(study, workspace)
    assert told.value.key == "study_data_missing"
    fetched = tmp_path / "repo" / "data" / "nafld"
    fetched.mkdir(parents=True)
    assert inbox_folder(study, workspace) == fetched
    named = tmp_path / "elsewhere" / "nafld"
    named.mkdir(parents=True)
    monkeypatch.setenv("UNDRING_DATA", str(named.parent))
    assert inbox_folder(study, workspace) == named
    plain = written(tmp_path / "demo", study_text())
    assert inbox_folder(plain, tmp_path / "demo") == tmp_path / "demo" / "inbox"


def test_it_is_said_which_outcomes_share_alpha(tmp_path):
    more = "".join(OUTCOME.replace('name = "indlagt"', f'name = "{name}"') for name in ("faldet", "braekket"))
    study = written(tmp_path, study_text(head=HEAD + 'negative_controls = ["braekket"]\n', outcome=OUTCOME + more))
    for language in Language:
        (line,) = several_outcomes(study, language)
        assert "indlagt" in line
        assert "faldet" in line
        assert "braekket" not in line
    assert several_outcomes(written(tmp_path, study_text()), Language.DA) == []
