"""What a handler gives or raises, and the answer that is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from pyslurmrestd import plugin
from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.application.protocol import Answerer, Head, Hello, Request
from pyslurmrestd.application.route import Routes
from pyslurmrestd.auth.credential import Credential, Peer
from pyslurmrestd.data_parser.engine import Records
from pyslurmrestd.data_parser.flags import DataParser
from pyslurmrestd.data_parser.model import F, Struct, list_of
from pyslurmrestd.errors import NotFound, Rejected, SlurmError
from pyslurmrestd.openapi.path import ContentPlugin, Operation, Path, Told
from pyslurmrestd.plugins.data_parser.codecs.numbers import UINT32
from pyslurmrestd.plugins.data_parser.codecs.steps import SELECTED_STEP
from pyslurmrestd.plugins.data_parser.codecs.strings import STRING
from pyslurmrestd.plugins.data_parser.codecs.times import TIMESTAMP_NO_VAL
from pyslurmrestd.plugins.data_parser.tables.envelope import response
from pyslurmrestd.plugins.data_parser.versions import V44, V45
from pyslurmrestd.slurm import load_library

HELLO = Hello("26.05.5", "lab", "accounting_storage/none", False, 64030, 64030, {}, 1)
SHOE = Struct(name="SHOE", fields=(F("size", UINT32, "Size"),))
SHOES = list_of(SHOE, "SHOES", empty="No shoes to dump")
SHOES_RESP = response(
    "SHOES_RESP",
    F("shoes", SHOES, "Shoes found", required=True),
    F("last_update", TIMESTAMP_NO_VAL, "Time of the last change", required=True),
    F("laces", STRING, "What ties them", until=V44),
)
SHOE_PARAM = Struct(
    name="SHOE_PARAM",
    fields=(F("shoe_name", STRING, "Name"), F("job_id", SELECTED_STEP, "Who wears it")),
)
ZERO = {"set": True, "infinite": False, "number": 0}

Handler = Callable[[Context], Reply]
Ask = Callable[[Handler], Any]


def answerer(handler: Handler, failed: Told | None) -> Answerer:
    load_library()
    from pyslurmrestd.application.answer import Site
    from pyslurmrestd.slurm import derived
    from pyslurmrestd.slurm.layout import LAYOUT

    LAYOUT.functions.update(derived.FUNCTIONS)
    path = Path(
        url="/shop/{data_parser}/shoe/{shoe_name}/{job_id}",
        get=Operation(
            handler=handler,
            summary="find a shoe",
            params=SHOE_PARAM,
            response=SHOES_RESP,
            failed=failed,
        ),
    )
    content = ContentPlugin(name="openapi/shop", title="Shop", tag="shop", paths=(path,))
    return Site(HELLO, Routes([content], [DataParser(V45)]), plugin.serializers(), "json").answer


def ask(handler: Handler, *, name: str = "left", job_id: str = "43") -> tuple[Head, dict[str, Any]]:
    """Head and body of the answer, without meta."""
    answer = answerer(handler, Told("Unable to find shoe {shoe_name}", "_find_shoe"))
    request = Request(
        "get /shop/v0.0.45/shoe/{shoe_name}/{job_id}",
        {"shoe_name": name, "job_id": job_id},
        "",
        None,
        "application/json",
        b"",
        Credential("token", token=""),
        Peer("tcp", "somewhere"),
    )
    items: Iterator[Any] = iter(answer(request))
    head = next(items)
    told = orjson.loads(b"".join(items))
    del told["meta"]
    return head, told


def raising(error: SlurmError) -> Handler:
    def handler(ctx: Context) -> Reply:
        raise error

    return handler


def error_entry(number: int, text: str, source: str, name: str) -> dict[str, Any]:
    return {"description": text, "error_number": number, "error": name, "source": source}


@pytest.mark.parametrize(
    ("error", "status", "entry"),
    [
        (
            SlurmError(1800),
            502,
            error_entry(
                1800,
                "Unable to find shoe left",
                "_find_shoe",
                "Unable to contact slurm controller (connect failure)",
            ),
        ),
        (
            SlurmError(2018, "Too small", "_measure"),
            422,
            error_entry(2018, "Too small", "_measure", "Invalid node name specified"),
        ),
        (
            NotFound(2018),
            404,
            error_entry(
                2018, "Unable to find shoe left", "_find_shoe", "Invalid node name specified"
            ),
        ),
    ],
)
def test_failed_call_is_told_in_its_operations_words_beside_empty_rows(
    error: SlurmError, status: int, entry: dict[str, Any]
) -> None:
    head, told = ask(raising(error))
    assert (head.status, told) == (
        status,
        {"shoes": [], "last_update": ZERO, "errors": [entry], "warnings": []},
    )


def test_rejected_request_is_told_in_the_form_that_the_document_requires() -> None:
    head, told = ask(raising(Rejected(9000, "No shoe is called that", "_check")))
    entry = error_entry(
        9000, "No shoe is called that", "_check", "Query empty or not RFC7320 compliant"
    )
    assert (head.status, told) == (
        422,
        {"shoes": [], "last_update": ZERO, "errors": [entry], "warnings": []},
    )


def test_last_change_of_what_is_told_stands_in_the_head() -> None:
    head, _ = ask(lambda ctx: Reply(last_update=1795265520))
    assert head.last_change == 1795265520


def test_required_row_that_a_reply_leaves_out_is_empty() -> None:
    _, told = ask(lambda ctx: Reply(shoes=[{"size": 43}]))
    assert told == {"shoes": [{"size": 43}], "last_update": ZERO, "errors": [], "warnings": []}


def test_row_of_another_version_is_left_out() -> None:
    _, told = ask(lambda ctx: Reply(laces="red"))
    assert told == {"shoes": [], "last_update": ZERO, "errors": [], "warnings": []}


def test_reply_with_a_row_that_the_response_has_not_is_an_error() -> None:
    with pytest.raises(TypeError, match="the response has no socks"):
        ask(lambda ctx: Reply(shoes=[], socks=[]))


def test_empty_list_of_records_is_told_with_a_warning() -> None:
    _, told = ask(lambda ctx: Reply(shoes=Records.at(None, 0, 0, 4)))
    assert told == {
        "shoes": [],
        "last_update": ZERO,
        "errors": [],
        "warnings": [{"description": "No shoes to dump", "source": ""}],
    }


@pytest.mark.parametrize("name", ["007", "0x10", "1e3", "t", "true", "null", "~", "9" * 100])
def test_name_in_the_path_is_taken_as_it_stands(name: str) -> None:
    found: list[Any] = []

    def handler(ctx: Context) -> Reply:
        found.append((ctx.params.shoe_name, ctx.params.job_id.job_id))
        return Reply()

    ask(handler, name=name, job_id="0x2b")
    assert found == [(name, 43)]


def test_text_of_a_failure_names_only_parameters_of_the_path() -> None:
    with pytest.raises(ValueError, match="no parameter colour in its path"):
        answerer(lambda ctx: Reply(), Told("Unable to find a shoe in {colour}", ""))
