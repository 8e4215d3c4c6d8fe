"""Sales and returns of all channels. A sale that happened is never refused for lack of stock."""
