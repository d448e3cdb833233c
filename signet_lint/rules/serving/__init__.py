"""SGL6xx: model servers."""
