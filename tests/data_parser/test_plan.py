"""Plans: what they need, and how long they are kept."""

from __future__ import annotations

from memory import Layout
from parts import LISTS

from pyslurmrestd.data_parser.model import Codec, F, Struct, list_of, pointer
from pyslurmrestd.data_parser.plan import MOST_PLANS, response_plan
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.plugins.data_parser.codecs.strings import STRING
from pyslurmrestd.plugins.data_parser.versions import V42, V43, V45


def test_a_plan_tells_what_its_dump_needs() -> None:
    inner = Struct(name="IN", record="part_t", fields=(F("name", needing("tres"), "Name"),))
    outer = Struct(
        name="OUT",
        fields=(
            F("one", list_of(pointer(inner), "INS"), "Parts"),
            F("two", needing("qos", "tres"), "Two"),
            F("three", needing("users"), "Not yet", until=V42),
        ),
    )
    for version, needs in ((V42, {"tres", "qos", "users"}), (V43, {"tres", "qos"})):
        plan = response_plan(resolve(outer, version), version, frozenset(), "json", LISTS)
        assert plan.needs == needs


def test_plans_are_kept_and_of_too_many_the_oldest_goes() -> None:
    answer = resolve(Struct(name="A", fields=(F("a", STRING, "A"),)), V45)
    first = response_plan(answer, V45, frozenset(), "json", LISTS)
    assert response_plan(answer, V45, frozenset(), "json", LISTS) is first
    assert response_plan(answer, V45, frozenset({"complex"}), "json", LISTS) is not first
    for _ in range(MOST_PLANS):
        response_plan(answer, V45, frozenset(), "json", Layout({}))
    assert response_plan.cache_info().currsize == MOST_PLANS
    assert response_plan(answer, V45, frozenset(), "json", LISTS) is not first


def needing(*needs: str) -> Codec:
    return Codec(name="NEEDING", kind="string", type="string", needs=needs)
