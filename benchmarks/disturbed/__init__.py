"""A million reads through an agent whose world is disturbed at random, and what became of them.

`python -m benchmarks.disturbed --reads 1000000 --seed 1`. Scanners and RFID readers are simulated
on ptys and TCP; agent, backend and PostgreSQL are the real programs.
"""
