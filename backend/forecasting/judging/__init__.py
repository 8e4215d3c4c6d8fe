"""How good forecasts are: measures, baselines, back-tests, drift and promotion. Pure."""
