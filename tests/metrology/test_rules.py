"""Decision rules: their zones, what they say, how often they are wrong."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import ndtr

from benchctl.core.errors import UsageError
from benchctl.core.messages import LANGUAGES, words
from benchctl.core.verdicts import Verdict
from benchctl.metrology import RULES, Retest, Statement, decide, find_rule, judge, judge_runs
from benchctl.metrology.global_risk import global_risks, guarded_for_pfa, worst_pfa
from benchctl.metrology.risk import Prior, conformance, prior_of_reliability, zone_of_probability
from benchctl.metrology.zones import Situation

TWO = (-2.0, 2.0)
INF = math.inf

# zones ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "accept"),
    [
        ("simple-acceptance", 2.0),
        ("jjf-1094", 2.0),
        ("jjf-1094:ratio=0.1", 1.6),
        ("ilac-g8-binary", 1.6),
        ("ilac-g8-binary:r=0.83", 1.668),
        ("ilac-g8-binary:r=-1", 2.4),
        ("ilac-g8-non-binary", 1.6),
        ("jcgm-106", 2 - 1.6448536 * 0.2),
        ("jcgm-106:p=0.9", 2 - 1.2815516 * 0.2),
        ("z540.3-method-5", 1.6),
        ("z540.3-method-6", 2 - 0.4 * (1.04 - math.exp(0.38 * math.log(5) - 0.54))),
        ("iso-14253-1", 2 - 1.6448536 * 0.2),
        ("target-pfa:pfa=0.01", 1.9128),
        ("target-pfa:pfa=0.01,itp=0.95", 2.0),
    ],
)
def test_each_rule_has_its_acceptance_limits(rule, accept):
    """U = 0.4 on limits of 2: TUR 5, where method 6 is clipped."""
    if rule == "z540.3-method-6":
        accept = min(accept, 2.0)
    found = decide(0.0, TWO, rule=rule, U=0.4).judgement.accept
    tolerance = 5e-3 if rule == "target-pfa:pfa=0.01" else 1e-6
    assert found == pytest.approx((-accept, accept), abs=tolerance)
    if rule == "target-pfa:pfa=0.01":
        assert worst_pfa(TWO, found, 0.2) == pytest.approx(0.01, abs=1e-9)


def test_method_6_never_widens_the_limits():
    for ratio in (4.5, 4.6, 10.0, 1000.0):
        accept = decide(0.0, TWO, rule="z540.3-method-6", U=2 / ratio).judgement.accept
        assert accept[1] <= 2.0
        assert (accept == TWO) == (ratio > 4.59)


@pytest.mark.parametrize(
    ("rule", "value", "statement"),
    [
        ("simple-acceptance", 2.0, "pass"),
        ("simple-acceptance", -2.0000001, "fail"),
        ("ilac-g8-binary", 1.6, "pass"),
        ("ilac-g8-binary", 1.6000001, "fail"),
        ("ilac-g8-non-binary", 1.6, "pass"),
        ("ilac-g8-non-binary", -1.7, "conditional_pass"),
        ("ilac-g8-non-binary", 2.0, "conditional_pass"),
        ("ilac-g8-non-binary", 2.4, "conditional_fail"),
        ("ilac-g8-non-binary", 2.5, "fail"),
        ("jjf-1094:ratio=0.1", 1.6, "pass"),
        ("jjf-1094:ratio=0.1", 1.61, "undetermined"),
        ("jjf-1094:ratio=0.1", -2.39, "undetermined"),
        ("jjf-1094:ratio=0.1", 2.4, "fail"),  # |error| >= MPEV + U fails
        ("iso-14253-1", 1.66, "pass"),
        ("iso-14253-1", 1.68, "undetermined"),
        ("iso-14253-1", 2.32, "undetermined"),
        ("iso-14253-1", 2.33, "fail"),
    ],
)
def test_a_value_is_in_the_zone_that_it_belongs_to(rule, value, statement):
    decision = decide(value, TWO, rule=rule, U=0.4)
    assert decision.statement == statement
    verdict = {"pass": Verdict.PASS, "fail": Verdict.FAIL}.get(statement, Verdict.INDETERMINATE)
    assert decision.judgement.verdict is verdict


def test_limits_are_decimal_where_binary_fractions_would_shift_them():
    """MPEV - U = 0.3 - 0.1: 0.19999999999999998 in binary, and 0.2 is on it."""
    assert decide(0.2, (-0.3, 0.3), rule="ilac-g8-binary", U=0.1).statement == "pass"
    assert decide(0.1 + 0.2, (-0.5, 0.5), rule="ilac-g8-binary", U=0.2).statement == "pass"
    assert decide(0.05, (-0.3, 0.3), rule="jjf-1094", U=0.1).judgement.accept == (-0.3, 0.3)


@pytest.mark.parametrize("rule", ["ilac-g8-binary", "z540.3-method-5", "jcgm-106", "iso-14253-1"])
@pytest.mark.parametrize("value", [0.0, 1.9, 50.0])
def test_an_uncertainty_that_is_too_large_is_an_answer_of_its_own(rule, value):
    decision = decide(value, TWO, rule=rule, U=2.5)
    assert decision.statement is Statement.UNCERTAINTY_TOO_LARGE
    assert decision.judgement.verdict is Verdict.INDETERMINATE
    assert decision.judgement.accept is None
    assert decision.judgement.why.id == "uncertainty-too-large"


def test_the_ratio_of_simple_acceptance_is_that_of_the_procedure():
    def said(rule):
        return str(decide(0.1, TWO, rule=rule, U=0.6).statement)

    assert said("simple-acceptance") == "pass"
    assert said("simple-acceptance:ratio=1/4") == "uncertainty_too_large"
    assert said("simple-acceptance:ratio=none") == "pass"
    assert str(decide(0.1, TWO, U=3.0, rule="simple-acceptance:ratio=none").statement) == "pass"
    assert decide(0.1, TWO).statement == "pass"  # adequacy was required beforehand


@pytest.mark.parametrize("rule", ["ilac-g8-binary", "jcgm-106", "iso-14253-1", "z540.3-method-5"])
def test_one_sided_limits_have_one_guard_band(rule):
    decision = decide(-1e6, (-INF, 2.0), rule=rule, U=0.4)
    assert decision.statement == "pass"
    assert decision.tur is None
    assert decision.judgement.accept[0] == -INF
    assert 1.59 < decision.judgement.accept[1] < 1.68


@pytest.mark.parametrize("rule", ["jjf-1094", "z540.3-method-6", "target-pfa"])
def test_rules_that_need_both_limits_say_so(rule):
    with pytest.raises(UsageError) as caught:
        decide(0.0, (-INF, 2.0), rule=rule, U=0.4)
    assert caught.value.message.id == "metrology.rule-two-sided"


def test_an_asymmetric_zone_keeps_its_centre():
    accept = decide(0.0, (-4.0, 1.0), rule="jcgm-106", U=0.5).judgement.accept
    assert accept == pytest.approx((-4 + 0.41121, 1 - 0.41121), abs=1e-5)


def test_without_uncertainty_every_rule_is_that_of_the_limits():
    for rule in RULES:
        assert decide(2.0, TWO, rule=rule, U=0.0).statement == "pass", rule
        assert decide(2.1, TWO, rule=rule, U=0.0).statement == "fail", rule


def test_k_and_few_degrees_of_freedom_are_respected():
    assert decide(0.0, TWO, rule="ilac-g8-binary", U=0.6, k=3.0).judgement.accept[1] == 1.6
    few = decide(1.0, TWO, rule="ilac-g8-binary", U=0.6, k=3.0, dof=3)
    assert few.judgement.accept[1] == 1.4
    assert few.p_conform == pytest.approx(stats.t(3).cdf(5.0) - stats.t(3).cdf(-15.0), rel=1e-9)


# names and parameters ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("simple acceptance", "simple-acceptance/1"),
        ("Simple_Acceptance/1", "simple-acceptance/1"),
        ("JJF 1094", "jjf-1094/1"),
        ("ilac-g8", "ilac-g8-binary/1"),
        ("ILAC-G8 non-binary", "ilac-g8-non-binary/1"),
        ("ilac-g8-binary:r=0.83", "ilac-g8-binary/1:r=0.83"),
        ("ilac-g8-binary:r=1", "ilac-g8-binary/1"),
        ("target-pfa:pfa=0.01, itp=0.9", "target-pfa/1:pfa=0.01,itp=0.9"),
        ("simple-acceptance:ratio=none", "simple-acceptance/1:ratio=none"),
    ],
)
def test_a_rule_is_found_by_the_ways_in_which_people_write_it(text, name):
    rule = find_rule(text)
    assert rule.name == name
    assert find_rule(name).name == name


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("jcgm-105", "metrology.no-rule"),
        ("simple-acceptance/2", "metrology.no-rule"),
        ("z540.3-method-5:r=1", "metrology.no-parameter"),
        ("jcgm-106:p=1", "metrology.bad-parameter"),
        ("jcgm-106:p=x", "metrology.bad-parameter"),
        ("ilac-g8-binary:r=7", "metrology.bad-parameter"),
        ("target-pfa:pfa=0", "metrology.bad-parameter"),
        ("simple-acceptance:ratio=1/0", "metrology.bad-parameter"),
    ],
)
def test_a_rule_that_is_not_known_is_refused(text, id_):
    with pytest.raises(UsageError) as caught:
        find_rule(text)
    assert caught.value.message.id == id_


def test_a_misspelt_rule_is_suggested():
    with pytest.raises(UsageError, match="did you mean `jcgm-106`"):
        find_rule("jcgm106x")


def test_a_rule_that_needs_u_refuses_without_it():
    for id_, rule in RULES.items():
        if rule.needs_u:
            with pytest.raises(UsageError, match="needs U"):
                judge(0.0, TWO, rule=id_)
    assert [r.id for r in RULES.values() if not r.needs_u] == ["simple-acceptance"]


# sentences --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_statement_of_every_rule_has_one_sentence(language):
    seen = set()
    for rule in RULES:
        for value in (0.0, 1.7, 2.2, 9.0):
            for u in (0.4, 2.5):
                why = decide(value, TWO, rule=rule, U=u).judgement.why
                text = words(why, language)
                seen.add(why.id)
                assert "{" not in text
                assert "\n" not in text
    assert seen == {
        "inside", "outside", "accepted", "rejected", "clearly-outside", "conditional-pass",
        "conditional-fail", "undetermined", "uncertainty-too-large",
    }  # fmt: skip


def test_the_sentence_says_limits_guard_band_and_risk():
    why = decide(1.5, TWO, rule="ilac-g8-binary", U=0.4).judgement.why
    assert words(why) == (
        "1.50 % lies within the acceptance limits ±1.6 % (±2.0 % less a guard band of 0.40 %);"
        " it conforms with a probability of 99.38 %, and does not with 0.62 %"
    )
    assert words(decide(0.2, (-1.5, 1.5), U=0.6).judgement.why).startswith(
        "the uncertainty U = 0.60 % is too large for ±1.5 %: at most one third of the limit is"
        " allowed (0.50 %);"
    )


def test_a_judgement_for_the_record_carries_no_risk_but_the_reference():
    assert words(judge(0.41, TWO, U=0.12).why) == "0.41 % lies within ±2.0 %"


def test_a_retest_by_a_guarded_rule_counts_what_is_accepted():
    retest = Retest(2, 2, 3, mean_inside=True)
    errors = [2.5, 1.7, 1.5]
    simple = judge_runs(errors, TWO, retest=retest)
    guarded = judge_runs(errors, TWO, retest=retest, rule="ilac-g8-binary", U=0.4, k=2.0)
    assert simple.judgement.verdict is Verdict.PASS
    assert guarded.judgement.verdict is Verdict.FAIL


# risks ------------------------------------------------------------------------------------------


def test_specific_risks_are_those_of_the_tails():
    accepted = decide(1.8, TWO, U=0.4)
    assert accepted.p_conform == pytest.approx(ndtr(1.0), rel=1e-12)
    assert accepted.specific_risk == pytest.approx(ndtr(-1.0), rel=1e-12)
    rejected = decide(2.2, TWO, U=0.4)
    assert rejected.specific_risk == rejected.p_conform == pytest.approx(ndtr(-1.0), rel=1e-12)
    assert decide(None, TWO, U=0.4).specific_risk is None
    assert decide(1.0, TWO).p_conform is None
    assert decide(1.0, TWO, U=0.4).tur == pytest.approx(5.0)


@pytest.mark.parametrize("z", [2.0, 6.0, 12.0, 30.0])
def test_a_tail_keeps_its_digits(z):
    u = 0.01
    near = conformance(2 - z * u, u, TWO)
    far = conformance(2 + z * u, u, TWO)
    assert near.outside == pytest.approx(stats.norm.sf(z), rel=1e-9)
    assert far.within == pytest.approx(stats.norm.sf(z), rel=1e-9)
    assert sum(near) == pytest.approx(1.0)


@pytest.mark.parametrize("h", [1.97, 2.0, 2.5, 4.0, 30.0])
@pytest.mark.parametrize("dof", [INF, 9.0])
def test_the_ends_of_the_zone_conform_with_just_that_probability(h, dof):
    zone = zone_of_probability((-h, h), 1.0, 0.95, dof)
    if zone is None:
        assert conformance(0.0, 1.0, (-h, h), dof).within < 0.95
    else:
        assert conformance(zone[1], 1.0, (-h, h), dof).within == pytest.approx(0.95, abs=1e-12)


def by_integration(limits, accept, u_m, prior):
    """JCGM 106, (17) and (18): the integrals themselves."""

    def accepted(e):
        return ndtr((accept[1] - e) / u_m) - ndtr((accept[0] - e) / u_m)

    def density(e):
        return math.exp(-0.5 * ((e - prior.mean) / prior.s) ** 2) / (
            prior.s * math.sqrt(2 * math.pi)
        )

    low, high = prior.mean - 12 * prior.s, prior.mean + 12 * prior.s
    corners = [*limits, *accept, *(a + i * u_m for a in accept for i in (-6, -2, 2, 6))]

    def over(f, a, b):
        edges = sorted({a, b, *(c for c in corners if a < c < b)})
        return sum(quad(f, x, y, epsabs=1e-12)[0] for x, y in pairwise(edges))

    inside = max(low, limits[0]), min(high, limits[1])
    out = [(low, inside[0]), (inside[1], high)]
    pfa = sum(over(lambda e: accepted(e) * density(e), a, b) for a, b in out if a < b)
    return pfa, over(lambda e: (1 - accepted(e)) * density(e), *inside)


ACCEPTING = [*RULES, "ilac-g8-binary:r=0.83", "ilac-g8-binary:r=-1", "target-pfa:itp=0.9"]


@pytest.mark.parametrize("rule", ACCEPTING)
@pytest.mark.parametrize("ratio", [1.5, 3.0, 4.0, 10.0])
@pytest.mark.parametrize("prior", [Prior(0.0, 0.9), Prior(0.4, 1.3), Prior(-1.0, 0.3)])
def test_global_risks_are_the_integrals_of_jcgm_106(rule, ratio, prior):
    accept = find_rule(rule).zones(Situation(TWO, U=2.0 / ratio)).accept
    u_m = 1.0 / ratio
    found = global_risks(TWO, accept, u_m, prior)
    pfa, pfr = by_integration(TWO, accept, u_m, prior)
    assert found.pfa == pytest.approx(pfa, abs=1e-9)
    assert found.pfr == pytest.approx(pfr, abs=1e-9)
    assert found.p_accept == pytest.approx(found.p_in - found.pfr + found.pfa, abs=1e-12)


@pytest.mark.parametrize(
    ("mean", "accept"),
    [(2.0, (-2.0, 2.0)), (2.0, (-1.0, 1.5)), (0.0, (0.0, 2.0)), (-2.0, (-2.0, 0.0))],
)
def test_a_process_that_sits_on_a_limit_has_its_risks_too(mean, accept):
    prior = Prior(mean, 0.8)
    found = global_risks(TWO, accept, 0.5, prior)
    assert (found.pfa, found.pfr) == pytest.approx(by_integration(TWO, accept, 0.5, prior))


def test_one_sided_risks_are_half_of_it():
    both, one = (global_risks(t, t, 0.5, Prior(0.0, 1.0)) for t in (TWO, (-INF, 2.0)))
    assert one.pfa == pytest.approx(both.pfa / 2, rel=1e-3)
    assert guarded_for_pfa((-INF, 2.0), 0.5, 0.001, Prior(0.0, 1.0))[0] == -INF


def test_few_readings_make_a_one_sided_guard_band_wider():
    """JCGM 106, 8.3.3: t at 0.95 with 9 degrees of freedom, 1.833."""
    zone = zone_of_probability((-INF, 2.0), 0.1, 0.95, 9.0)
    assert zone == (-INF, pytest.approx(2 - 0.1 * 1.8331129, abs=1e-7))


@pytest.mark.parametrize("rule", ACCEPTING)
def test_drawn_meters_are_wrongly_accepted_as_often_as_predicted(rule):
    """20,000 meters through the rule's own zones; 10^6 of them in benchmarks/risk.py."""
    n, u_m, prior = 20_000, 0.3, Prior(0.2, 1.1)
    zones = find_rule(rule).zones(Situation(TWO, U=2 * u_m))
    rng = np.random.default_rng(7)
    true = rng.normal(prior.mean, prior.s, n)
    shown = true + rng.normal(0, u_m, n)
    passed = np.array([zones.statement(y) is Statement.PASS for y in shown.tolist()])
    inside = np.abs(true) <= 2
    predicted = global_risks(TWO, zones.accept, u_m, prior)
    for count, p in (
        (int((passed & ~inside).sum()), predicted.pfa),
        (int((~passed & inside).sum()), predicted.pfr),
    ):
        low, high = stats.binom.interval(0.999, n, p)
        assert low <= count <= high


def test_a_prior_of_reliability_has_that_share_in_tolerance():
    prior = prior_of_reliability((-3.0, 1.0), 0.9)
    assert prior.mean == -1.0
    assert conformance(prior.mean, prior.s, (-3.0, 1.0)).within == pytest.approx(0.9)
    for limits, itp in (((-INF, 1.0), 0.9), (TWO, 1.0)):
        with pytest.raises(ValueError, match="no prior"):
            prior_of_reliability(limits, itp)


@pytest.mark.parametrize("conditional", [False, True])
def test_a_guard_band_reaches_its_target_and_is_not_wider_than_needed(conditional):
    prior = prior_of_reliability(TWO, 0.8)
    accept = guarded_for_pfa(TWO, 0.4, 0.01, prior, conditional=conditional)
    found = global_risks(TWO, accept, 0.4, prior)
    risk = found.conditional_pfa if conditional else found.pfa
    assert risk == pytest.approx(0.01, abs=1e-9)
    assert guarded_for_pfa(TWO, 0.01, 0.02, prior) == TWO


def test_a_target_that_no_guard_band_reaches_is_refused():
    """Of the few that a hopeless process has accepted, most are out, however narrow the zone."""
    hopeless = Prior(6.0, 2.0)
    with pytest.raises(UsageError, match="no guard band"):
        guarded_for_pfa(TWO, 1.0, 0.01, hopeless, conditional=True)


def test_four_to_one_alone_does_not_give_two_percent():
    """The fact sheet's table: 2.24 % at TUR 4 without a guard band, 2 % from 4.51 on."""
    assert worst_pfa(TWO, TWO, 2 / 8) == pytest.approx(0.0224, abs=5e-5)
    assert worst_pfa(TWO, TWO, 2 / 9.02) == pytest.approx(0.0200, abs=5e-5)


def test_no_zone_accepts_nothing_and_rejects_all():
    found = global_risks(TWO, (1.0, -1.0), 0.3, Prior(0.0, 1.0))
    assert (found.pfa, found.p_accept, found.conditional_pfa) == (0.0, 0.0, 0.0)
    assert found.pfr == found.p_in
    with pytest.raises(ValueError, match="positive"):
        global_risks(TWO, TWO, 0.0, Prior(0.0, 1.0))
    with pytest.raises(ValueError, match="two-sided"):
        worst_pfa((-INF, 2.0), (-INF, 2.0), 0.3)
