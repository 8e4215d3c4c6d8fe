"""Readers without hardware: ptys and TCP ports that speak any of the protocols."""

from __future__ import annotations

from edge_agent.simulator.codes import random_epcs, random_gtins
from edge_agent.simulator.pty_port import PtyPort, ScannerSimulator
from edge_agent.simulator.reader import Disturbance, ReaderSimulator
from edge_agent.simulator.speakers import SPEAKERS, LineSpeaker
from edge_agent.simulator.tcp_port import TcpPort

__all__ = [
    "SPEAKERS",
    "Disturbance",
    "LineSpeaker",
    "PtyPort",
    "ReaderSimulator",
    "ScannerSimulator",
    "TcpPort",
    "random_epcs",
    "random_gtins",
]
