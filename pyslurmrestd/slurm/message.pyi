from ..data_parser.engine import Records

class Message:
    records: Records
    last_update: int
    last_backfill: int
    def __len__(self) -> int: ...
    def named(self, name: str, *, any_case: bool = ...) -> Records | None: ...
