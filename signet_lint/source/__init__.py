"""Files under the root and positions inside them."""
