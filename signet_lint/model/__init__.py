"""What Argo CD would deploy, as frozen values that rules read."""
