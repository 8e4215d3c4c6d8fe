"""The network: features, training, learning on, correction, and models as bytes. Pure."""
