"""SGL0xx: the repository can be read."""
