"""SGL1xx: an environment reaches its Applications (wiring steps 1 to 4)."""
