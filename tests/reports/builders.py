"""Reports with invented numbers, small enough to read, large enough to fill every page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from reports.values import (
    Act,
    AlsoSearched,
    Card,
    CardNotes,
    CareHome,
    Checks,
    Control,
    Crude,
    DpoPage,
    Fallen,
    Funnel,
    LandscapeBin,
    LeftOutColumn,
    Missing,
    Night,
    Outcome,
    Part,
    Plain,
    PrintedCondition,
    PrintedLandscape,
    Report,
    Row,
    Said,
    SelfTested,
    Source,
    Technical,
    Treatment,
    Words,
)


def words(da: str, en: str) -> Words:
    return Words(da=da, en=en)


MOVED = Part(
    label=words("flyttet for nylig", "moved recently"),
    clause=words("er flyttet for nylig", "have moved recently"),
    definition=words("ny bopæl i CPR inden for 180 dage.", "a new address in the CPR register within 180 days."),
)
HOME_CARE = Part(
    label=words("ny hjemmepleje", "new home care"),
    clause=words("har fået ny hjemmepleje", "have begun home care"),
    definition=words(
        "første hjælp efter ældrelovens § 10 inden for 180 dage.", "first help under the Elderly Act within 180 days."
    ),
)
ALONE = Part(
    label=words("bor alene", "lives alone"),
    clause=words("bor alene", "live alone"),
    definition=words("ingen andre voksne på adressen.", "no other adult at the address."),
)
NO_VISIT = Part(
    label=words("sagt nej til forebyggende besøg", "declined a preventive visit"),
    clause=words("har sagt nej til et forebyggende besøg", "have declined a preventive visit"),
    definition=words("tilbud afslået inden for et år.", "an offer declined within a year."),
)


def _condition(column: str) -> PrintedCondition:
    return PrintedCondition(column=column, operator="==", value=True)


def pair_card() -> Card:
    return Card(
        id="F-2026-014",
        step=2,
        sureness="fairly",
        direction="more",
        above_parts=True,
        parts=(MOVED, HOME_CARE),
        rows=(
            Row(holds=(False, False), people=10_480, observed=400, expected=360),
            Row(holds=(True, False), people=1_620, observed=85, expected=125),
            Row(holds=(False, True), people=1_460, observed=120, expected=160),
            Row(holds=(True, True), people=640, observed=110, expected=70),
        ),
        people=640,
        observed=110,
        expected=70,
        expected_low=55,
        expected_high=90,
        expected_crude=75,
        ratio=1.571,
        ratio_low=1.222,
        ratio_high=2.0,
        p_search=0.0004,
        p_confirm=0.011,
        gap_in_search=74,
        care_home=CareHome(percent=20),
        in_search=(1_490, 275, 165),
        checks=Checks(
            same_sign=95,
            half_size=90,
            cuts=None,
            years=(3, 3),
            controls=((words("høfeber", "hay fever"), True),),
            redone=(("died", "none"), ("either", "same"), ("care_home", "weaker")),
            explains=(words("flyttet for nylig + bor alene", "moved recently + lives alone"),),
            explained=3,
            people_to_fall=25,
        ),
        notes=CardNotes(
            objection=words(
                "Borgere, som begge ting gælder for, kan være mere syge, end vores tal viser.",
                "Citizens of whom both things are true may be more ill than our numbers show.",
            ),
            questions=(
                words(
                    "Følger medicinlisten med, når en borger flytter?",
                    "Does the list of medicines follow when a citizen moves?",
                ),
                words(
                    "Hvor længe går der fra flytning til første besøg?", "How long from the move to the first visit?"
                ),
            ),
            smallest_test=words(
                "Medicingennemgang inden 7 dage efter flytning. 8 uger, ét distrikt.",
                "A review of medicines within 7 days of moving. 8 weeks, one district.",
            ),
            cost=words("40 timer af en farmaceut", "40 hours of a pharmacist"),
            known=Said(
                role="leder af hjemmeplejen",
                on=date(2026, 11, 3),
                words=words("Anet, men ikke målt", "Sensed, not measured"),
            ),
            read_by=(Said(role="visitator", on=date(2026, 11, 5)), Said(role="overlæge", on=date(2026, 11, 6))),
            again=date(2027, 11, 1),
        ),
        contains_service=True,
        conditions=(_condition("flyttet_180d"), _condition("ny_hjemmepleje")),
    )


def triple_card() -> Card:
    return Card(
        id="F-2026-017",
        step=2,
        sureness="very",
        direction="fewer",
        above_parts=False,
        parts=(HOME_CARE, ALONE, NO_VISIT),
        rows=(
            Row(holds=(False, False, False), people=5_210, observed=260, expected=295),
            Row(holds=(True, False, False), people=810, observed=95, expected=85),
            Row(holds=(False, True, False), people=3_420, observed=240, expected=230),
            Row(holds=(False, False, True), people=2_150, observed=130, expected=115),
            Row(holds=(True, True, False), people=640, observed=100, expected=85),
            Row(holds=(True, False, True), people=180, observed=25, expected=15),
            Row(holds=(False, True, True), people=1_320, observed=105, expected=95),
            Row(holds=(True, True, True), people=470, observed=40, expected=75),
        ),
        people=470,
        observed=40,
        expected=75,
        expected_low=60,
        expected_high=95,
        expected_crude=100,
        ratio=0.533,
        ratio_low=0.421,
        ratio_high=0.667,
        p_search=0.0002,
        p_confirm=0.002,
        gap_in_search=-88,
        notes=CardNotes(
            objection=words(
                "De, der siger nej, kan være raskere end de andre.",
                "Those who decline may be healthier than the others.",
            )
        ),
        contains_service=False,
        conditions=(_condition("ny_hjemmepleje"), _condition("bor_alene"), _condition("nej_til_besoeg")),
    )


def rare_card() -> Card:
    """Counted per 10,000, in the search only, and with an expected that was held back."""
    return replace(
        pair_card(),
        id="F-2026-021",
        step=1,
        sureness="somewhat",
        parts=(MOVED, ALONE),
        rows=(
            Row(holds=(False, False), people=12_480, observed=20),
            Row(holds=(True, False), people=2_620, observed=None),
            Row(holds=(False, True), people=None, observed=None),
            Row(holds=(True, True), people=4_640, observed=40),
        ),
        people=4_640,
        observed=40,
        expected=20,  # a row is withheld: to whole tens
        expected_low=10,
        expected_high=30,
        expected_crude=None,
        p_confirm=None,
        gap_in_search=None,
        contains_service=False,
        notes=CardNotes(objection=words("En fælles årsag kan ligge bag begge.", "A common cause may lie behind both.")),
        conditions=(_condition("flyttet_180d"), _condition("bor_alene")),
    )


def example_report() -> Report:
    """A draft of a demo: two confirmed findings, three leads that fell."""
    return Report(
        title=words("Undringsrapport 4", "Wonder report 4"),
        controller="Eksempel Kommune",
        dpo_contact="dpo@eksempel.invalid",
        made=date(2026, 11, 24),
        draft=True,
        demo=True,
        own_eyes=False,
        population=words("ældre", "older people"),
        population_definition=words(
            "Borgere på 65 år og derover med bopæl i kommunen", "Citizens aged 65 and over who live in the municipality"
        ),
        index_date=date(2025, 1, 1),
        period=words("Oplysninger fra 2024 og 2025.", "Information from 2024 and 2025."),
        people=28_400,
        people_searched=14_200,
        people_locked=14_200,
        lock_share=0.5,
        publish_from="confirmed",
        outcome=Outcome(
            label=words("akut indlæggelse", "acute admission"),
            more=words("bliver oftere akut indlagt", "are more often acutely admitted"),
            fewer=words("bliver sjældnere akut indlagt", "are less often acutely admitted"),
            past=words("akut indlagt inden for 90 dage", "acutely admitted within 90 days"),
            definition=words("uplanlagt indlæggelse inden for 90 dage.", "an unplanned admission within 90 days."),
            seen=words("Det kan ses for alle i undersøgelsen.", "It can be seen for everybody in the study."),
        ),
        outcomes=1_500,
        adjusted_for=(
            words("alder", "age"),
            words("køn", "sex"),
            words("samliv", "cohabitation"),
            words("indlæggelser året før", "admissions the year before"),
        ),
        not_adjusted_for=(
            words("Hvorfor borgeren flyttede.", "Why the citizen moved."),
            words("Medicin hos borgere uden hjælp til den.", "Medicines of citizens who get no help with them."),
            words("Hjælp fra pårørende.", "Help from relatives."),
        ),
        cards=(pair_card(), triple_card()),
        fallen=(
            _fallen("F-2026-011", "refuted", (MOVED, ALONE), 810, 60, 55),
            _fallen("F-2026-012", "undecided", (HOME_CARE, NO_VISIT), 120, None, None),
            _fallen("F-2026-030", "lead", (ALONE, NO_VISIT), 2_320, 170, 155),
        ),
        funnel=Funnel(searched=1_187_412, tested=655_208, discovered=2, tried=4, confirmed=2),
        sources=(
            Source(
                name=words("CPR-udtræk", "CPR extract"),
                files=1,
                rows=61_200,
                refused=40,
                refused_reasons=((words("fødselsdato kan ikke læses", "birth date cannot be read"), 30),),
                duplicates=120,
                checks_passed=14,
                checks_failed=(),
            ),
            Source(
                name=words("hjemmepleje", "home care"),
                files=2,
                rows=18_200,
                refused=310,
                refused_reasons=(
                    (words("startdato mangler", "start date is missing"), 250),
                    (words("andre grunde", "other reasons"), 60),
                ),
                duplicates=90,
                checks_passed=11,
                checks_failed=(words("flere end 2 % uden startdato", "more than 2% without a start date"),),
            ),
        ),
        missing=(
            Missing(column=words("rygning", "smoking"), percent=38),
            Missing(column=words("samliv", "cohabitation"), percent=12),
            Missing(column=words("boligtype", "type of dwelling"), percent=4),
        ),
        left_out=(LeftOutColumn(column=words("kommunekode", "municipality code"), reason="constant"),),
        cohort_flow=(
            (words("i registret", "in the register"), 61_200),
            (words("under 65 år", "under 65 years"), 31_900),
            (words("flyttet fra kommunen", "moved away"), 900),
        ),
        held_back=1,
        legal_basis="Databeskyttelseslovens § 10",
        purpose=words("statistisk undersøgelse af sammenhænge i borgernes sundhed", "statistical study of health"),
        technical=Technical(
            run_id="K-0912",
            version="0.1.0",
            alpha=0.05,
            lock_share=0.5,
            attempts=20,
            attempts_used=8,
            max_order=3,
            smallest_group=10,
            smallest_difference=5,
            search_floor=50,
            study_sha256="7f3a91c20e5d" + "0" * 52,
            packages=(("polars", "1.35.2"), ("numpy", "2.3.5")),
        ),
        outcome_column="akut_indlagt_90d",
        landscape=PrintedLandscape(
            bins=tuple(
                LandscapeBin(expected=6 + step, observed=6 + step + side, size=5 - abs(side) - step // 4)
                for step in range(8)
                for side in (-1, 0, 1)
            ),
            marks=((1, 165, 275), (2, 60, 30)),
            combinations=655_208,
        ),
        plain=Plain(
            alone=(
                Crude(
                    label=HOME_CARE.label, more=True, answer="holds", people=2_100, observed=230,
                    people_without=12_100, observed_without=520,
                ),
                Crude(
                    label=MOVED.label, more=True, answer="gone", people=2_260, observed=195, people_without=11_940,
                    observed_without=555,
                ),
                Crude(label=NO_VISIT.label, more=False, answer="turned"),
            ),
            together=20,
            explained=15,
            leads=2,
            fell=1,
            held=2,
        ),
    )  # fmt: skip


def _fallen(
    identity: str, status: str, parts: tuple[Part, ...], people: int, observed: int | None, expected: int | None
) -> Fallen:
    return Fallen(
        id=identity,
        status=status,  # type: ignore[arg-type]
        parts=parts,
        direction="more",
        people=people,
        observed=observed,
        expected=expected,
        p_search=0.04,
        conditions=(_condition("flyttet_180d"), _condition("bor_alene")),
    )


def empty_report() -> Report:
    """Nothing held."""
    return replace(
        example_report(),
        cards=(),
        draft=False,
        funnel=Funnel(searched=1_187_412, tested=655_208, discovered=0, tried=2, confirmed=0),
        landscape=PrintedLandscape(bins=(LandscapeBin(expected=8, observed=8, size=5),), marks=(), combinations=4_200),
    )


def several_report() -> Report:
    """A run of three outcomes: a finding of the first and one of the second; the third is counted, and has none."""
    report = example_report()
    fell = Outcome(
        label=words("fald med skade", "a fall with injury"),
        more=words("falder oftere", "fall more often"),
        fewer=words("falder sjældnere", "fall less often"),
        past=words("faldt og kom til skade", "fell and were injured"),
        definition=words("skadestue efter et fald inden for 90 dage.", "an emergency visit after a fall in 90 days."),
    )
    second = AlsoSearched(
        column="faldt", positive=True, words=fell, period=fell.definition, outcomes=900, kind="yes_no", unit=None,
        dispersion=1.0, plain=report.plain,
        landscape=replace(
            report.landscape or PrintedLandscape(bins=(), marks=(), combinations=0), marks=((2, 60, 30),),
        ),
    )  # fmt: skip
    third = replace(
        second, column="besoeg", kind="count", unit="months", landscape=None, plain=None,
        words=replace(fell, label=words("besøg hos lægen", "visits to the doctor")),
    )  # fmt: skip
    first = replace(report.landscape, marks=((1, 165, 275),)) if report.landscape else None
    cards = (pair_card(), replace(triple_card(), outcome="faldt"))
    return replace(report, cards=cards, others=(second, third), landscape=first)


def unlocked_report() -> Report:
    """A study without a lock: cards from step 1, one of them rare."""
    return replace(
        example_report(),
        cards=(rare_card(),),
        people_locked=0,
        people_searched=28_400,
        lock_share=0.0,
        publish_from="discovered",
        funnel=Funnel(searched=8_412, tested=5_208, discovered=1, tried=0, confirmed=0),
        landscape=None,
        plain=None,
        fallen=(),
    )


def own_eyes_report() -> Report:
    """What `undring discover` writes: column names for labels, nothing known of the columns."""

    def part(column: str) -> Part:
        label = words(column, column)
        return Part(label=label, clause=label, definition=label)

    card = replace(
        rare_card(),
        id="F-001",
        parts=(part("number_of_prior_inpatient_stays >= 2"), part("discharge_disposition_id = Home")),
    )
    return replace(
        unlocked_report(),
        title=words("diabetes130.csv", "diabetes130.csv"),
        cards=(card,),
        own_eyes=True,
        demo=False,
        index_date=None,
        population=words("rækker", "rows"),
        outcome=Outcome(
            label=words("readmitted = <30", "readmitted = <30"),
            more=words("readmitted = <30 ses oftere", "readmitted = <30 is seen more often"),
            fewer=words("readmitted = <30 ses sjældnere", "readmitted = <30 is seen less often"),
            past=words("readmitted = <30", "readmitted = <30"),
            definition=words("kolonnen readmitted er <30", "the column readmitted is <30"),
        ),
        sources=(),
        cohort_flow=(),
    )


CONTROLS = ("chain", "witness", "approved", "identifiers", "groups", "comparing", "key", "retention", "logs")


def example_dpo() -> DpoPage:
    """Nine controls passed, one night late, one stopped."""
    now = datetime(2026, 11, 24, 5, 42, tzinfo=UTC)
    first = date(2026, 11, 11)
    states = {5: "late", 6: "stopped"}
    return DpoPage(
        title=words("Akutte indlæggelser hos ældre", "Acute admissions of older people"),
        controller="Eksempel Kommune",
        made=now,
        demo=True,
        controls=tuple(Control(key=f"control.{name}", passed=True) for name in CONTROLS),
        ledger_lines=4_318,
        ledger_head="7f3a91c20e5d" + "ab" * 26,
        first_line=datetime(2026, 8, 1, 9, 0, tzinfo=UTC),
        waiting=(words("Udtalelse om udgivelse U-2026-05", "Statement on release U-2026-05"),),
        nights=tuple(
            Night(
                day=first + timedelta(days=index),
                state=states.get(index, "passed"),  # type: ignore[arg-type]
                note=words(
                    "Filen fra visitationen manglede en kolonne. Intet blev skrevet.",
                    "A column was missing. Nothing was written.",
                )
                if index == 6
                else None,
            )
            for index in range(14)
        ),
        acts=(
            Act(
                at=now,
                actor="natkørsel",
                action="read",
                register="visitation",
                people=28_400,
                purpose="Søge efter mønstre",
            ),
            Act(
                at=now - timedelta(days=1, hours=3),
                actor="A. Lund",
                action="confirmed",
                register=None,
                people=None,
                purpose="Prøve 4 spor",
            ),
        ),
        treatments=(
            Treatment(
                register="cpr",
                column="cpr",
                role="person_identifier",
                treatment="pseudonym",
                purpose="Samle en borgers rækker",
            ),
            Treatment(register="cpr", column="navn", role="direct_identifier", treatment="drop", purpose=""),
            Treatment(
                register="cpr",
                column="foedt",
                role="quasi_identifier",
                treatment="age_band",
                purpose="Justere for alder",
            ),
        ),
        left_the_house=(),
        package=(
            ("k", "12"),
            ("l", "3"),
            ("classes", "841"),
            ("people", "14200"),
            ("suppressed", "180"),
            ("highest_risk", "0.0833"),
        ),
        legal_basis="Databeskyttelseslovens § 10",
        purpose=words(
            "Statistisk undersøgelse af sammenhænge i borgernes sundhed", "Statistical study of citizens' health"
        ),
        self_test=SelfTested(placebo_runs=20, placebo_false=1, placebo_confirmed=0, planted=9, planted_found=5),
        deadlines=(
            (words("Stikprøve for november", "Random sample for November"), date(2026, 11, 30)),
            (words("Kodede data i boksen", "Coded data in the vault"), date(2028, 11, 23)),
        ),
    )
