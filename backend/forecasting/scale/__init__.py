"""Many processes, or a cluster: parts of a panel are worked on side by side, in bounded memory."""
