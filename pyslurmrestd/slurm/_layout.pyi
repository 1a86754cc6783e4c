sizes: dict[str, int]
members: dict[tuple[str, str], tuple[int, int, str]]
constants: dict[str, int]
functions: dict[str, int]
slurm_version_number: int
