"""The front end: listening, authentication, routing, replies. Never loads libslurm."""
