"""Names in statistics, and who may not reconfigure, as the real daemons tell it."""

from __future__ import annotations

from typing import Any

import pytest
from comparison import SERVED, differences
from laboratory import Lab

each_version = pytest.mark.parametrize("version", SERVED)

NOBODY = 99


@each_version
def test_messages_of_all_kinds_and_users_are_named_as_the_real_daemon_names_them(
    lab: Lab, version: str
) -> None:
    """24.11 has no names for kinds of messages that are newer than it is, nor for nobody."""

    def named(answer: Any) -> Any:
        statistics = answer["statistics"]
        return {
            "types": {
                rpc["type_id"]: rpc["message_type"]
                for rpc in statistics["rpcs_by_message_type"]
                if not rpc["message_type"].isdigit()
            },
            "users": {
                rpc["user_id"]: rpc["user"]
                for rpc in statistics["rpcs_by_user"]
                if rpc["user_id"] != NOBODY
            },
        }

    lab.get("/slurm/v0.0.45/jobs/")
    url = f"/slurm/{version}/diag/"
    ours = named(lab.get(url).json())
    theirs = named(lab.get(url, url=lab.reference[SERVED[version]]).json())
    common = ours["types"].keys() & theirs["types"].keys()
    assert common
    assert {name: ours["types"][name] for name in common} == {
        name: theirs["types"][name] for name in common
    }
    assert ours["users"] == theirs["users"]


@each_version
def test_who_may_not_reconfigure_is_told_as_the_real_daemon_tells_it(
    lab: Lab, version: str
) -> None:
    url = f"/slurm/{version}/reconfigure/"
    ours = lab.get(url)
    theirs = lab.get(url, url=lab.reference[SERVED[version]])
    # 24.11 has 500 for all that a client may not do.
    assert (ours.status, theirs.status) == (422, 422 if SERVED[version] == "26.05" else 500)
    assert list(differences(ours.json(), theirs.json())) == []
