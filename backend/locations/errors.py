"""What can be wrong with a change of locations."""

from backend.core.errors import NotAllowed


class LocationOutOfReach(NotAllowed):
    """A location that who asks may not change: the token is limited to others."""

    code = "LOCATION_OUT_OF_REACH"
