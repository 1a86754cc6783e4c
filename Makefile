# The commands of every day. All of it runs in the lab, a real Slurm in a directory (lab/README.md), as root.

LAB := lab/lab

.PHONY: demo test check check-package docs deb asan fuzz bench soak up down clean

demo:  ## the daemon at work on a real cluster, until Ctrl-C; ONCE=1 ends by itself
	ONCE=$(ONCE) lab/demo

test:  ## everything, against the real Slurm of the lab
	$(LAB) up --reference
	$(MAKE) check
	$(LAB) run -- python -m pytest tests --ignore=tests/package
	$(MAKE) check-package

check:  ## style, types, and which room may import which
	$(LAB) up
	$(LAB) run -- ruff check
	$(LAB) run -- ruff format --check
	$(LAB) run -- mypy
	$(LAB) run -- lint-imports --no-cache

docs:  ## the pages of docs/, into build/pages
	$(LAB) up
	$(LAB) run -- mkdocs build --quiet

deb:  ## the Debian package, into dist/, for the Slurm and the Python of the lab
	$(LAB) up
	$(LAB) deb

check-package:  ## the package, and packaging/install, from installation to purge on machines under systemd
	$(LAB) up
	$(LAB) check-package

asan:  ## the parts in C, and a daemon with them, under AddressSanitizer; not part of `make test`
	$(LAB) up
	$(LAB) asan

fuzz:  ## hostile input, new every time, for FUZZ_MINUTES (10); not part of `make test`, which asks a little of it
	$(LAB) up --reference
	FUZZ_MINUTES=$(FUZZ_MINUTES) $(LAB) run -- tests/hostile/fuzz

bench:  ## ours against the real slurmrestd, 10,000 jobs
	$(LAB) up --reference
	bench/run

SOAK_MINUTES ?= 10

soak:  ## ours under mixed load while Slurm and its workers fail in turn; not part of `make test`
	$(LAB) up --reference
	$(LAB) run -- env PYTHONPATH=tests:tests/live python tests/soak/soak.py $(SOAK_MINUTES)

up:  ## the lab, with the real slurmrestd beside ours
	$(LAB) up --reference

down:
	$(LAB) down

clean:  ## what builds and checks left in the checkout; the lab stays (lab/lab destroy)
	rm -rf build dist *.egg-info .coverage .mypy_cache .pytest_cache .ruff_cache
	find pyslurmrestd plugins tests -name '*.so' -delete -o -name __pycache__ -prune -exec rm -rf {} +
