"""rest_auth plugins: how a request shows who asks."""
