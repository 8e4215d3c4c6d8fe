"""The dashboard as a program under test."""

import pytest

from dashboard.settings import DashboardSettings


@pytest.fixture
def dashboard_settings(tmp_path):
    """Settings with credentials; `model_copy(update={…})` changes one."""
    return DashboardSettings.model_validate(
        {
            "data_dir": tmp_path,
            "backend_url": "http://backend.example:8000",
            "dashboard_client_id": "wall",
            "dashboard_client_secret": "secret",
        }
    )
