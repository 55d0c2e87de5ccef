"""Each model's terms add up, scale and hold what they promise."""

import ast
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prioritization.engine.models
from prioritization.engine.formula import MILLI, MOST, Enters, Formula, grown, milli
from prioritization.engine.models import (
    FACTORS,
    GENERAL,
    ICE,
    KANO,
    MODELS,
    MOSCOW,
    RICE,
    TYPICAL_COST,
    WEIGHTED,
    WSJF,
    Model,
    Weights,
    asked_factors,
    formula,
)

models = st.sampled_from(sorted(MODELS))


def typical(model: Model) -> dict[str, int]:
    return {spec.name: milli(spec.middle) for spec in model.factors if not spec.is_optional and spec.enters in (Enters.PLUS, Enters.TIMES)}


@st.composite
def scored(draw: st.DrawFn) -> tuple[Model, Formula, dict[str, int]]:
    """A model, perhaps with weights of its own, and values its factors take."""
    model = MODELS[draw(models)]
    weights = tuple((spec.name, Decimal(draw(st.integers(0, 5_000))) / 1000) for spec in model.columns)
    rate = draw(st.none() | st.integers(1, 10**9).map(lambda n: Decimal(n) / 1000))
    if not any(weight for _, weight in weights):
        weights = ()
    rule = formula(model.name, Weights(weights, rate))
    specs = [FACTORS[name] for name in (*rule.required, *draw(st.sets(st.sampled_from(rule.extras or ("",))))) if name]
    return model, rule, {spec.name: draw(st.integers(milli(spec.least), milli(spec.most))) for spec in specs}


@given(scored())
def test_terms_add_up_to_a_cost_of_delay_that_is_never_below_nothing(case):
    _, rule, values = case
    terms = rule.terms(values)
    assert set(terms) == set(values)
    assert 0 <= sum(terms.values()) <= MOST


@given(scored(), st.integers(0, 10**6))
def test_more_of_a_summed_factor_never_costs_less(case, more):
    _, rule, values = case
    name = rule.plus[0][0]
    assert sum(rule.terms({**values, name: values[name] + more}).values()) >= sum(rule.terms(values).values())


@given(models, st.integers(1, 100))
def test_weights_of_one_ratio_are_one(name, times):
    model = MODELS[name]
    weighted = formula(name, Weights(tuple((spec.name, Decimal(times)) for spec in model.columns)))
    assert weighted.terms(typical(model)) == formula(name).terms(typical(model))


@pytest.mark.parametrize("name", GENERAL)
def test_an_ordinary_item_costs_the_same_by_every_general_model(name):
    cost = Decimal(sum(formula(name).terms(typical(MODELS[name])).values())) / MILLI
    assert abs(cost - TYPICAL_COST) <= Decimal("0.02")


def test_a_name_means_the_same_in_every_model():
    for model in MODELS.values():
        for spec in model.factors:
            assert replace(spec, is_optional=False, typical=None) == replace(FACTORS[spec.name], is_optional=False, typical=None)


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_scales_are_within_what_a_factor_takes(model):
    for spec in model.factors:
        assert all(spec.least <= value <= spec.most for value in (*spec.scale, spec.middle))
        assert not spec.words or len(spec.words) == len(spec.scale)
        assert list(spec.scale) == sorted(spec.scale)


def test_wsjf_is_its_columns_as_they_are():
    assert formula("wsjf").terms({"business_value": 8_000, "time_criticality": 5_000, "risk_reduction": 1_000}) == {
        "business_value": 8_000,
        "time_criticality": 5_000,
        "risk_reduction": 1_000,
    }
    doubled = formula("wsjf", Weights((("business_value", Decimal(2)),)))
    terms = doubled.terms({"business_value": 8_000, "time_criticality": 4_000, "risk_reduction": 4_000})
    assert terms == {"business_value": 12_000, "time_criticality": 3_000, "risk_reduction": 3_000}


def test_multipliers_are_terms_that_add_up_to_the_product():
    assert formula("bug").terms({"severity": 8_000, "reach": 500, "frequency": 1_500}) == {
        "severity": 8_000,
        "reach": -4_000,
        "frequency": 2_000,
    }
    eased = formula("bug").terms({"severity": 8_000, "reach": 1_000, "frequency": 1_000, "workaround": 750})
    assert eased["workaround"] == -6_000


def test_rice_and_ice_divide_by_their_own_size():
    name, sizing = formula("rice").size or pytest.fail("RICE has an effort")
    assert (name, sizing.milli_points(4_000)) == ("effort", 8_000)
    name, sizing = formula("ice").size or pytest.fail("ICE has an ease")
    assert (name, sizing.milli_points(10_000), sizing.milli_points(1_000)) == ("ease", 1_000, 10_000)
    duration = formula("cd3").size or pytest.fail("CD3 has a duration")
    assert duration[1].milli_points(1) == 1_000  # half a day at least


def test_wont_and_reverse_are_on_hold():
    assert formula(MOSCOW.name).is_on_hold({"moscow": 0})
    assert not formula(MOSCOW.name).is_on_hold({"moscow": 1_000})
    assert formula(KANO.name).is_on_hold({"business_value": 5_000, "kano": 0})
    assert not formula(WSJF.name).is_on_hold({"business_value": 0})


def test_a_column_without_weight_is_not_asked_for_and_the_others_take_its_part():
    weights = Weights((("revenue", Decimal(0)),))
    assert [spec.name for spec in asked_factors(WEIGHTED.name, weights)] == ["customer_value", "strategy_fit", "risk_removed", "confidence"]
    rule = formula(WEIGHTED.name, weights)
    values = dict.fromkeys(rule.required, 3_000)
    assert abs(sum(rule.terms(values).values()) - 15_000) <= 1


def test_weights_that_sum_to_nothing_and_a_model_without_terms_are_refused():
    with pytest.raises(ValueError, match="sum to nothing"):
        formula(ICE.name, Weights((("gain", Decimal(0)),)))
    with pytest.raises(ValueError, match="no terms"):
        Model("empty", "Empty", "", (RICE.factors[-1],))


@given(st.integers(0, MOST), st.integers(0, 25_000))
def test_a_grown_total_is_the_product_half_up(total, by):
    assert total + grown(total, by) == min((total * by + 500) // 1000, MOST)


def test_a_model_is_a_declaration_of_at_most_twenty_lines():
    lines = {
        node.value.args[0].value: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.parse(Path(prioritization.engine.models.__file__).read_text()).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "Model"
        and isinstance(node.value.args[0], ast.Constant)
    }

    assert lines.keys() == MODELS.keys()
    assert max(lines.values()) <= 20
