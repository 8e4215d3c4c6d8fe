"""Runs of forecasting in the worker: training, learning on, judging, and when each is due."""
