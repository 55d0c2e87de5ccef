"""`.feature` files out of an item and into it."""

import pytest

from accounts.roles import Role
from activity.errors import InvalidError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.gherkin import parse
from backlog.models import Criterion
from backlog.selectors.features import feature_of
from backlog.services.criteria import GherkinTextError, add_criterion, edit_row, remove_row
from backlog.services.features import import_feature
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db

FILE = """\
@shop
Feature: Vouchers
  Background:
    Given a shop

  Scenario: pay by voucher
    When I pay
    Then it is paid

  Rule: once
    Example: twice
      When I pay twice
      Then I am refused
"""


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER)


@pytest.fixture
def item(house):
    return make_item(house.teams["checkout"], title="Vouchers")


def texts_of(item):
    return list(item.criteria.order_by("position").values_list("number", "form", "text"))


def test_add_criterion_refuses_a_scenario_that_does_not_read_with_its_line(item):
    with pytest.raises(GherkinTextError, match=r"^Line 2: “bla” has no place here") as caught:
        add_criterion(item=item, text="Given a shop\nbla", form="gherkin", by=None)

    assert [problem.line for problem in caught.value.problems] == [2]
    assert not item.criteria.exists()


def test_edit_row_refuses_it_too_and_takes_it_as_plain_text(item):
    row = add_criterion(item=item, text="Given a shop", form="gherkin", by=None)

    with pytest.raises(GherkinTextError):
        edit_row(row=row, text="bla", by=None)

    assert edit_row(row=row, text="bla", form="plain", by=None).form == Criterion.Form.PLAIN


def test_import_feature_makes_each_scenario_a_criterion_with_what_it_stands_under(item):
    done = import_feature(item=item, text=FILE, by=None)

    assert str(done) == "2 added, 0 updated, 0 as before"
    assert texts_of(item) == [
        (
            1,
            "gherkin",
            "Background:\n  Given a shop\n\n@shop\nScenario: pay by voucher\n  When I pay\n  Then it is paid",
        ),
        (
            2,
            "gherkin",
            "Background:\n  Given a shop\n\nRule: once\n\n  @shop\n  Example: twice\n    When I pay twice\n    Then I am refused",
        ),
    ]


def test_the_file_of_an_item_comes_back_without_a_change(item):
    import_feature(item=item, text=FILE, by=None)
    add_criterion(item=item, text="* looks good\nreally", by=None)
    add_criterion(item=item, text="Given another shop\nThen it opens", form="gherkin", by=None)
    before, events = texts_of(item), Event.objects.count()

    text = feature_of(item)
    done = import_feature(item=item, text=text, by=None)

    assert f"@id:{item.key}.1 @shop" in text
    assert text.endswith("leaves them as they are:\n# - * looks good\n#   really\n")
    assert str(done) == "0 added, 0 updated, 3 as before"
    assert (texts_of(item), Event.objects.count()) == (before, events)
    assert [scenario.id for scenario in parse(text).scenarios()] == [f"{item.key}.{number}" for number in (1, 4, 2)]


def test_import_feature_updates_the_rows_it_knows_by_id_and_keeps_the_others(item):
    import_feature(item=item, text=FILE, by=None)
    changed = feature_of(item).replace("When I pay\n", "When I pay it all\n").replace("Example: twice", "Example: two times")
    shortened, _, _ = changed.partition("  Rule:")

    assert str(import_feature(item=item, text=shortened, by=None)) == "0 added, 1 updated, 0 as before, 1 not in the file, kept"
    assert str(import_feature(item=item, text=changed, by=None)) == "0 added, 1 updated, 1 as before"
    assert [(number, "it all" in text, "two times" in text) for number, _, text in texts_of(item)] == [(1, True, False), (2, False, True)]


def test_import_feature_knows_scenarios_of_other_tools_by_id_words_or_name(item):
    foreign = "Feature: f\n@id:abc\nScenario: a\n  Given x\nScenario: b\n  Given y\n"

    assert import_feature(item=item, text=foreign, by=None).added == 2
    assert import_feature(item=item, text=foreign, by=None).same == 2
    again = import_feature(item=item, text=foreign.replace("Scenario: a", "Scenario: A").replace("Given y", "Given z"), by=None)
    assert (again.added, again.updated) == (0, 2)
    assert "@id:abc\n" in feature_of(item)


def test_import_feature_of_a_removed_row_makes_it_once(item):
    import_feature(item=item, text=FILE, by=None)
    text = feature_of(item)
    row = item.criteria.get(number=1)
    remove_row(row=row, by=None)

    assert import_feature(item=item, text=text, by=None).added == 1
    assert import_feature(item=item, text=text, by=None).added == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Feature: f\nbla\nScenario: s\nGiven x\nblu", "Line 5: “blu” has no place here"),
        ("Feature: f\n", "The file has no scenario. Nothing was changed."),
        ("Feature: f\n@id:OTHER-7.1\nScenario: s\n  Given x", "Line 3: this scenario belongs to OTHER-7."),
        ("Feature: f\n@id:a\nScenario: s\n@id:a\nScenario: t", "The id @id:a stands at line 3 already."),
        ("Feature: nul\x00\nScenario: s", "cannot be stored"),
        ("Feature: f\n" + "Scenario: s\n  Given x\n" * 201, "at most 200"),
    ],
)
def test_import_feature_refuses_what_it_cannot_take_and_changes_nothing(item, text, words):
    with pytest.raises(InvalidError, match=words):
        import_feature(item=item, text=text, by=None)

    assert not item.criteria.exists()


def test_an_import_is_taken_back_as_one_act(house, item):
    add_criterion(item=item, text="Scenario: pay by voucher\n  Given nothing", form="gherkin", by=None)
    before = texts_of(item)
    with one_act() as act:
        import_feature(item=item, text=FILE, by=house.people["owner"])
    assert len(texts_of(item)) == 2

    undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])

    assert texts_of(item) == before


def test_undo_gives_back_words_that_never_read_as_a_scenario(house, item):
    row = Criterion.objects.create(organization=house.organization, item=item, number=1, position=0, form="gherkin", text="Given x\nbla")
    with one_act() as act:
        edit_row(row=row, text="Given x", by=house.people["owner"])

    undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])

    assert texts_of(item) == [(1, "gherkin", "Given x\nbla")]
