"""One request answered: what front end and workers exchange, and the way through a worker."""
