"""SGL9xx: capacity and environments."""
