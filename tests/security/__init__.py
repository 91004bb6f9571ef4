"""The second reading of the security (docs/security.md): one file a number."""
