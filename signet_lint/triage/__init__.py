"""Which findings are reported: comments, the configuration and a baseline keep others out, in piles that are counted."""
