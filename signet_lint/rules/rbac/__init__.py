"""SGL2xx: Argo CD may manage what the Applications deploy (wiring step 5)."""
