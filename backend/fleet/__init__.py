"""The agents in the shops: letting them in, hearing from them, telling them how to run.

What an agent reads is for devices; here is whether it lives, and with which configuration.
"""
