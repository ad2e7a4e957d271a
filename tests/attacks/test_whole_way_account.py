"""Ways to open the lock more often than was promised, and links that lead out of a workspace."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analysis.values import Discovery
from pipelines import atomic, attempts, audit, findings, ledger, ledger_evidence, run, state, steps, tried
from pipelines.context import Run
from pipelines.contracts import read_contract
from pipelines.errors import InputError
from pipelines.key_files import StudyKey
from pipelines.log import log_event
from pipelines.sources import find_files
from pipelines.study import Study
from tests.pipelines.study_builders import HEAD, OUTCOME, study_text, written
from tests.pipelines.test_findings import finding

CONTRACT = Path(__file__).resolve().parents[2] / "pipelines" / "demo"


def spent(workspace: Path, study: Study, leads: int, *, terms: bool = True) -> None:
    event = ledger.Event(
        at=datetime(2026, 11, 24, tzinfo=UTC), action="attempt", study=study.id, purpose="p", basis="b", leads=leads,
        params_sha256=attempts.terms(study) if terms else None,
    )  # fmt: skip
    ledger.append(workspace, event, actor="analyst")


def level(study: Study, leads: int) -> float:
    """What a batch of leads is decided at: alpha x m / attempts."""
    return study.alpha * leads / study.attempts


def test_attempts_declared_anew_would_pay_alpha_out_twice(tmp_path: Path) -> None:
    first = written(tmp_path, study_text(head=HEAD + "attempts = 2\n"))
    spent(tmp_path, first, 2)
    attempts.refuse_if_changed(tmp_path, first)
    more = written(tmp_path, study_text(head=HEAD + "attempts = 100\n"))
    left = more.attempts - attempts.used(tmp_path)
    assert level(first, 2) + level(more, left) > 1.9 * first.alpha  # the attack works on the arithmetic alone
    with pytest.raises(InputError) as refused:
        attempts.refuse_if_changed(tmp_path, more)
    assert refused.value.key == "attempts_terms"


@pytest.mark.parametrize(
    "changed",
    [
        {"head": HEAD + "alpha = 0.2\n"},
        {"head": HEAD + "lock = 0.6\n"},  # people who were searched would be "never seen"
        {"head": HEAD.replace('"prøve"', '"ny"')},
        {"head": HEAD.replace('key = "demo"', 'key = "anden"')},
        {"outcome": OUTCOME.replace("[1, 91]", "[1, 31]")},  # yesterday's answers would stand as this outcome's
        {"outcome": OUTCOME.replace('"indlagt"', '"faldet"')},
    ],
)
def test_what_was_declared_stands_for_the_life_of_a_split(tmp_path: Path, changed: dict[str, str]) -> None:
    before = written(tmp_path, study_text())
    after = written(tmp_path, study_text(**changed))
    attempts.refuse_if_changed(tmp_path, after)  # nothing was tried yet: anything may change
    spent(tmp_path, before, 1)
    with pytest.raises(InputError):
        attempts.refuse_if_changed(tmp_path, after)
    reworded = written(tmp_path, study_text(outcome=OUTCOME.replace('da = "x"', 'da = "andre ord"')))
    attempts.refuse_if_changed(tmp_path, reworded)


def test_a_ledger_from_before_the_terms_stood_in_it_is_let_through(tmp_path: Path) -> None:
    study = written(tmp_path, study_text())
    spent(tmp_path, study, 1, terms=False)
    attempts.refuse_if_changed(tmp_path, study)
    assert attempts.used(tmp_path) == 1


def test_a_ledger_taken_away_with_its_heads_is_missed_where_a_run_left_its_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    work = tmp_path / "work"
    study = written(work, study_text())
    spent(work, study, 1)
    ledger.checkpoint(work)
    chain = audit.verify(work)[0]
    assert chain.passed is True
    shutil.rmtree(work / "ledger")
    assert audit.verify(work)[0].passed is None  # nothing here says that there was one: only a head kept outside does
    (work / "draft").mkdir()
    assert audit.verify(work)[0].passed is False


def test_attempts_cut_out_of_the_ledger_are_not_there_to_be_spent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    work = tmp_path / "work"
    study = written(work, study_text(head=HEAD + "attempts = 2\n"))
    begun = opened(work, study)
    log_event(begun, "start", "run.start")
    spent(work, study, 2)
    ledger.checkpoint(work)
    run.refuse_other_account(begun)
    (segment,) = ledger.segments(work)
    whole = segment.read_bytes()
    segment.write_bytes(whole.splitlines(keepends=True)[0])
    with pytest.raises(InputError):  # the evidence chain is another copy of the account
        attempts.refuse_if_spent(work, study)
    evidence = ledger_evidence.file_of(work)
    proofs = evidence.read_bytes()
    evidence.write_bytes(proofs.splitlines(keepends=True)[0])
    attempts.refuse_if_spent(work, study)  # the account alone takes it: two attempts to spend once more
    with pytest.raises(InputError) as refused:
        run.refuse_other_account(begun)
    assert refused.value.key == "ledger_changed"
    segment.write_bytes(whole)
    evidence.write_bytes(proofs)
    run.refuse_other_account(begun)
    # the whole ledger gone, and another begun: the answers stand, and nothing in it has paid for them
    tried.add(work, [finding("a", "b", status="confirmed", p_confirm=0.01)])
    shutil.rmtree(work / "ledger")
    log_event(begun, "start", "run.start")
    attempts.refuse_if_spent(work, study)
    with pytest.raises(InputError) as refused:
        run.refuse_other_account(begun)
    assert refused.value.key == "ledger_changed"


def opened(workspace: Path, study: Study) -> Run:
    return Run(
        workspace=workspace, study=study, contracts={}, id="K-0001", try_leads=True,
        key=StudyKey(key_id="demo", epoch=1, secret=b"s" * 32, demo=True),
    )  # fmt: skip


def test_an_attempt_that_was_paid_when_its_process_was_killed_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last attempt: the ledger has it, the answer is not kept. Asked again, it goes on, and pays no more."""
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path.with_name(f"{tmp_path.name}-home")))
    study = written(tmp_path, study_text(head=HEAD + "lock = 0.3\nattempts = 1\n"))
    lead = finding("a", "b")
    (tmp_path / "runs" / "K-0001").mkdir(parents=True)
    (tmp_path / "runs" / "K-0001" / run.DONE).write_text("{}", encoding="utf-8")
    found = Discovery(
        outcome_column="indlagt", outcome_positive=True, people_searched=700, people_locked=300, outcomes_searched=70,
        searched=10, tested=5, alpha=0.05, findings=(lead,),
    )  # fmt: skip
    state.write(tmp_path / "runs" / "K-0001" / "discovery.json", found)
    content = findings.as_json(found, findings.numbered((lead,), prefix="F-2026-"), rounded=False)
    findings.write_json(tmp_path / "findings.json", content)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    begun = opened(tmp_path, study)
    log_event(begun, "start", "run.start")
    monkeypatch.setattr(run, "reopen_at", lambda *_, **__: begun)
    monkeypatch.setattr(steps, "parts", killed)  # the list is in the ledger, no outcome is read yet
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):  # the second time too: it is not refused, and goes as far
            run.confirm(tmp_path, "F-2026-001")
        assert attempts.used(tmp_path) == 1
    with pytest.raises(InputError) as refused:  # the twin: a lead that nothing was paid for
        attempts.refuse_if_spent(tmp_path, study)
    assert refused.value.key == "attempts_spent"


def test_a_link_in_place_of_a_folder_is_replaced_and_what_it_points_at_stands(tmp_path: Path) -> None:
    outside, draft = tmp_path / "outside", tmp_path / "work" / "draft"
    outside.mkdir()
    (outside / "theirs").write_text("x", encoding="utf-8")
    draft.parent.mkdir()
    for _ in range(2):  # the second swap comes after the link was put aside
        draft.unlink(missing_ok=True) if draft.is_symlink() else None
        if draft.exists():
            atomic.swap_folder(draft, tmp_path / "work" / f"old{_}")
        draft.symlink_to(outside)
        assert (draft / "theirs").exists()  # a writer that follows it writes outside
        new = tmp_path / "work" / "new"
        new.mkdir()
        (new / "ours").write_text("y", encoding="utf-8")
        atomic.swap_folder(new, draft)
        assert not draft.is_symlink()
        assert [path.name for path in draft.iterdir()] == ["ours"]
        assert [path.name for path in outside.iterdir()] == ["theirs"]
        assert not list(draft.parent.glob(".*"))
        atomic.restore_folder(draft)


def test_a_dangling_link_stops_no_run(tmp_path: Path) -> None:
    draft, new = tmp_path / "draft", tmp_path / "new"
    draft.symlink_to(tmp_path / "gone")
    new.mkdir()
    atomic.swap_folder(new, draft)
    assert draft.is_dir()
    assert not draft.is_symlink()


def test_a_file_in_the_inbox_that_links_out_is_refused(tmp_path: Path) -> None:
    contract = read_contract(next(iter(sorted(CONTRACT.rglob("advis.yaml")))))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (tmp_path / "advis.parquet").write_bytes(b"x")
    (inbox / "advis.parquet").symlink_to(tmp_path / "advis.parquet")
    assert (inbox / "advis.parquet").read_bytes() == b"x"  # whoever opens it reads outside
    with pytest.raises(InputError) as refused:
        find_files(contract, inbox)
    assert refused.value.key == "file_outside"
