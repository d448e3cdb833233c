"""SGL3xx: the operators that GPU inference needs, installed the way OLM takes."""
