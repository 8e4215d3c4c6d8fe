import os
import signal
import socket
import subprocess
import sys

import pytest

from shelfcast.instance import CannotStart, Instance, birth, require_free_port


def test_a_second_start_on_the_same_folder_is_refused_and_told_where_the_first_is(tmp_path):
    with Instance(tmp_path) as first:
        first.write({"urls": {"wall": "http://localhost:8050"}}, {})

        with pytest.raises(CannotStart, match=rf"process {os.getpid()}; http://localhost:8050"):
            Instance(tmp_path).__enter__()


def test_a_folder_is_free_again_after_its_supervisor_ended(tmp_path):
    with Instance(tmp_path):
        pass

    with Instance(tmp_path) as second:
        assert second.read() == {}


def test_a_port_in_use_is_named_with_the_option_that_changes_it():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CannotStart, match=rf"port {port} .* --port {port + 1}"):
            require_free_port("127.0.0.1", port, "--port", "backend")


def test_children_of_a_killed_supervisor_are_ended_by_the_next(tmp_path):
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    left = Instance(tmp_path)
    left.write({}, {"worker": orphan.pid})

    with Instance(tmp_path):
        assert orphan.wait(5) == -signal.SIGTERM


def test_a_process_that_was_given_the_number_of_a_dead_child_is_left_alone(tmp_path):
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    left = Instance(tmp_path)
    left.write({}, {"worker": other.pid})
    path = tmp_path / "instance.json"
    path.write_text(path.read_text().replace(birth(other.pid), "1"))

    with Instance(tmp_path):
        assert other.poll() is None
    other.kill()
    other.wait()
