"""Entities: each command says, refuses and stays quiet; names through time; what may exist once only."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from domain.actors import OPERATOR
from domain.entities.commands import (
    AddAlias,
    ClassifyEntity,
    EntityCommand,
    MergeEntity,
    RegisterEntity,
    RegisterOffice,
    RenameEntity,
)
from domain.entities.decide import decide
from domain.entities.document import entity_details, entity_document
from domain.entities.events import (
    EntityAliasAdded,
    EntityClassified,
    EntityMerged,
    EntityOfficeRegistered,
    EntityRegistered,
    EntityRenamed,
)
from domain.entities.evolve import evolve
from domain.entities.founding import founding_facts
from domain.entities.names import NAME, SLUG, slugify
from domain.entities.state import Entity, survivor
from domain.errors import InvalidInput, NotFound, NotPermitted, Refused, UnreadableEvent
from domain.recording import Fact
from domain.reference.states import state_id
from domain.reservations import name_key
from tests.domain.given import (
    ADMINISTRATOR,
    NOBODY,
    SECRETARIAT,
    FakeWorld,
    an_id,
    context,
    folded,
    happened,
    recorded,
)

TODAY = date(2026, 11, 23)


@pytest.fixture
def world() -> FakeWorld:
    """A register at its first start: the States are there."""
    found = FakeWorld()
    for stream, fact in founding_facts():
        event = happened(fact, stream)
        found.reserve(event)
        found.entities[stream] = evolve(None, event)
    return found


def say(world: FakeWorld, command: EntityCommand, first_id: int = 1) -> tuple[Fact, ...]:
    """Decide and record, as the register does; the facts."""
    entity = world.entity(command.entity) if command.entity else None
    decision = decide(command, entity, context(world, first_id=first_id))
    events = recorded(decision, entity.version if entity else 0)
    for event in events:
        world.reserve(event)
    if events:
        world.entities[events[0].header.stream] = folded(evolve, entity, events)
    return decision.facts


def registered(world: FakeWorld, name: str, number: int = 1) -> UUID:
    say(world, RegisterEntity(name=name, category="stakeholder", kind="local_authority"), number)
    return an_id(number)


def name_on(world: FakeWorld, entity: UUID, day: str) -> str:
    return world.entities[entity].name_on(date.fromisoformat(day))


# -- the States


def test_the_195_states_are_there_from_the_start(world: FakeWorld) -> None:
    assert len(world.entities) == 195
    kenya = world.entities[state_id("KEN")]
    assert (kenya.category, kenya.membership, kenya.country, kenya.kind) == ("state", "member", "KEN", None)
    assert len({entity.slug for entity in world.entities.values()}) == 195


@pytest.mark.parametrize("said", ["Kenya", "KENYA", "肯尼亚", "ken"])
def test_a_state_holds_its_names_in_all_languages_and_its_code(world: FakeWorld, said: str) -> None:
    assert world.holder(NAME, name_key(said)) == state_id("KEN")
    with pytest.raises(Refused, match="already means Kenya") as refusal:
        say(world, RegisterEntity(name=said, category="stakeholder"))
    assert refusal.value.code == "name-taken"


def test_nobody_registers_another_state(world: FakeWorld) -> None:
    with pytest.raises(Refused) as refusal:
        say(world, RegisterEntity(name="Atlantis", category="state"))
    assert refusal.value.code == "category-closed"


def test_a_state_is_merged_into_nothing(world: FakeWorld) -> None:
    with pytest.raises(Refused) as refusal:
        say(world, MergeEntity(entity=state_id("KEN"), into=state_id("UGA"), reason="No."))
    assert refusal.value.code == "category-closed"


# -- RegisterEntity


def test_register_says_who_is_new(world: FakeWorld) -> None:
    facts = say(
        world,
        RegisterEntity(
            name=" City of  São Paulo ",
            category="stakeholder",
            kind="local_authority",
            country="BRA",
            names={"fr": "Ville de São Paulo"},
            aliases=("São Paulo", "são  paulo", "Ville de São Paulo"),
        ),
    )
    assert facts == (
        EntityRegistered(
            name="City of  São Paulo",
            slug="city-of-sao-paulo",
            category="stakeholder",
            kind="local_authority",
            country="BRA",
            names={"fr": "Ville de São Paulo"},
            aliases=("São Paulo",),
        ),
    )
    assert world.holder(NAME, "são paulo") == world.holder(SLUG, "city-of-sao-paulo") == an_id(1)


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (RegisterEntity(name="", category="stakeholder"), "name"),
        (RegisterEntity(name="x" * 301, category="stakeholder"), "name"),
        (RegisterEntity(name="two\nlines", category="stakeholder"), "name"),
        (RegisterEntity(name="nul\0", category="stakeholder"), "name"),
        (RegisterEntity(name="A", category="club"), "category"),  # type: ignore[arg-type]
        (RegisterEntity(name="A", category="un_entity", kind="academia"), "kind"),
        (RegisterEntity(name="A", category="stakeholder", kind="club"), "kind"),  # type: ignore[arg-type]
        (RegisterEntity(name="A", category="stakeholder", kind_in_words="club"), "kind_in_words"),
        (RegisterEntity(name="A", category="stakeholder", country="ZZZ"), "country"),
        (RegisterEntity(name="A", category="stakeholder", names={"tlh": "A"}), "names.tlh"),
        (RegisterEntity(name="A", category="stakeholder", names={"fr": " "}), "names.fr"),
        (RegisterEntity(name="A", category="stakeholder", aliases=("B", "")), "aliases.1"),
    ],
)
def test_register_refuses_bad_input(world: FakeWorld, command: RegisterEntity, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        say(world, command)
    assert list(refusal.value.errors) == [field]


def test_register_refuses_a_taken_name_and_says_whose_it_is(world: FakeWorld) -> None:
    registered(world, "City of Arua")
    with pytest.raises(Refused, match="already means City of Arua"):
        registered(world, "city of arua", 2)
    with pytest.raises(Refused, match="already means City of Arua"):
        say(world, RegisterEntity(name="Arua", category="stakeholder", aliases=("City of Arua",)), 2)


def test_register_stays_quiet_about_what_is_registered(world: FakeWorld) -> None:
    arua = registered(world, "City of Arua")
    assert say(world, RegisterEntity(entity=arua, name="City of Arua", category="stakeholder")) == ()
    assert say(world, RegisterEntity(entity=arua, name="City of Arua", category=None)) == ()
    with pytest.raises(Refused) as refusal:
        say(world, RegisterEntity(entity=arua, name="City of Gulu", category="stakeholder"))
    assert refusal.value.code == "entity-exists"


def test_a_kind_outside_the_list_keeps_its_word(world: FakeWorld) -> None:
    say(world, RegisterEntity(name="A", category="stakeholder", kind="other", kind_in_words="Sports club"))
    assert world.entities[an_id(1)].kind_in_words == "Sports club"


def test_addresses_are_told_apart_and_made_of_plain_letters(world: FakeWorld) -> None:
    registered(world, "City of Bogotá", 1)
    registered(world, "City of Bogota", 2)
    registered(world, "Город Омск", 3)
    slugs = [world.entities[an_id(number)].slug for number in (1, 2, 3)]
    assert slugs == ["city-of-bogota", "city-of-bogota-00000002", "entity-00000003"]
    assert slugify("Łódź & Ærø’s “Straße”") == "lodz-aero-s-strasse"
    assert len(slugify("word " * 100)) <= 80


# -- RenameEntity


def test_rename_says_the_new_name_from_a_day_on(world: FakeWorld) -> None:
    turkey = state_id("TUR")
    facts = say(world, RenameEntity(entity=turkey, name="Anatolia", effective_on="2022-06", reason="Note"))
    assert facts == (EntityRenamed(name="Anatolia", old_name="Türkiye", reason="Note"),)
    assert name_on(world, turkey, "2022-05-31") == "Türkiye"
    assert name_on(world, turkey, "2022-06-01") == "Anatolia"
    assert world.entities[turkey].names["en"] == "Anatolia"
    assert world.entities[turkey].names["fr"] == "Türkiye"
    assert "Türkiye" in world.entities[turkey].aliases
    assert world.holder(NAME, "anatolia") == world.holder(NAME, "türkiye") == turkey


def test_a_rename_learnt_of_late_leaves_the_later_one(world: FakeWorld) -> None:
    city = registered(world, "First")
    say(world, RenameEntity(entity=city, name="Third", effective_on="2024"))
    say(world, RenameEntity(entity=city, name="Second", effective_on="2020"))
    assert [name_on(world, city, f"{year}-07-01") for year in (2019, 2021, 2025)] == [
        "First",
        "Second",
        "Third",
    ]
    assert world.entities[city].name == "Third"
    assert world.entities[city].aliases == ("First", "Second")


def test_of_two_names_from_the_same_day_the_one_said_later_holds(world: FakeWorld) -> None:
    city = registered(world, "First")
    say(world, RenameEntity(entity=city, name="Typo", effective_on="2024-01-01"))
    say(world, RenameEntity(entity=city, name="Right", effective_on="2024-01-01"))
    assert name_on(world, city, "2024-01-01") == "Right"


def test_an_entity_may_take_an_old_name_back(world: FakeWorld) -> None:
    city = registered(world, "First")
    say(world, RenameEntity(entity=city, name="Second", effective_on="2024"))
    say(world, RenameEntity(entity=city, name="First", effective_on="2025"))
    assert world.entities[city].name == "First"


def test_rename_refuses_a_name_that_means_another(world: FakeWorld) -> None:
    city = registered(world, "City of Arua")
    with pytest.raises(Refused, match="already means Uganda"):
        say(world, RenameEntity(entity=city, name="uganda"))
    with pytest.raises(Refused, match="already means Uganda"):
        say(world, RenameEntity(entity=city, name="Arua", names={"fr": "Ouganda"}))


def test_rename_refuses_the_future(world: FakeWorld) -> None:
    city = registered(world, "City of Arua")
    with pytest.raises(InvalidInput) as refusal:
        say(world, RenameEntity(entity=city, name="Arua", effective_on="2026-11-24"))
    assert list(refusal.value.errors) == ["effective_on"]


def test_rename_stays_quiet_about_the_name_it_has(world: FakeWorld) -> None:
    city = registered(world, "City of Arua")
    assert say(world, RenameEntity(entity=city, name="City of Arua")) == ()
    assert say(world, RenameEntity(entity=city, name="City of Arua", names={"fr": "Ville d'Arua"})) != ()


# -- MergeEntity


def test_merge_says_into_whom(world: FakeWorld) -> None:
    one, two = registered(world, "Nairobi City County", 1), registered(world, "Nairobi County Government", 2)
    facts = say(world, MergeEntity(entity=one, into=two, reason="The same body."))
    assert facts == (EntityMerged(into=two, reason="The same body."),)
    assert survivor(world.entities[one], world.entity).id == two


def test_a_chain_of_merges_ends_at_one_survivor(world: FakeWorld) -> None:
    one, two, three = (registered(world, name, n) for n, name in enumerate(("A one", "B two", "C three"), 1))
    say(world, MergeEntity(entity=one, into=two, reason="Same"))
    say(world, MergeEntity(entity=two, into=three, reason="Same"))
    assert survivor(world.entities[one], world.entity).id == three
    with pytest.raises(Refused, match="C three"):
        say(world, RenameEntity(entity=one, name="D"))


def test_a_survivor_may_take_the_name_of_the_one_merged_into_it(world: FakeWorld) -> None:
    one, two = registered(world, "Nairobi City County", 1), registered(world, "Nairobi County Government", 2)
    say(world, MergeEntity(entity=one, into=two, reason="Same"))
    facts = say(world, RenameEntity(entity=two, name="Nairobi City County"))
    assert facts == (
        EntityRenamed(name="Nairobi City County", old_name="Nairobi County Government", inherited=("name",)),
    )
    assert say(world, AddAlias(entity=two, alias="nairobi city county")) == ()


def test_merge_refuses_itself_the_unknown_and_the_merged(world: FakeWorld) -> None:
    one, two, three = (registered(world, name, n) for n, name in enumerate(("A one", "B two", "C three"), 1))
    for into in (one, an_id(99)):
        with pytest.raises(InvalidInput) as refusal:
            say(world, MergeEntity(entity=one, into=into, reason="Same"))
        assert list(refusal.value.errors) == ["into"]
    say(world, MergeEntity(entity=two, into=three, reason="Same"))
    with pytest.raises(Refused, match="name that one"):
        say(world, MergeEntity(entity=one, into=two, reason="Same"))
    with pytest.raises(Refused, match="already merged"):
        say(world, MergeEntity(entity=two, into=one, reason="Same"))
    with pytest.raises(InvalidInput) as refusal:
        say(world, MergeEntity(entity=one, into=three, reason=" "))
    assert list(refusal.value.errors) == ["reason"]


def test_two_that_are_merged_into_each_other_at_once_cannot_both_be(world: FakeWorld) -> None:
    one, two = registered(world, "A one", 1), registered(world, "B two", 2)
    there = recorded(
        decide(MergeEntity(entity=one, into=two, reason="Same"), world.entities[one], context(world)), 1
    )
    back = recorded(
        decide(MergeEntity(entity=two, into=one, reason="Same"), world.entities[two], context(world)), 1
    )
    world.reserve(there[0])
    with pytest.raises(AssertionError, match="is held by"):
        world.reserve(back[0])


def test_merge_stays_quiet_about_what_is_merged(world: FakeWorld) -> None:
    one, two = registered(world, "A one", 1), registered(world, "B two", 2)
    say(world, MergeEntity(entity=one, into=two, reason="Same"))
    assert say(world, MergeEntity(entity=one, into=two, reason="Again")) == ()


# -- AddAlias


def test_alias_says_another_name(world: FakeWorld) -> None:
    assert say(world, AddAlias(entity=state_id("KEN"), alias="Republic of Kenya")) == (
        EntityAliasAdded(alias="Republic of Kenya"),
    )
    assert "Republic of Kenya" in world.entities[state_id("KEN")].aliases
    assert world.entities[state_id("KEN")].name == "Kenya"


def test_alias_refuses_what_means_another(world: FakeWorld) -> None:
    with pytest.raises(Refused, match="already means Uganda"):
        say(world, AddAlias(entity=state_id("KEN"), alias="UGANDA"))


@pytest.mark.parametrize("alias", ["Kenya", "kenya", "Кения", "KEN"])
def test_alias_stays_quiet_about_what_is_known(world: FakeWorld, alias: str) -> None:
    assert say(world, AddAlias(entity=state_id("KEN"), alias=alias)) == ()


# -- RegisterOffice


def test_office_says_through_whom_one_acts(world: FakeWorld) -> None:
    portugal = state_id("PRT")
    assert say(world, RegisterOffice(entity=portugal, office="Ministry of Foreign Affairs")) == (
        EntityOfficeRegistered(office="Ministry of Foreign Affairs"),
    )
    assert world.entities[portugal].offices == ("Ministry of Foreign Affairs",)


def test_office_refuses_a_blank(world: FakeWorld) -> None:
    with pytest.raises(InvalidInput):
        say(world, RegisterOffice(entity=state_id("PRT"), office="  "))


def test_office_stays_quiet_about_what_is_known(world: FakeWorld) -> None:
    say(world, RegisterOffice(entity=state_id("PRT"), office="Ministry of Foreign Affairs"))
    assert say(world, RegisterOffice(entity=state_id("PRT"), office="ministry of foreign affairs")) == ()


# -- doors, replay, documents


@pytest.mark.parametrize(
    "command",
    [
        RegisterEntity(name="A", category="stakeholder"),
        RenameEntity(entity=state_id("KEN"), name="A"),
        MergeEntity(entity=state_id("KEN"), into=state_id("UGA"), reason="Same"),
        AddAlias(entity=state_id("KEN"), alias="A"),
        RegisterOffice(entity=state_id("KEN"), office="A"),
    ],
)
def test_only_the_secretariat_may(world: FakeWorld, command: EntityCommand) -> None:
    entity = world.entity(command.entity) if command.entity else None
    for actor in (NOBODY, ADMINISTRATOR):
        with pytest.raises(NotPermitted):
            decide(command, entity, context(world, actor))
    for actor in (SECRETARIAT, OPERATOR):
        if not isinstance(command, MergeEntity):
            assert decide(command, entity, context(world, actor)).facts


def test_what_is_not_there_cannot_change(world: FakeWorld) -> None:
    with pytest.raises(NotFound):
        say(world, AddAlias(entity=an_id(77), alias="A"))


def test_replay_refuses_what_cannot_have_happened() -> None:
    with pytest.raises(UnreadableEvent):
        evolve(None, happened(EntityAliasAdded(alias="A"), an_id(1)))
    first = happened(EntityRegistered(name="A", slug="a", category="stakeholder"), an_id(1))
    with pytest.raises(UnreadableEvent):
        evolve(evolve(None, first), first)


def test_an_erased_name_and_address_do_not_stop_the_replay() -> None:
    gone = EntityRegistered(name="[erased]", slug="[erased]", category="stakeholder")
    entity = evolve(None, happened(gone, an_id(1)))
    assert entity.slug == str(an_id(1))


def named_only(world: FakeWorld) -> UUID:
    """An entity of which a source says the name and no more."""
    (fact,) = say(world, RegisterEntity(name="UNICEF", category=None))
    assert fact == EntityRegistered(name="UNICEF", slug="unicef")
    return an_id(1)


def test_what_was_unknown_of_an_entity_is_filled_in(world: FakeWorld) -> None:
    unicef = named_only(world)
    assert say(world, ClassifyEntity(entity=unicef, category="un_entity")) == (
        EntityClassified(category="un_entity"),
    )
    assert world.entities[unicef].category == "un_entity"
    assert say(world, ClassifyEntity(entity=unicef, category="un_entity")) == ()


def test_a_kind_is_filled_in_beside_a_known_category(world: FakeWorld) -> None:
    say(world, RegisterEntity(name="ANVITA", category="stakeholder"))
    command = ClassifyEntity(entity=an_id(1), category="stakeholder", kind="local_authority_network")
    assert say(world, command) == (EntityClassified(category="stakeholder", kind="local_authority_network"),)


def test_what_is_known_of_an_entity_is_not_filled_in_again(world: FakeWorld) -> None:
    city = registered(world, "Arua")
    for wrong in (
        ClassifyEntity(entity=city, category="un_entity"),
        ClassifyEntity(entity=city, category="stakeholder", kind="academia"),
    ):
        with pytest.raises(Refused) as refusal:
            say(world, wrong)
        assert refusal.value.code == "already-classified"


def test_nobody_becomes_a_state(world: FakeWorld) -> None:
    with pytest.raises(Refused) as refusal:
        say(world, ClassifyEntity(entity=named_only(world), category="state"))
    assert refusal.value.code == "category-closed"


def test_documents_tell_the_name_of_the_day(world: FakeWorld) -> None:
    kenya = state_id("KEN")
    say(world, RenameEntity(entity=kenya, name="Kenia", effective_on="2024"))
    entity: Entity = world.entities[kenya]
    assert entity_document(entity, date(2022, 5, 1)) == {
        "id": str(kenya),
        "name": "Kenya",
        "slug": "kenya",
        "category": "state",
        "kind": None,
        "kind_in_words": None,
        "country": "KEN",
        "region": "Africa",
    }
    details = entity_details(entity, TODAY)
    assert details["name"] == "Kenia"
    assert details["renames"] == [{"name": "Kenia", "old_name": "Kenya", "effective_on": "2024"}]
    assert details["aliases"] == ["Kenya"]
    assert details["names"]["ar"] == "كينيا"
