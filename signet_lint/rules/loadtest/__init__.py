"""SGL8xx: the load test."""
