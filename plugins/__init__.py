"""The plugins that come with pyslurmrestd: contents, API versions, authentication, formats."""
