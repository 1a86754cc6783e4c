"""SIGHUP: what slurm.conf says now holds for the front end too, not for the workers alone."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from laboratory import Lab
from rest_daemon import StartDaemon

LEDGER = "/ledger/v0.0.45/pages"

MODULE = '''\
"""A content plugin that is served where there is an accounting database."""

from pyslurmrestd.application.context import Reply
from pyslurmrestd.openapi.path import ContentPlugin, Operation, Path
from pyslurmrestd.plugins.data_parser.tables.envelope import OPENAPI_RESP


def read(ctx):
    return Reply()


LEDGER = ContentPlugin(
    name="openapi/ledger",
    title="Ledger",
    tag="ledger",
    paths=(
        Path(
            url="/ledger/{data_parser}/pages",
            get=Operation(handler=read, summary="read", response=OPENAPI_RESP),
        ),
    ),
    needs_accounting=True,
)
'''


@pytest.fixture
def ledger(run_dir: Path) -> str:
    """PYTHONPATH with a package beside ours that has the plugin."""
    (run_dir / "ledger_plugin.py").write_text(MODULE)
    information = run_dir / "ledger_plugin-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: ledger-plugin\nVersion: 1.0\n"
    )
    (information / "entry_points.txt").write_text(
        "[pyslurmrestd.content]\nledger = ledger_plugin:LEDGER\n"
    )
    return os.pathsep.join(filter(None, (str(run_dir), os.environ.get("PYTHONPATH"))))


def test_a_new_accounting_setting_changes_which_paths_there_are(
    lab: Lab, start_daemon: StartDaemon, conf: Path, ledger: str
) -> None:
    with_accounting = conf.read_text()
    without = with_accounting.replace(
        "AccountingStorageType=accounting_storage/slurmdbd",
        "AccountingStorageType=accounting_storage/none",
    )
    assert without != with_accounting
    daemon = start_daemon("-f", str(conf), "127.0.0.1:0", PYTHONPATH=ledger)

    def status() -> int:
        code: int = lab.get(LEDGER, url=daemon.url).status
        return code

    assert status() == 200
    conf.write_text(without)
    daemon.process.send_signal(signal.SIGHUP)
    lab.wait_for(lambda: status() == 404)
    assert "/ledger" not in str(lab.get("/openapi/v3", url=daemon.url).json()["paths"])
    conf.write_text(with_accounting)
    daemon.process.send_signal(signal.SIGHUP)
    lab.wait_for(lambda: status() == 200)


def test_a_daemon_whose_user_has_become_slurm_user_ends(
    lab: Lab, start_daemon: StartDaemon, conf: Path
) -> None:
    daemon = start_daemon("-f", str(conf), "127.0.0.1:0")
    conf.write_text(conf.read_text().replace("SlurmUser=slurm", "SlurmUser=restd"))
    daemon.process.send_signal(signal.SIGHUP)
    assert daemon.process.wait(30) == 1
    lab.wait_for(
        lambda: daemon.lines[-1:] != [] and "must not run as SlurmUser" in daemon.lines[-1]
    )
