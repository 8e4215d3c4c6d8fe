"""Brings the database to the present schema and makes the first organisation."""

import asyncio
import os
import sys
from dataclasses import dataclass

import asyncpg

from backend.core.settings import BackendSettings
from backend.identity.organisations import ensure_first_organisation
from backend.infra import jobs
from backend.infra.migrator import migrate
from backend.programs import command
from backend.programs.demo import demo_organisation
from backend.programs.demo.places import ZONE


@dataclass(frozen=True, slots=True)
class FirstOrganisation:
    """What the organisation is called that an empty database gets."""

    code: str
    name: str
    currency: str
    timezone: str
    is_demo: bool


def main(argv: list[str]) -> int:
    """Migrate; safe to run again and from several processes at once."""
    parser = command.parser("migrate", "Bring the database to the current schema.")
    parser.add_argument(
        "--demo",
        action="store_true",
        help="an empty database gets the demo retailer's organisation",
    )
    for option, default, text in (
        ("name", "My shop", "name of the first organisation"),
        ("currency", "USD", "its currency, ISO 4217"),
        ("timezone", "UTC", "its time zone, IANA"),
    ):
        variable = f"SHELFCAST_ORGANISATION_{option.upper()}"
        given = os.environ.get(variable) or default
        parser.add_argument(f"--{option}", default=given, help=f"{text} (%(default)s)")
    arguments = parser.parse_args(argv)
    first = FirstOrganisation(
        code=demo_organisation.CODE if arguments.demo else "default",
        name=demo_organisation.NAME if arguments.demo else arguments.name,
        currency=demo_organisation.CURRENCY if arguments.demo else arguments.currency,
        timezone=ZONE if arguments.demo else arguments.timezone,
        is_demo=arguments.demo,
    )
    return command.run("migrate", lambda: _migrate(command.settings_of(arguments), first))


def _migrate(settings: BackendSettings, first: FirstOrganisation) -> int:
    with command.owner_url(settings) as url:
        done = asyncio.run(bring_up_to_date(settings, url, first))
    print(f"{len(done)} migrations run" if done else "the schema is up to date")
    return 0


async def bring_up_to_date(
    settings: BackendSettings, url: str, first: FirstOrganisation
) -> list[str]:
    """Migrate the database, install the job queue, make the first organisation; return what ran."""
    done = await migrate(settings, url, lambda _: None)
    owner = await asyncpg.connect(url)
    try:
        await jobs.install(owner)
        made = await ensure_first_organisation(
            owner,
            code=first.code,
            name=first.name,
            currency=first.currency,
            timezone=first.timezone,
            is_demo=first.is_demo,
        )
    finally:
        await owner.close()
    if made:
        print(f"organisation {first.code!r} made: {first.name}, {first.currency}, {first.timezone}")
    return done


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
