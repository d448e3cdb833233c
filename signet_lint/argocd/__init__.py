"""Argo CD, emulated: ApplicationSets, sources and what becomes of rendered manifests (v3.1.9)."""
