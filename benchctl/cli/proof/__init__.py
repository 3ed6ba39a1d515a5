"""Commands of `records` about proof: verify, keys, anchors."""
