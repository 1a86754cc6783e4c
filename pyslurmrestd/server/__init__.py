"""The front end: listening, authentication, routing, answers. Never loads libslurm."""
